"""Language detection: wirewatch, the library it builds on, and other detectors, over real headlines and short texts.

    python -m bench.language [--texts 4000]

Texts: headlines in twenty languages that were written for this (bench/data/headlines.txt), the headlines of the feeds in
../shared/data/feeds.tar.xz (nearly all English), and lines of the pages in pages.tar.xz, whole and cut to 60 and 30
characters. A real text's label is what its feed or page declares, kept only if all of the feed's headlines together, or the
page's whole text, are detected as that language too. At most 150 texts come from one feed and 600 from one language, so that
English does not decide. Printed are the shares that got the right answer, a wrong one (worse than none, for a monitor), and
none. The last line gives wirewatch the declared language, which here is the label: it shows only how much that can help.
Detectors that are not installed are skipped.
"""

import argparse
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.extraction import read_by_wirewatch, samples_or_exit
from bench.material.feeds import FEEDS, real_feeds
from bench.material.results import Figure, record
from enrich.language import UNKNOWN, detect
from ingest.page.metadata import primary_language

OWN = Path(__file__).parent / "data" / "headlines.txt"
MOST_OF_A_FEED, MOST_OF_A_LANGUAGE = 150, 600
LONG = 400  # characters that are enough to check a label
SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}


class Labelled(NamedTuple):
    """A text and its language."""

    text: str
    language: str


class Shares(NamedTuple):
    """The shares of texts that got the right, a wrong, and no answer."""

    right: float
    wrong: float
    none: float

    def shown(self) -> str:
        """The shares as a cell of the table."""
        return "  ".join(f"{share:.3f}" for share in self)


Detect = Callable[[str], str]


