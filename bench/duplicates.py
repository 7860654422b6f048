"""Measures how well copies of a text are found, compared with gaoya (the best library measured), over the news texts in
../shared/data.

    pip install gaoya==0.2.2 && python -m bench.duplicates [--texts 4000]

Every tenth text is followed by a copy, edited in one of eight ways. A copy counts as found if it is grouped with its text.
Every text in a group is also compared with the first one by the exact similarity of their word triples; below 0.15 it counts as
unlike (agencies repeat themselves, so there are some true repeats). Printed for both: recall by kind of edit, those unlike,
CPU, bytes.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from bench.material.news import news_or_exit
from bench.material.results import Figure, record
from enrich.stories.clusterer import Stories
from enrich.stories.signature import SIMILAR
from query.tokens import terms

NOW = datetime(2026, 3, 14, tzinfo=UTC)
FALSE = 0.15
SHORTEST = 60
"""Minimum words of a text: in a shorter one, an edit leaves nothing to recognise it by."""


class Found(NamedTuple):
    """The results of one side."""

    recall: float
    joined: int
    unlike: int
    milliseconds: float


class Item(NamedTuple):
    """A text, or the edited copy of one."""

    id: str
    text: str
    copy_of: str = ""
    edit: str = ""


def _sentences(text: str) -> list[str]:
    return [part for part in text.replace("\n", " ").split(". ") if part.strip()]


def _joined(parts: list[str]) -> str:
    return ". ".join(parts)


EDITS: dict[str, Callable[[list[str], random.Random], str]] = {
    "last third cut": lambda s, _: _joined(s[: max(1, len(s) * 2 // 3)]),
    "first sentence reworded": lambda s, r: _joined([_reworded(s[0], r, 0.7), *s[1:]]),
    "a sentence in four left out": lambda s, r: _joined([one for one in s if r.random() > 0.25] or s),
    "sentences in another order": lambda s, r: _joined(r.sample(s, len(s))),
    "a word in twenty replaced": lambda s, r: _reworded(_joined(s), r, 0.05),
    "a word in ten replaced": lambda s, r: _reworded(_joined(s), r, 0.1),
    "a paragraph added": lambda s, r: _joined([*s, " ".join(f"own{r.randrange(500)}" for _ in range(50))]),
    "boilerplate around it": lambda s, _: (
        f"Reporting by our staff. {_joined(s)}. Sign up for our letter and follow us."
    ),
}


def _reworded(text: str, chosen: random.Random, share: float) -> str:
    return " ".join(
        f"other{chosen.randrange(5000)}" if chosen.random() < share else word for word in text.split()
    )


def items(number: int) -> Iterator[Item]:
    """The texts, every tenth followed by a copy."""
    chosen = random.Random(20160314)
    kinds = list(EDITS)
    for count, one in enumerate(
        islice((n for n in news_or_exit() if len(n.text.split()) >= SHORTEST), number)
    ):
        yield Item(one.id, one.text)
        if count % 10 == 0:
            kind = kinds[count // 10 % len(kinds)]
            yield Item(f"{one.id}-copy", EDITS[kind](_sentences(one.text), chosen), one.id, kind)


def ours(found: list[Item]) -> tuple[dict[str, str], float, str]:
    """For each text the first one like it, CPU seconds, and the bytes per article."""
    stories = Stories(timedelta(days=3), len(found))
    started = time.process_time()
    told = {item.id: stories.place(item.id, "", item.text[:1000], item.text, NOW).copies for item in found}
    return (
        told,
        time.process_time() - started,
        "200 bytes in memory with its index, and what describes its story",
    )


def gaoyas(found: list[Item]) -> tuple[dict[str, str], float, str]:
    """The same with gaoya: 3-word shingles, 128 hashes."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415 - needs to be installed for this

    index: Any = MinHashStringIndex(
        hash_size=32, jaccard_threshold=SIMILAR, num_bands=42, band_size=3, analyzer="word", lowercase=True,
        ngram_range=(3, 3),
    )  # fmt: skip
    told: dict[str, str] = {}
    started = time.process_time()
    for number, item in enumerate(found):
        like = index.query(item.text)
        told[item.id] = told[found[min(like)].id] if like else item.id
        index.insert_document(number, item.text)
    return told, time.process_time() - started, "504 bytes of signature, and its bands, in memory only"


def main() -> None:
    """Run both, and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--texts", type=int, default=4000)
    found = list(items(options.parse_args().texts))
    triples = {item.id: _triples(item.text) for item in found}
    sides = {}
    for name, run in (("wirewatch", ours), ("gaoya", gaoyas)):
        try:
            told, seconds, size = run(found)
        except ImportError:
            print(f"{name}: not installed")
            continue
        sides[name] = _judged(name, found, told, triples)._replace(milliseconds=1000 * seconds / len(found))
        print(f"  CPU {sides[name].milliseconds:.2f} ms an article of {len(found)}; {size}")
    record("duplicates", _figures(sides))


def _figures(sides: Mapping[str, Found]) -> list[Figure]:
    ours, others = sides["wirewatch"], {name: side for name, side in sides.items() if name != "wirewatch"}

    def figure(what: str, read: Callable[[Found], float], unit: str = "") -> Figure:
        return Figure(what, read(ours), unit, peers={name: read(side) for name, side in others.items()})

    return [
        figure("edited copies found with their text: recall", lambda one: round(one.recall, 3)),
        figure("texts taken for copies", lambda one: one.joined),
        figure("of those, unlike the first text", lambda one: one.unlike),
        figure("finding an article's copies and story", lambda one: round(one.milliseconds, 2), "ms of CPU"),
    ]


def _triples(text: str) -> set[tuple[str, ...]]:
    words = terms(text)
    return set(zip(words, words[1:], words[2:], strict=False))


def _judged(
    name: str, found: list[Item], told: dict[str, str], triples: dict[str, set[tuple[str, ...]]]
) -> Found:
    """Compare one side's groups with the truth, and print the result."""
    copies = [item for item in found if item.copy_of]
    well = Counter(item.edit for item in copies if told[item.id] == told[item.copy_of])
    every = Counter(item.edit for item in copies)
    recall = sum(well.values()) / len(copies)
    print(f"{name}: recall {recall:.3f} of {len(copies)} copies")
    for kind in EDITS:
        print(f"  {well[kind] / every[kind]:.2f}  {kind}")
    joined = [item for item in found if told[item.id] != item.id]
    false = sum(_similar(triples[item.id], triples[told[item.id]]) < FALSE for item in joined)
    print(
        f"  precision {1 - false / max(len(joined), 1):.3f}: {false} of {len(joined)} joined are unlike the first"
    )
    return Found(recall, len(joined), false, 0.0)


def _similar(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / max(len(one | other), 1)


if __name__ == "__main__":
    main()
