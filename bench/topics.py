"""Measures how well topics tag, on Reuters-21578.

    python -m bench.topics [--tune]

Country topics (bench/data/places.toml) are compared with PLACES, and 26 subject topics (bench/data/subjects.toml) with
TOPICS, on the test split of ModApte. Printed: precision, recall and micro-F1 for any mention, for a salient one, and as the
files define. `usa` is left out. A label without a topic counts as missed among places; among subjects only the 26 count. --tune
prints, on the training split, the results of other bounds of salience: nothing was chosen on the test split.
"""

import argparse
import html
import re
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.material.results import Figure, record
from enrich.names.salience import LEAD, TIMES, is_salient
from enrich.topics import Topic, load_topics
from query.match import Prepared, match, prepare
from stream.messages import Span

DATA = Path(__file__).parents[2] / "shared/data/reuters21578.tar.xz"
TOPICS = Path(__file__).parent / "data"
LEFT_OUT = "usa"

Keep = Callable[[Topic, Sequence[Span], Prepared], bool]


class Labelled(msgspec.Struct, frozen=True):
    """A text and what its editors said it is about."""

    prepared: Prepared
    places: frozenset[str]
    subjects: frozenset[str]


class Tagged(msgspec.Struct, frozen=True):
    """A text, the topics that it should have, and those that matched."""

    prepared: Prepared
    wanted: frozenset[str]
    found: Mapping[str, Sequence[Span]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tune", action="store_true", help="the training split, with other bounds")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} is absent")
    texts = list(read("TRAIN" if options.tune else "TEST"))
    places, subjects = load("places"), load("subjects")
    of_places = tagged(places, texts, lambda one: one.places - {LEFT_OUT})
    of_subjects = tagged(subjects, texts, lambda one: one.subjects & subjects.keys())
    print(f"{len(texts)} texts, {len(places)} countries, {len(subjects)} subjects")
    figures = []
    for name, topics, found in (("countries", places, of_places), ("subjects", subjects, of_subjects)):
        every = report(f"{name}, any mention", topics, found, lambda *_: True)
        report(f"{name}, a salient one", topics, found, lambda _, spans, text: is_salient(spans, text))
        asked = report(f"{name}, as asked for", topics, found, as_asked(LEAD, TIMES))
        figures += [
            Figure(
                f"{len(topics)} topics of {name} against Reuters-21578's labels: micro-F1, any mention",
                round(every, 1),
            ),
            Figure(f"the same for {name}, as the topics are defined (salient mentions)", round(asked, 1)),
        ]
        if options.tune:
            for lead in (15, 20, 30, 40, 60):
                for times in (2, 3, 4):
                    bounds = f"{name}, first {lead} words or {times} times"
                    report(bounds, topics, found, as_asked(lead, times))
    record("topics", figures)


def as_asked(lead: int, times: int) -> Keep:
    """The mentions that a topic's definition requires, with these bounds of salience."""
    return lambda topic, spans, text: topic.mention == "any" or is_salient(spans, text, lead, times)


def load(name: str) -> dict[str, Topic]:
    file = TOPICS / f"{name}.toml"
    return {topic.id: topic for topic in load_topics(file.read_bytes(), file.name)}


def read(split: str) -> Iterator[Labelled]:
    """The texts of one half of the ModApte split."""
    with tarfile.open(DATA) as archive:
        for name in sorted(name for name in archive.getnames() if name.endswith(".sgm")):
            file = archive.extractfile(name)
            assert file
            for head, story in re.findall(
                r"<REUTERS(.*?)>(.*?)</REUTERS>", file.read().decode("latin-1"), re.DOTALL
            ):
                if f'LEWISSPLIT="{split}"' in head and 'TOPICS="YES"' in head:
                    yield labelled(story)


def labelled(story: str) -> Labelled:
    title, dateline, body = (within(tag, story) for tag in ("TITLE", "DATELINE", "BODY"))
    if not body:  # a text of one piece
        body = re.sub(
            r"<TITLE>.*?</TITLE>|<DATELINE>.*?</DATELINE>|<.*?>", "", text_of(story), flags=re.DOTALL
        )
    text = f"{dateline.strip()} {body.strip()}"
    return Labelled(
        prepare(html.unescape(title), html.unescape(text), {}),
        labels("PLACES", story),
        labels("TOPICS", story),
    )


def text_of(story: str) -> str:
    found = re.search(r"<TEXT.*?>(.*)</TEXT>", story, re.DOTALL)
    return found[1] if found else ""


def within(tag: str, story: str) -> str:
    found = re.search(f"<{tag}>(.*?)</{tag}>", story, re.DOTALL)
    return found[1] if found else ""


def labels(tag: str, story: str) -> frozenset[str]:
    return frozenset(re.findall(r"<D>(.*?)</D>", within(tag, story)))


def tagged(
    topics: Mapping[str, Topic], texts: Sequence[Labelled], wanted: Callable[[Labelled], frozenset[str]]
) -> list[Tagged]:
    started = time.process_time()
    found = [Tagged(one.prepared, wanted(one), matching(topics, one.prepared)) for one in texts]
    spent = (time.process_time() - started) / len(texts)
    print(f"{len(topics)} topics: {spent * 1e6:.0f} us of CPU a text, taking it apart included")
    return found


def matching(topics: Mapping[str, Topic], prepared: Prepared) -> dict[str, Sequence[Span]]:
    spans = ((topic.id, match(topic.tree, prepared)) for topic in topics.values())
    return {topic: found for topic, found in spans if found is not None}


def report(name: str, topics: Mapping[str, Topic], texts: Sequence[Tagged], keep: Keep) -> float:
    """Print a row; returns the micro-F1, out of 100."""
    right = wrong = missed = 0
    for text in texts:
        kept = {topic for topic, spans in text.found.items() if keep(topics[topic], spans, text.prepared)}
        right += len(kept & text.wanted)
        wrong += len(kept - text.wanted)
        missed += len(text.wanted - kept)
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    score = 200 * right / max(2 * right + wrong + missed, 1)
    print(f"{name:<45} precision {precision:.1%}  recall {recall:.1%}  micro-F1 {score:.1f}")
    return score


if __name__ == "__main__":
    main()
