"""The contract of a log. tests/contracts/test_log.py runs one suite over every implementation.

A log holds topics; a topic has partitions; a message goes to its key's partition, and order holds within it. Offsets count up
from 0 in each partition, and are never given twice, not even after retention emptied it. A consumer group has one
committed offset a partition: that of the next message it wants. The members of a group share the partitions; one that is
closed, or whose process died, gives its own back. Delivery is at least once: what was not committed comes again.

All methods block, and may be called from any thread. A consumer's calls run one at a time. It may be closed while a call
is inside: that call is cut short, and only then is anything released.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True)
class Outgoing:
    """A message to be appended. `value` None is a tombstone: in a compacted topic it removes the key."""

    topic: str
    key: str
    value: bytes | None
    attempt: int = 0
    """How often this message was tried before (0 for a new one); travels with it."""


@dataclass(frozen=True)
class Record:
    """A message as it lies in the log."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    attempt: int
    appended: datetime


@dataclass(frozen=True)
class TopicSpec:
    """What a log must know of a topic before its first use."""

    name: str
    partitions: int = 8
    compacted: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a group stands in a topic, summed over the partitions.

    Attributes:
        done: messages behind the committed offsets.
        lag: messages still to come.
    """

    done: int
    lag: int


class LogError(Exception):
    """The log was used in a way that its contract forbids (an unknown topic, a rewind under a running consumer)."""


class Consumer(Protocol):
    """One member of a consumer group, reading one topic."""

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next at most `limit` records of this member's partitions; waits up to `timeout` seconds for the first.

        It also keeps the membership alive and takes part in a rebalance, so it must be called even with `limit` 0
        (which returns at once with none). Records of a partition come in order, each once for as long as the partition
        stays here.
        """

    def assigned(self) -> frozenset[int]:
        """The partitions that this member owned at its last poll. One that was lost and regained is read again from
        the committed offset."""

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record that all before the given offset of each partition is done. A partition that this member has lost is
        left out in silence: its new owner decides."""

    def close(self) -> None:
        """Leave the group; what was not committed goes to the others. A call that another thread has under way ends soon, and
        is waited for; it and every later one raise LogError."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Log(Protocol):
    """A durable log. Implementations are created with their `TopicSpec`s, and create what is missing."""

    def produce(self, messages: Sequence[Outgoing]) -> None:
        """Append; when it returns, they survive the death of this process. In the embedded logs all or none of one call.

        Raises Reject `too-large` if one of them is larger than its topic takes.
        """

    def consumer(self, group: str, topic: str) -> Consumer:
        """Join a group as a new member. Raises LogError for a compacted or unknown topic."""

    def latest(self, topic: str) -> Mapping[str, bytes]:
        """The last value of each key of a compacted topic, without those removed by a tombstone."""

    def progress(self, group: str, topic: str) -> Progress:
        """How far a group is; a group that never committed has everything before it."""

    def rewind(self, group: str, topic: str, since: datetime | None = None) -> int:
        """Set a group back to the oldest message held (or the oldest appended at or after `since`), and return how many
        messages lie before it again. Raises LogError while the group has a living member."""

    def trim(self, topic: str, older_than: datetime, max_bytes: int) -> int:
        """Forget the oldest messages: those appended before `older_than`, and more until the topic's values take at most
        `max_bytes`; but never one that a known group has not committed, and nothing of a compacted topic. Returns how
        many went."""

    def close(self) -> None:
        """Release everything. Consumers must be closed first."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: CRC-32 of its UTF-8 bytes, modulo. Stable over processes and versions."""
    return zlib.crc32(key.encode()) % partitions


def by_name(specs: Iterable[TopicSpec]) -> dict[str, TopicSpec]:
    """The specs by topic name; raises LogError if two have the same."""
    found: dict[str, TopicSpec] = {}
    for spec in specs:
        if spec.name in found:
            raise LogError(f"topic {spec.name!r} is described twice")
        found[spec.name] = spec
    return found
