"""Finding an article's copies and story with many articles remembered: time, memory, and what a full comparison would find.

    python -m bench.relate --remembered 10000 200000
    python -m bench.relate --remembered 3000000

The remembered articles are made up: each tells of one of many events (eight rare words of its own, of which a report uses five)
in words of a news vocabulary (Zipf). Among them, spread over all of the time, are 500 with texts. Then come 1,000 more: copies
of those texts, each with a word in ten replaced, and other reports on their events. Every one is also judged by a comparison
with all that are remembered; of millions only some are, since that takes a second each.

Last, an embedded log gets the same articles, each with two marks (the memory of which is measured by itself), and the stage
starts over it: from the log alone, after which it writes a snapshot of its state, and from the snapshot.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.material.results import Figure, record
from enrich.addresses import Addresses
from enrich.stories.clusterer import Stories
from enrich.stories.concepts import spelling
from enrich.stories.memory import COMPARED, Memory
from enrich.stories.rarity import FEATURE_BITS, feature_of
from enrich.stories.signature import LEAST_EQUAL, SIGNATURE, SKETCH, equal_places, fingerprints
from enrich.stories.state import Told
from enrich.stories.vector import SIZE, Vector, features_of, narrow, vector_of, weights_of
from stream.clock import utc_now
from stream.log.base import Outgoing
from stream.messages import encode
from wirewatch.composition.stages import relating
from wirewatch.config import Config, Paths
from wirewatch.topics import STORIES, open_log

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)
VOCABULARY = 300_000
COMMON = 2_000
"""Words that say nothing."""
OWN, USED = 8, 5
WITH_TEXT = 500
BATCH = 50_000
CHECKS = 600_000_000
"""Comparisons of a new article with a remembered one, at most; that bounds how many new ones are compared with all."""
AT_ONCE = 200_000
"""Remembered articles that are compared at once."""


class Outcome(NamedTuple):
    """What was measured."""

    remembered: int
    started: "Started"
    milliseconds: float
    slowest: float
    bytes: float
    compared: int
    same_copies: float
    same_story: float


class Started(NamedTuple):
    """How many seconds a start takes, by the clock."""

    without: float
    saving: float
    with_snapshot: float
    marks: float
    """Bytes of an article's marks."""


class Full(NamedTuple):
    """The rows that a comparison with every remembered article gives."""

    copies: NDArray[np.int64]
    nearest: NDArray[np.int64]


class Text(NamedTuple):
    """An article with words."""

    key: str
    title: str
    lead: str
    text: str


