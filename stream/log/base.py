"""The contract of a log. tests/contracts/test_log.py runs the same suite against every implementation.

A log holds topics, and a topic has partitions. A message goes to the partition of its key, and order is kept within a
partition. Offsets count up from 0 in each partition and are never reused, even after retention has emptied it. A consumer group
has one committed offset per partition: that of the next message to read. The members of a group share the partitions; when one
is closed or its process dies, its partitions go to the others. Delivery is at least once: uncommitted messages come again.

All methods block, and may be called from any thread. A consumer's calls run one at a time. It may be closed during a call:
the call is cut short, and resources are released only after it has ended.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True)
class Outgoing:
    """A message to append. A `value` of None is a tombstone: it removes the key from a compacted topic."""

    topic: str
    key: str
    value: bytes | None
    attempt: int = 0
    """How many times this message was tried before (0 if it is new); stored with the message."""
    trace: str = ""
    """The trace context of what it came of (stream/trace.py); '' if there is none. Stored with the message, but not in a
    compacted topic."""


@dataclass(frozen=True)
class Record:
    """A message stored in the log."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    attempt: int
    appended: datetime
    trace: str = ""


@dataclass(frozen=True)
class TopicSpec:
    """What a log must know about a topic before its first use."""

    name: str
    partitions: int = 8
    compacted: bool = False


@dataclass(frozen=True)
class Progress:
    """A group's progress in a topic, summed over the partitions.

    Attributes:
        done: messages before the committed offsets.
        lag: messages still to be read.
        missed: messages that `trim` deleted before the group had read them (see its `beside`); they count as done.
    """

    done: int
    lag: int
    missed: int = 0


@dataclass(frozen=True)
class Changes:
    """What was written to a compacted topic since a position.

    Attributes:
        values: the last value of each key that was written, without keys that are removed.
        position: what to ask with next time, by partition.
        is_all: these are all keys of the topic: it was asked for all, or the position is not one of this topic.
    """

    values: Mapping[str, bytes]
    position: Mapping[int, int]
    is_all: bool


class LogError(Exception):
    """The log was used in a way that its contract forbids (an unknown topic, a rewind under a running consumer)."""


class Consumer(Protocol):
    """One member of a consumer group, reading one topic."""

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next at most `limit` records of this member's partitions; waits up to `timeout` seconds for the first.

        It also keeps the membership alive and takes part in rebalances, so it must be called even with `limit` 0
        (which returns no records at once). It returns early, without records, where its partitions change. Records of
        a partition come in order, each once for as long as this member keeps the partition.
        """

    def wake(self) -> None:
        """Let a `poll` that waits in another thread return now, without records; if none waits, the next one won't."""

    def assigned(self) -> frozenset[int]:
        """The partitions that this member owned at its last poll. A partition that was lost and regained is read again
        from the committed offset."""

    def ownership(self) -> Mapping[int, int]:
        """The partitions of `assigned`, each with a number that is another one after each time that it was lost: who lost a
        partition and got it back between two polls learns it here. What it knows of it is of before, and its commits since
        were skipped."""

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record that everything before the given offset of each partition is done. Partitions that this member has lost
        are skipped without an error: the new owner decides."""

    def close(self) -> None:
        """Leave the group; uncommitted messages go to the other members. Waits for a call in another thread, which ends
        soon; that call and all later ones raise LogError."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Log(Protocol):
    """A durable log. Implementations are created with their `TopicSpec`s, and create missing topics."""

    def produce(self, messages: Sequence[Outgoing]) -> None:
        """Append messages; once it returns, they survive the death of this process. Embedded logs append all or none.

        Raises Reject `too-large` if a message exceeds the limit of its topic.
        """

    def consumer(self, group: str, topic: str) -> Consumer:
        """Join a group as a new member. Raises LogError for a compacted or unknown topic."""

    def latest(self, topic: str, before: str | None = None) -> Mapping[str, bytes]:
        """The last value of each key of a compacted topic, without keys removed by a tombstone; with `before`, only of the keys
        that sort before it, by code points."""

    def keys(self, topic: str) -> Collection[str]:
        """The keys of a compacted topic, without keys removed by a tombstone. No value is held in memory."""

    def changes(self, topic: str, since: Mapping[int, int]) -> Changes:
        """What was written to a compacted topic since a position, which an earlier call has returned; everything if `since` is
        empty. Keys that were removed since are not named."""

    def progress(self, group: str, topic: str) -> Progress:
        """The progress of a group; a group that never committed has everything still to read."""

    def ends(self, topic: str) -> Mapping[int, int]:
        """The offset of the next message in each partition."""

    def rewind(self, group: str, topic: str, since: datetime | None = None) -> int:
        """Set a group back to the oldest message held (or the oldest appended at or after `since`), and return its new
        lag in messages. Raises LogError while the group has a living member."""

    def trim(self, topic: str, older_than: datetime, max_bytes: int, beside: Collection[str] = ()) -> int:
        """Delete the oldest messages: those appended before `older_than`, and more until the topic's values take at most
        `max_bytes`; but never one that a known group has not committed, unless the group is named in `beside`, and nothing
        from a compacted topic. Returns how many were deleted."""

    def close(self) -> None:
        """Release all resources. Consumers must be closed first."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: CRC-32 of its UTF-8 bytes, modulo. Stable across processes and versions."""
    return zlib.crc32(key.encode()) % partitions


def by_name(specs: Iterable[TopicSpec]) -> dict[str, TopicSpec]:
    """The specs by topic name; raises LogError if two have the same name."""
    found: dict[str, TopicSpec] = {}
    for spec in specs:
        if spec.name in found:
            raise LogError(f"topic {spec.name!r} is described twice")
        found[spec.name] = spec
    return found
