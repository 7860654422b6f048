"""A log in memory, for tests: it fulfils the contract of base.py as long as the object lives."""

import heapq
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from stream.log import topics
from stream.log.base import Changes, LogError, Outgoing, Progress, Record, TopicSpec, by_name, partition_of
from stream.log.fair import Rota, gather
from stream.log.retention import Held, cuts, progress_of
from stream.log.sharing import share

Place = tuple[str, int]
"""A topic and one of its partitions."""


@dataclass
class _Partition:
    """The records held for a partition, and the offset of the first one."""

    start: int = 0
    records: list[Record] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + len(self.records)

    def append(self, message: Outgoing, place: Place, appended: datetime) -> None:
        last = self.records[-1].appended if self.records else appended
        value = message.value or b""
        when = max(last, appended)
        record = Record(*place, self.end, message.key, value, message.attempt, when, message.trace)
        self.records.append(record)

    def read(self, offset: int, limit: int) -> list[Record]:
        first = offset - self.start
        return self.records[first : first + limit]

    def offset_at(self, since: datetime) -> int:
        return self.start + bisect_left(self.records, since, key=lambda record: record.appended)

    def cut(self, offset: int) -> int:
        """Delete the records before an offset; returns how many."""
        went = offset - self.start
        del self.records[:went]
        self.start = offset
        return went


@dataclass
class _Claim:
    """A group's state in one partition. `epoch` counts the changes of owner: commits of earlier owners are refused."""

    committed: int
    owner: int | None = None
    epoch: int = 0