def main() -> None:
    """Measure for each number of articles."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--remembered", type=int, nargs="+", default=[10_000])
    figures: list[Figure] = []
    for number in options.parse_args().remembered:
        found = measure(number)
        print(
            f"{found.remembered:>9,} remembered: {found.milliseconds:.2f} ms CPU an article (95 % within"
            f" {found.slowest:.2f}), {found.bytes:.0f} bytes each, its marks {found.started.marks:.0f}; of {found.compared}"
            f" compared with all, copies are the same for {found.same_copies:.4f}, story for {found.same_story:.4f}; start in"
            f" {found.started.without:.0f} s from the log, {found.started.with_snapshot:.1f} s from a snapshot, which takes"
            f" {found.started.saving:.1f} s to write"
        )
        figures += figures_of(found)
    record("relate", figures, ("--remembered 10000 200000", "--remembered 3000000"))


def figures_of(found: Outcome) -> list[Figure]:
    """What docs/measured.md shows."""
    what = f"with {found.remembered:,} articles remembered"
    most = 200 if found.remembered >= 1_000_000 else None  # of fewer, the indexes of fixed size count
    return [
        Figure(f"finding copies and story {what}", round(found.milliseconds, 2), "ms of CPU", at_most=2),
        Figure(f"memory of an article {what}", round(found.bytes), "bytes", at_most=most),
        Figure(f"memory of its marks {what}", round(found.started.marks), "bytes"),
        Figure(f"copies as a full comparison finds them {what}", round(found.same_copies, 4), at_least=0.995),
        Figure(f"story as a full comparison finds it {what}", round(found.same_story, 4), at_least=0.995),
        Figure(f"start {what}, from the snapshot", round(found.started.with_snapshot, 1), "s", at_most=60),
        Figure(f"start {what}, from the log alone", round(found.started.without), "s"),
    ]


def measure(number: int) -> Outcome:
    """Remember so many, and place the others."""
    chosen, maker = random.Random(1), Maker(number)
    texts = [maker.text(chosen, event) for event in range(WITH_TEXT)]
    stories = Stories(KEEP, 10**8)
    for batch in maker.batches(texts):
        stories._remember(batch)  # noqa: SLF001 - as it takes them up from the log
    taken = bytes_of(stories)
    new = [*(maker.copy(chosen, text) for text in texts), *(maker.text(chosen, e) for e in range(WITH_TEXT))]
    same = agreement(stories, new[:: max(len(new) * number // CHECKS, 1)])
    times = sorted(map(partial(placing, stories), new))
    del stories
    return Outcome(
        number, start(Maker(number).batches(texts)), 1000 * sum(times) / len(times), 1000 * times[len(times) * 95 // 100],
        taken / number, len(same), *(sum(one) / len(same) for one in zip(*same, strict=True)),
    )  # fmt: skip


def placing(stories: Stories, text: Text) -> float:
    """How many seconds of CPU it takes to place an article."""
    begun = time.process_time()
    stories.place(text.key, text.title, text.lead, text.text, NOW)
    return time.process_time() - begun


def start(batches: Iterator[list[Told]]) -> Started:
    """Put articles into an embedded log, and start the stage over it."""
    with TemporaryDirectory() as folder:
        paths = Paths(data=Path(folder), feeds=Path(folder, "feeds.opml"), topics=None)
        config = Config()
        with open_log(config, paths) as log:
            for batch in batches:
                marked = (
                    msgspec.structs.replace(one, seen=utc_now(), marks=(f"p{one.key}", f"t{one.key}"))
                    for one in batch
                )
                log.produce([Outgoing(STORIES.name, one.key, encode(one)) for one in marked])
            relate = relating(config, paths, log)
            begun = time.perf_counter()
            loaded = relate._load()  # noqa: SLF001 - what a start does, in its two parts
            read = time.perf_counter()
            relate._save(loaded)  # noqa: SLF001 - as above
            saved = time.perf_counter()
            marks = bytes_of_marks(loaded.remembered.addresses) / len(loaded.remembered.stories)
            del relate, loaded
            again = time.perf_counter()
            relating(config, paths, log).reload()
            started = time.perf_counter()
        return Started(read - begun, saved - read, started - again, marks)


def bytes_of(stories: Stories) -> float:
    """The memory that the articles take, with all indexes."""
    memory: Memory = vars(stories)["_memory"]
    marks = memory._by_mark  # noqa: SLF001 - what is measured
    fixed = bytes_in((vars(stories)["_rarity"], marks, marks._chains))  # noqa: SLF001 - as above
    parts = (memory, *memory._parts())  # noqa: SLF001 - as above
    return fixed + bytes_in(parts, len(vars(memory)["_ids"]), len(memory))


def bytes_of_marks(addresses: Addresses) -> float:
    """The memory that the articles' marks take."""
    own = vars(addresses)
    return bytes_in((addresses, own["_places"]), len(own["_prints"]), own["_size"])


def bytes_in(parts: Sequence[object], room: int = -1, used: int = 0) -> float:
    """The memory of the parts' arrays and dicts.

    Args:
        parts: their attributes count.
        room: the length of arrays that have room for more.
        used: how much of such an array is used, and counts.
    """
    held = [value for part in parts for value in vars(part).values()]
    arrays = [value for value in held if isinstance(value, np.ndarray)]
    dicts = [value for value in held if isinstance(value, dict)]
    columns = sum(array.nbytes / room * used if len(array) == room else array.nbytes for array in arrays)
    return columns + sum(sys.getsizeof(one) + sum(map(sys.getsizeof, one.values())) for one in dicts)