def main() -> None:
    """Run all and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--texts", type=int, default=4000)
    limit = options.parse_args().texts
    logging.disable(logging.CRITICAL)
    if not FEEDS.exists():
        sys.exit(f"skipped: {FEEDS} is not there")
    sets = texts(limit)
    for name, labelled in sets.items():
        spoken = Counter(one.language for one in labelled)
        print(f"{name}: {len(labelled)} texts in {len(spoken)} languages ({dict(spoken.most_common(8))} ...)")
    print(f"{'':<26}" + "".join(f"{name:>22}" for name in sets) + "   texts per   load  RSS")
    print(f"{'':<26}" + "".join(f"{'right  wrong  none':>22}" for _ in sets) + "   CPU-second  s     MB")
    alone = {name: _measure(name, load, sets) for name, load in DETECTORS.items()}
    helped = [_shares(labelled, lambda one: detect(one.text, one.language)) for labelled in sets.values()]
    print(f"{'wirewatch, told the label':<26}" + "".join(f"{share.shown():>22}" for share in helped))
    record("language", _figures(alone, helped))


def _figures(alone: Mapping[str, Sequence[Shares]], helped: Sequence[Shares]) -> list[Figure]:
    """The figures for the two sets of headlines, which come first."""
    figures = []
    for number, kind in enumerate(("headlines in twenty languages", "headlines of real feeds")):
        first = {name: shares[number] for name, shares in alone.items() if shares}
        ours = first.pop("wirewatch")
        right = {name: round(share.right, 3) for name, share in first.items()}
        wrong = {name: round(share.wrong, 3) for name, share in first.items()}
        figures += [
            Figure(f"language of {kind}, told nothing: right", round(ours.right, 3), peers=right),
            Figure("the same: wrong", round(ours.wrong, 3), peers=wrong),
            Figure("the same: left open", round(ours.none, 3)),
            Figure(f"language of {kind}, told what the feed declares: right", round(helped[number].right, 3)),
            Figure("the same: wrong", round(helped[number].wrong, 3)),
        ]
    return figures


def texts(limit: int) -> dict[str, list[Labelled]]:
    """The texts, by kind."""
    headlines = _even(_headlines(), limit)
    sentences = _even(_sentences(), limit)
    return {
        "20 languages": list(_own_headlines()),
        "headlines": headlines,
        "sentences": sentences,
        "60 characters": [Labelled(_cut(one.text, 60), one.language) for one in (*headlines, *sentences)][
            :limit
        ],
        "30 characters": [Labelled(_cut(one.text, 30), one.language) for one in (*headlines, *sentences)][
            :limit
        ],
    }


def _cut(text: str, size: int) -> str:
    """The beginning of a text, cut between words."""
    return text if len(text) <= size else text[:size].rpartition(" ")[0] or text[:size]


def _even(found: Iterator[Labelled], limit: int) -> list[Labelled]:
    """At most `limit` texts, and at most `MOST_OF_A_LANGUAGE` of each language."""
    drawn = list(found)
    random.Random(1).shuffle(drawn)
    taken: Counter[str] = Counter()
    kept = []
    for one in drawn:
        taken[one.language] += 1
        if taken[one.language] <= MOST_OF_A_LANGUAGE:
            kept.append(one)
    return kept[:limit]


def _own_headlines() -> Iterator[Labelled]:
    """Those of the file: a line each, under the code of their language in brackets."""
    language = ""
    for line in OWN.read_text("utf-8").splitlines():
        if line.startswith("["):
            language = line[1:3]
        elif line and not line.startswith("#"):
            yield Labelled(line, language)


def _headlines() -> Iterator[Labelled]:
    for feed in real_feeds():
        titles = list(dict.fromkeys(entry.title for entry in feed.items if len(entry.title) >= 15))
        language = _checked(primary_language(feed.language), " ".join(titles))
        if language:
            yield from (Labelled(title, language) for title in titles[:MOST_OF_A_FEED])


def _sentences() -> Iterator[Labelled]:
    for page in samples_or_exit():
        article = read_by_wirewatch(page)
        if article is None:
            continue
        if language := _checked(article.declared_language, article.text):
            lines = [line for line in article.text.split("\n") if len(line) >= 80]
            yield from (Labelled(line[:160], language) for line in lines[:3])


def _checked(declared: str, text: str) -> str:
    """The declared language if the long text is in it; '' if not, or if unsure."""
    declared = SAME.get(declared, declared)
    return declared if len(text) >= LONG and SAME.get(found := detect(text), found) == declared else ""


def _measure(name: str, load: Callable[[], Detect], sets: dict[str, list[Labelled]]) -> list[Shares]:
    """Print a row; returns the shares for each set of texts, none if the detector is not installed."""
    before, started = psutil.Process().memory_info().rss, time.process_time()
    try:
        find = load()
    except ImportError:
        print(f"{name:<26}skipped: not installed")
        return []
    find("The talks were suspended until Friday.")
    loaded = time.process_time() - started
    started = time.process_time()
    shares = [_shares(labelled, lambda one: find(one.text)) for labelled in sets.values()]
    seconds = time.process_time() - started
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    speed = sum(map(len, sets.values())) / seconds
    print(
        f"{name:<26}"
        + "".join(f"{share.shown():>22}" for share in shares)
        + f"{speed:>12,.0f} {loaded:>6.2f} {grown:>5.0f}",
        flush=True,
    )
    return shares


def _shares(labelled: list[Labelled], find: Callable[[Labelled], str]) -> Shares:
    found = [(SAME.get(answer := find(one), answer), one.language) for one in labelled]
    right = sum(answer == language for answer, language in found) / len(found)
    none = sum(answer in (UNKNOWN, "", "un") for answer, _ in found) / len(found)
    return Shares(right, 1 - right - none, none)


def _py3langid() -> Detect:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - each is loaded when its turn comes

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: str(identifier.classify(text)[0])


def _lingua(*, low: bool) -> Detect:
    from lingua import LanguageDetectorBuilder  # noqa: PLC0415

    builder = LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def find(text: str) -> str:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name.lower() if language else ""

    return find


def _cld2() -> Detect:
    import pycld2  # noqa: PLC0415

    def find(text: str) -> str:
        try:
            return primary_language(pycld2.detect(text)[2][0][1])
        except pycld2.error:
            return ""

    return find


def _cld3() -> Detect:
    import gcld3  # noqa: PLC0415

    identifier = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)

    def find(text: str) -> str:
        found = identifier.FindLanguage(text=text)
        return primary_language(found.language) if found.is_reliable else ""

    return find


def _fasttext() -> Detect:
    import fasttext  # noqa: PLC0415

    with as_file(files("enrich").joinpath("data/lid.176.ftz")) as path:
        model = fasttext.load_model(str(path))
    return lambda text: str(model.predict(text.replace("\n", " "))[0][0]).removeprefix("__label__")


DETECTORS: dict[str, Callable[[], Detect]] = {
    "wirewatch": lambda: detect,
    "py3langid": _py3langid,
    "lingua, low accuracy": lambda: _lingua(low=True),
    "lingua, high accuracy": lambda: _lingua(low=False),
    "pycld2": _cld2,
    "cld3": _cld3,
    "fastText lid.176.ftz": _fasttext,
}

if __name__ == "__main__":
    main()
