"""The keys of a compacted topic, kept between calls, and where the value of each is; values are read only when asked for."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from kafka import TopicPartition

from stream.log.kafka.access import Kafka
from stream.log.kafka.admin import Admin
from stream.log.kafka.latest import Following
from stream.log.kafka.reader import Reader
from stream.log.kafka.records import record_of

_APART = 1_000
"""Offsets that are further apart are read apart."""


class Keyed:
    """One compacted topic, of which only the keys are held in memory. Thread-safe."""

    def __init__(self, admin: Admin, kafka: Kafka, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._following = Following(admin, kafka, topic)
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int]] = {}

    def keys(self) -> list[str]:
        """The keys that have a value. Raises the errors of `translated`; the next call continues from there."""
        with self._lock:
            self._follow()
            return list(self._places)

    def read(self, before: str) -> Mapping[str, bytes]:
        """The values of the keys before one. Raises the errors of `translated`."""
        with self._lock:
            self._follow()
            wanted = {place: key for key, place in self._places.items() if key < before}
        found = {}
        for starts, ends in _rounds(list(wanted)):
            places = [TopicPartition(self._following.name, number) for number in starts]
            with closing(Reader(self._kafka, places, starts)) as reader:
                for one in reader.read_to(ends):
                    key = wanted.get((one.partition, one.offset))
                    if key is not None and one.value is not None:
                        found[key] = one.value
        return found

    def _follow(self) -> None:
        for found in self._following.news():
            if found is None:
                self._places.clear()
                continue
            key = record_of(self._topic, found).key
            if found.value is None:
                self._places.pop(key, None)
            else:
                self._places[key] = (found.partition, found.offset)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._following.close()


def _rounds(wanted: Sequence[tuple[int, int]]) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
    """Where to begin and end in each partition, to find some offsets without reading much else."""
    stretches: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, offset in sorted(wanted):
        held = stretches[number]
        if held and offset - held[-1][1] <= _APART:
            held[-1] = (held[-1][0], offset)
        else:
            held.append((offset, offset))
    while any(stretches.values()):
        now = {number: held.pop() for number, held in stretches.items() if held}
        yield (
            {number: first for number, (first, _) in now.items()},
            {number: last + 1 for number, (_, last) in now.items()},
        )