class Maker:
    """Makes articles up.

    Args:
        number: of the articles.
    """

    def __init__(self, number: int) -> None:
        self._random = np.random.default_rng(1)
        self._number = number
        self._events = max(number // 3, WITH_TEXT)
        self._firsts = np.full(self._events + 1, number, dtype=np.int64)
        """The number of each event's first article."""
        self._features = np.array(
            [feature_of(spelling(f"w{word}")) for word in range(VOCABULARY)], dtype=np.uint32
        )
        ranks = np.arange(1, VOCABULARY + 1)
        self._shares = (1 / ranks) / (1 / ranks).sum()
        self._sums = np.cumsum(self._shares)

    def batches(self, texts: Sequence[Text]) -> Iterator[list[Told]]:
        """All articles, those with texts evenly among them."""
        every = max(self._number // len(texts), 1)
        for start in range(0, self._number, BATCH):
            size = min(BATCH, self._number - start)
            tolds = self._made_up(start, size)
            for at in range(-start % every, size, every):
                if (start + at) // every < len(texts):
                    tolds[at] = told_of(texts[(start + at) // every])
            yield tolds

    def _made_up(self, start: int, size: int) -> list[Told]:
        events = self._random.integers(WITH_TEXT, max(self._events, WITH_TEXT + 1), size)
        vectors = narrow(self._vectors(events))
        signatures = self._random.integers(0, 256, (size, SIGNATURE), dtype=np.uint8)
        sketches = self._random.integers(1, 1 << 32, (size, SKETCH), dtype=np.uint32)
        numbers = np.arange(start, start + size)
        self._firsts[events[::-1]] = np.minimum(self._firsts[events[::-1]], numbers[::-1])
        stories = (f"{first:032x}" for first in self._firsts[events].tolist())
        keys = (f"{number:032x}" for number in numbers.tolist())
        return [
            Told(
                key=key, story=story, copies=key, seen=NOW, signature=signatures[at].tobytes(), language="en",
                sketch=sketches[at].tobytes(), vector=vectors[at].tobytes(),
            )
            for at, (key, story) in enumerate(zip(keys, stories, strict=True))
        ]  # fmt: skip

    def _vectors(self, events: NDArray[np.int64]) -> Vector:
        own = (events[:, None] * 7919 + np.arange(OWN) * 104_729) % (VOCABULARY - COMMON) + COMMON
        used = np.argsort(self._random.random(own.shape), axis=1)[:, :USED]
        others = np.searchsorted(self._sums, self._random.random((len(events), SIZE - USED)))
        words = np.concatenate([np.take_along_axis(own, used, 1), np.minimum(others, VOCABULARY - 1)], axis=1)
        weights = np.clip(-np.log(self._shares[words]), 0, 8)
        order = np.argsort(-weights, axis=1)
        words, weights = np.take_along_axis(words, order, 1), np.take_along_axis(weights, order, 1)
        unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
        steps = np.clip(np.round(unit * 64), 1, 31).astype(np.uint32)
        vectors: Vector = self._features[words] << np.uint32(6) | steps
        return vectors

    def text(self, chosen: random.Random, event: int) -> Text:
        """A report on an event in words of its own."""
        own = [(event * 7919 + at * 104_729) % (VOCABULARY - COMMON) + COMMON for at in range(OWN)]
        said = chosen.sample(own, USED)
        lead = [*said[3:], *self._words(30)]
        chosen.shuffle(lead)
        title = " ".join(f"w{word}" for word in [*said[:3], *self._words(5)])
        body = " ".join(f"w{word}" for word in [*lead, *self._words(350)])
        return Text(f"{chosen.getrandbits(128):032x}", title, " ".join(f"w{word}" for word in lead), body)

    def copy(self, chosen: random.Random, text: Text) -> Text:
        """A copy with a word in ten replaced."""
        words = [
            word if chosen.random() > 0.1 else f"o{chosen.randrange(9999)}" for word in text.text.split()
        ]
        return text._replace(key=f"{chosen.getrandbits(128):032x}", text=" ".join(words))

    def _words(self, number: int) -> list[int]:
        found = np.searchsorted(self._sums, self._random.random(number))
        return [int(word) for word in np.minimum(found, VOCABULARY - 1)]


def told_of(text: Text) -> Told:
    """An article as it is remembered, as the first of its story."""
    signature, sketch = fingerprints(f"{text.title}\n{text.text}")
    vector = vector_of(text.title, text.lead, Stories(KEEP, 1)._rarity)  # noqa: SLF001 - of an empty memory
    return Told(
        key=text.key, story=text.key, copies=text.key, seen=NOW, signature=signature.tobytes(), language="en",
        sketch=sketch.astype("<u4").tobytes(), vector=narrow(vector).tobytes(),
    )  # fmt: skip


def agreement(stories: Stories, texts: Sequence[Text]) -> list[tuple[bool, bool]]:
    """Whether copies and story of each new article are those that a comparison with every remembered article gives."""
    judged = [judge(stories, text) for text in texts]
    memory: Memory = stories._memory  # noqa: SLF001 - what is measured is what its indexes leave out
    by_index = memory.found_for
    found = []
    for text, full, ours in zip(texts, compared_with_all(stories, texts), judged, strict=True):
        memory.found_for = lambda *_, full=full: full  # type: ignore[method-assign]
        theirs = judge(stories, text)
        found.append((ours.copies == theirs.copies, ours.story == theirs.story))
    memory.found_for = by_index  # type: ignore[method-assign]
    return found


def judge(stories: Stories, text: Text) -> Told:
    """Where an article belongs; nothing is remembered."""
    told, _ = stories._judge(text.key, text.title, text.lead, text.text, NOW, NOW, "en")  # noqa: SLF001 - the decision
    return told


def compared_with_all(stories: Stories, texts: Sequence[Text]) -> list[Full]:
    """For each article: the copies among all that are remembered, and those whose vectors are nearest."""
    memory: Memory = stories._memory  # noqa: SLF001 - as above
    signatures = [fingerprints(f"{text.title}\n{text.text}")[0] for text in texts]
    tables = [table_of(vector_of(text.title, text.lead, stories._rarity)) for text in texts]  # noqa: SLF001 - as above
    copies: list[list[NDArray[np.int64]]] = [[] for _ in texts]
    nearest = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)) for _ in texts]
    first, end = memory.living
    for start in range(first, end, AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, end))
        vectors, theirs = memory.vectors(rows), memory.signatures(rows)
        features, weights = features_of(vectors), weights_of(vectors)
        for at, (signature, table) in enumerate(zip(signatures, tables, strict=True)):
            copies[at].append(rows[equal_places(signature, theirs) >= LEAST_EQUAL])
            nearest[at] = best(*nearest[at], rows, np.einsum("ij,ij->i", table[features], weights))
    return [Full(np.concatenate(one), np.sort(near)) for one, (near, _) in zip(copies, nearest, strict=True)]


def best(
    rows: NDArray[np.int64], alike: NDArray[np.float32], more: NDArray[np.int64], likes: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The rows that are most alike, of two lots."""
    all_rows, all_likes = np.concatenate([rows, more]), np.concatenate([alike, likes])
    order = np.argsort(-all_likes, kind="stable")[:COMPARED]
    return all_rows[order], all_likes[order]


def table_of(vector: Vector) -> NDArray[np.float32]:
    """A vector's weights, by feature."""
    table = np.zeros(1 << FEATURE_BITS, dtype=np.float32)
    used = vector[vector > 0]
    table[features_of(used)] = weights_of(used)
    return table


if __name__ == "__main__":
    main()