class MemoryLog:
    """See `stream.log.base.Log`. Its consumers die only by being closed: a process can't lose a part of its memory.

    Args:
        specs: the topics.
        now: the clock that gives messages their times.
    """

    def __init__(
        self, specs: Iterable[TopicSpec], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._specs = by_name(specs)
        self._now = now
        self._changed = threading.Condition()
        self._partitions = {
            (spec.name, number): _Partition()
            for spec in self._specs.values()
            for number in range(spec.partitions)
        }
        self._latest: dict[str, dict[str, bytes]] = {
            spec.name: {} for spec in self._specs.values() if spec.compacted
        }
        self._written: dict[str, dict[str, int]] = {topic: {} for topic in self._latest}
        """The number of the last write of each key."""
        self._writes = 0
        self._groups: dict[tuple[str, str], dict[int, _Claim]] = {}
        self._members: dict[tuple[str, str], list[int]] = {}
        self._joined = 0

    def produce(self, messages: Sequence[Outgoing]) -> None:
        """Append all messages."""
        topics.check(self._specs, messages)
        places = [partition_of(message.key, self._specs[message.topic].partitions) for message in messages]
        appended = self._now()
        with self._changed:
            for message, partition in zip(messages, places, strict=True):
                if self._specs[message.topic].compacted:
                    self._keep_latest(message)
                else:
                    place = (message.topic, partition)
                    self._partitions[place].append(message, place, appended)
            self._changed.notify_all()

    def _keep_latest(self, message: Outgoing) -> None:
        self._writes += 1
        self._written[message.topic][message.key] = self._writes
        if message.value is None:
            self._latest[message.topic].pop(message.key, None)
        else:
            self._latest[message.topic][message.key] = message.value

    def consumer(self, group: str, topic: str) -> "MemoryConsumer":
        """Join a group as a new member."""
        topics.sequence(self._specs, topic)
        with self._changed:
            self._joined += 1
            if (group, topic) not in self._groups:
                self._groups[group, topic] = self._claims(group, topic)
            self._members.setdefault((group, topic), []).append(self._joined)
            self._share(group, topic)
            return MemoryConsumer(self, group, topic, self._joined)

    def _claims(self, group: str, topic: str) -> dict[int, _Claim]:
        """The group's state in each partition; a new group starts at the oldest message."""
        if (claims := self._groups.get((group, topic))) is not None:
            return claims
        numbers = range(self._specs[topic].partitions)
        return {number: _Claim(self._partitions[topic, number].start) for number in numbers}

    def _share(self, group: str, topic: str) -> None:
        claims = self._groups[group, topic]
        shared = share({number: claim.owner for number, claim in claims.items()}, self._members[group, topic])
        for number, owner in shared.items():
            if claims[number].owner != owner:
                claims[number].owner = owner
                claims[number].epoch += 1
        self._changed.notify_all()

    def _leave(self, group: str, topic: str, member: int) -> None:
        with self._changed:
            if member in self._members[group, topic]:
                self._members[group, topic].remove(member)
                self._share(group, topic)

    def latest(self, topic: str, before: str | None = None) -> Mapping[str, bytes]:
        """The last value of each key of a compacted topic, or of those before one."""
        topics.compacted(self._specs, topic)
        with self._changed:
            values = self._latest[topic]
            return {key: value for key, value in values.items() if before is None or key < before}

    def keys(self, topic: str) -> Collection[str]:
        """The keys of a compacted topic."""
        topics.compacted(self._specs, topic)
        with self._changed:
            return list(self._latest[topic])

    def changes(self, topic: str, since: Mapping[int, int]) -> Changes:
        """What was written since a position."""
        topics.compacted(self._specs, topic)
        with self._changed:
            known = since.get(0, -1)
            is_all = not 0 <= known <= self._writes
            written = self._written[topic]
            values = {
                key: value for key, value in self._latest[topic].items() if is_all or written[key] > known
            }
            return Changes(values, {0: self._writes}, is_all)

    def progress(self, group: str, topic: str) -> Progress:
        """The progress of a group."""
        topics.sequence(self._specs, topic)
        with self._changed:
            claims = self._claims(group, topic)
            partitions = {number: self._partitions[topic, number] for number in claims}
            return progress_of(
                {number: claim.committed for number, claim in claims.items()},
                {number: each.start for number, each in partitions.items()},
                {number: each.end for number, each in partitions.items()},
            )

    def ends(self, topic: str) -> Mapping[int, int]:
        """The offset of the next message in each partition."""
        topics.sequence(self._specs, topic)
        with self._changed:
            numbers = range(self._specs[topic].partitions)
            return {number: self._partitions[topic, number].end for number in numbers}

    def rewind(self, group: str, topic: str, since: datetime | None = None) -> int:
        """Set a group back, never forward; returns its new lag."""
        topics.sequence(self._specs, topic)
        with self._changed:
            if self._members.get((group, topic)):
                raise LogError(f"group {group!r} still reads {topic!r}: stop it before rewinding")
            for number, claim in self._claims(group, topic).items():
                partition = self._partitions[topic, number]
                target = partition.start if since is None else partition.offset_at(since)
                claim.committed = min(claim.committed, target)
        return self.progress(group, topic).lag

    def trim(self, topic: str, older_than: datetime, max_bytes: int, beside: Collection[str] = ()) -> int:
        """Delete the oldest messages that every known group has committed, but for those in `beside`."""
        if topics.known(self._specs, topic).compacted:
            return 0
        with self._changed:
            numbers = range(self._specs[topic].partitions)
            held = heapq.merge(*(self._forgettable(topic, number, beside) for number in numbers))
            total = sum(
                len(record.value) for number in numbers for record in self._partitions[topic, number].records
            )
            places = cuts(list(held), total, older_than, max_bytes)
            return sum(self._partitions[topic, number].cut(offset) for number, offset in places.items())

    def _forgettable(self, topic: str, number: int, beside: Collection[str]) -> Iterator[Held]:
        partition = self._partitions[topic, number]
        committed = [
            claims[number].committed
            for (group, name), claims in self._groups.items()
            if name == topic and group not in beside
        ]
        for record in partition.read(
            partition.start, min(committed, default=partition.end) - partition.start
        ):
            yield Held(record.appended, number, record.offset, len(record.value))

    def close(self) -> None:
        """Nothing to release."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class MemoryConsumer:
    """See `stream.log.base.Consumer`; made by `MemoryLog.consumer`."""

    def __init__(self, log: MemoryLog, group: str, topic: str, member: int) -> None:
        self._log = log
        self._group = group
        self._topic = topic
        self._member = member
        self._epochs: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._rota = Rota()
        self._closed = False
        self._woken = False

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next records; waits for the first."""
        deadline = time.monotonic() + timeout
        changed = self._log._changed  # noqa: SLF001 - log and consumer are one implementation
        with changed:
            while True:
                self._check_open()
                before = self._epochs
                self._refresh()
                records = self._take(limit)
                left = deadline - time.monotonic()
                if records or limit <= 0 or left <= 0 or (before and self._epochs != before):
                    return records
                if self._woken:
                    self._woken = False
                    return records
                changed.wait(left)

    def wake(self) -> None:
        """Let a waiting poll return."""
        with self._log._changed:  # noqa: SLF001 - log and consumer are one implementation
            self._woken = True
            self._log._changed.notify_all()  # noqa: SLF001

    def _check_open(self) -> None:
        if self._closed:
            raise LogError(f"this member of group {self._group!r} was closed")

    def _refresh(self) -> None:
        """Update the owned partitions; a new one is read from its committed offset."""
        claims = self._log._groups[self._group, self._topic]  # noqa: SLF001
        mine = {number: claim for number, claim in claims.items() if claim.owner == self._member}
        for number, claim in mine.items():
            if self._epochs.get(number) != claim.epoch:
                self._positions[number] = claim.committed
        self._epochs = {number: claim.epoch for number, claim in mine.items()}

    def _take(self, limit: int) -> list[Record]:
        return gather(self._rota.order(sorted(self._epochs)), limit, self._read)

    def _read(self, number: int, limit: int) -> list[Record]:
        partition = self._log._partitions[self._topic, number]  # noqa: SLF001
        start = max(self._positions[number], partition.start)
        records = partition.read(start, limit)
        self._positions[number] = start + len(records)
        return records

    def assigned(self) -> frozenset[int]:
        """The partitions owned at the last poll."""
        return frozenset(self._epochs)

    def ownership(self) -> Mapping[int, int]:
        """These partitions, and the number of each ownership."""
        return self._epochs

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record what is done, in the partitions that are still owned."""
        with self._log._changed:  # noqa: SLF001
            self._check_open()
            claims = self._log._groups[self._group, self._topic]  # noqa: SLF001
            owned = {number: offset for number, offset in offsets.items() if number in self._epochs}
            for number, offset in owned.items():
                end = self._log._partitions[self._topic, number].end  # noqa: SLF001
                topics.check_offset(self._topic, number, offset, end)
            for number, offset in owned.items():
                if claims[number].epoch == self._epochs[number]:
                    claims[number].committed = max(claims[number].committed, offset)

    def close(self) -> None:
        """Leave the group."""
        self._closed = True
        self._log._leave(self._group, self._topic, self._member)  # noqa: SLF001

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
