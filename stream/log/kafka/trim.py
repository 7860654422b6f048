"""Decides where to trim a topic in Kafka."""

import heapq
import threading
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stream.log.kafka.access import Kafka
from stream.log.kafka.admin import Admin
from stream.log.kafka.reader import Reader
from stream.log.kafka.records import time_of
from stream.log.retention import Held, cuts


def cut_points(
    starts: Mapping[int, int], slowest: Mapping[int, int], *wished: Mapping[int, int]
) -> dict[int, int]:
    """The first offset to keep in each partition that loses messages: the highest one requested, but nothing that a group has
    not committed is deleted.

    Args:
        starts: the oldest offset of each partition.
        slowest: the lowest committed offset of each.
        wished: the requested cuts, by age and by size; partitions may be missing.
    """
    found = {}
    for number, start in starts.items():
        offset = min(max(wish.get(number, start) for wish in wished), slowest[number])
        if offset > start:
            found[number] = offset
    return found


@dataclass
class PartitionSizes:
    """Times and sizes of the messages from `start` on: 16 bytes each. (array takes a type argument from Python 3.12.)"""

    start: int | None = None
    times: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, offset: int, milliseconds: int, size: int) -> None:
        """Note the next message."""
        if self.start is None:
            self.start = offset
        last = self.times[-1] if self.times else milliseconds
        while (
            self.start + len(self.times) < offset
        ):  # a gap: no message, no size (other programs may have written transactions)
            self.times.append(last)
            self.sizes.append(0)
        self.times.append(max(last, milliseconds))
        self.sizes.append(size)

    def forget_before(self, offset: int) -> None:
        """Drop the messages before an offset."""
        if self.start is not None and offset > self.start:
            del self.times[: offset - self.start]
            del self.sizes[: offset - self.start]
            self.start = offset

    def total(self) -> int:
        """The size of all values, in bytes."""
        return sum(self.sizes)

    def held(self, number: int, end: int) -> Iterator[Held]:
        """The messages before an offset, oldest first."""
        if self.start is not None:
            for place in range(min(end - self.start, len(self.times))):
                yield Held(time_of(self.times[place]), number, self.start + place, self.sizes[place])


class Sizes:
    """Tracks the size of a topic's values, from the first request on. Thread-safe."""

    def __init__(self, admin: Admin, kafka: Kafka, topic: str) -> None:
        self._admin = admin
        self._kafka = kafka
        self._topic = topic
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._partitions: dict[int, PartitionSizes] = {}

    def cuts(self, max_bytes: int, starts: Mapping[int, int], slowest: Mapping[int, int]) -> dict[int, int]:
        """Where to cut so that the topic's values take at most `max_bytes`: see `retention.cuts`."""
        with self._lock:
            if self._admin.disk_bytes(self._topic) <= max_bytes:
                return {}
            self._read(starts)
            total = sum(partition.total() for partition in self._partitions.values())
            free = (partition.held(number, slowest[number]) for number, partition in self._partitions.items())
            return cuts(heapq.merge(*free), total, time_of(0), max_bytes)

    def _read(self, starts: Mapping[int, int]) -> None:
        if self._reader is None:
            self._reader = Reader(self._kafka, self._admin.places(self._topic))
            self._partitions = {number: PartitionSizes() for number in starts}
        for found in self._reader.read_to(self._admin.ends(self._topic)):
            self._partitions[found.partition].add(found.offset, found.timestamp, len(found.value or b""))
        for number, start in starts.items():
            self._partitions[number].forget_before(start)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
