"""The embedded log: one SQLite file, shared by any number of threads and processes on one machine."""

import heapq
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from stream.errors import ConfigError, RetryLater
from stream.log import topics
from stream.log.base import Changes, LogError, Outgoing, Progress, TopicSpec, by_name, partition_of
from stream.log.bell import Bell
from stream.log.codec import Codec
from stream.log.locks import LockFolder
from stream.log.retention import Held, cuts, progress_of
from stream.log.sqlite.consumer import SqliteConsumer
from stream.log.sqlite.file import SqliteFile
from stream.log.sqlite.members import Group, Members
from stream.log.sqlite.records import Packed, Partition
from stream.log.sqlite.watch import Watch

_OPEN_SECONDS = 60.0  # how long to wait while other processes create or upgrade the tables
_TRIM_STEP = 1_000  # messages per transaction: writers wait some ten milliseconds at most


@dataclass(frozen=True)
class _Topic:
    """A topic in this file. A compacted topic has no partitions here: its keys are in one table."""

    id: int
    name: str
    partitions: list[Partition]


class SqliteLog:
    """See `stream.log.base.Log`.

    SQLite's `-wal` and `-shm` and the folder `<file>.locks` are beside the file. Values are stored compressed; `trim` counts
    their compressed size.

    Args:
        path: the file; its folder must exist.
        specs: the topics; missing ones are created.
        now: the clock that gives messages their times.

    Raises:
        ConfigError: the file can't be opened, is not a wirewatch log, was written by a newer wirewatch, or has a topic with
            other partitions or of the other kind.
        RetryLater: here and in every method: `disk-full`, or `busy` after waiting 10 s for other processes. The call has then
            changed nothing; only `trim`, which works in steps, keeps the steps it finished.
    """

    def __init__(
        self, path: Path, specs: Iterable[TopicSpec], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._specs = by_name(specs)
        self._now = now
        self._codec = Codec()
        folder = path.with_name(path.name + ".locks")
        locks = _lock_folder(folder)
        with _one_at_a_time(folder / "schema.lock", path):
            self._file = SqliteFile(path)
            try:
                self._file.prepare()
                locks.sweep()
                self._topics = self._open_topics()
            except BaseException:
                self._file.close()
                raise
        self._members = Members(self._file, locks)
        self._bells = {name: Bell() for name in self._topics}
        self._watch = Watch(lambda: SqliteFile(path), self._bells.values(), self._members.bury_all_dead)

    def _open_topics(self) -> dict[str, _Topic]:
        with self._file.writing() as connection:
            return {spec.name: _open_topic(connection, spec, self._path) for spec in self._specs.values()}

    def produce(self, messages: Sequence[Outgoing]) -> None:
        """Append all messages, of all topics, in one transaction."""
        topics.check(self._specs, messages)
        sequences, latest = self._sort(messages)
        if not messages:
            return
        now = self._now()
        with self._file.writing() as connection:
            for partition, packed in sequences.items():
                partition.append(connection, packed, now)
            for topic_id, key, value in latest:
                _keep_latest(connection, topic_id, key, value)
        for name in {partition.topic for partition in sequences}:
            self._bells[name].ring()

    def _sort(
        self, messages: Sequence[Outgoing]
    ) -> tuple[dict[Partition, list[Packed]], list[tuple[int, str, tuple[bool, bytes] | None]]]:
        """Compress the messages (outside the transaction, so that others need not wait) and find their partitions."""
        sequences: dict[Partition, list[Packed]] = defaultdict(list)
        latest = []
        for message in messages:
            topic = self._topics[message.topic]
            value = None if message.value is None else self._codec.pack(message.value)
            if self._specs[topic.name].compacted:
                latest.append((topic.id, message.key, value))
            elif value is not None:
                number = partition_of(message.key, len(topic.partitions))
                sequences[topic.partitions[number]].append(
                    Packed(message.key, message.attempt, *value, message.trace)
                )
        return sequences, latest

    def consumer(self, group: str, topic: str) -> SqliteConsumer:
        """Join a group as a new member, which lives as long as this process."""
        topics.sequence(self._specs, topic)
        found = self._topics[topic]
        joined = Group(group, found.id)
        self._watch.start()
        reader = SqliteFile(self._path)
        try:
            member = self._members.join(joined, found.partitions)
        except BaseException:
            reader.close()
            raise
        return SqliteConsumer(
            joined,
            member,
            found.partitions,
            self._file,
            reader,
            self._members,
            self._bells[topic],
            self._codec,
        )

    def latest(self, topic: str, before: str | None = None) -> Mapping[str, bytes]:
        """The last value of each key of a compacted topic, or of those before one: the others are not read."""
        topics.compacted(self._specs, topic)
        with closing(SqliteFile(self._path)) as file, file.reading() as connection:
            query = "SELECT key, packed, value FROM latest WHERE topic = ?"
            number = self._topics[topic].id
            rows = (
                connection.execute(query, (number,))
                if before is None
                else connection.execute(f"{query} AND key < ?", (number, before))
            )
            return {key: self._codec.unpack(packed, value) for key, packed, value in rows}

    def keys(self, topic: str) -> Collection[str]:
        """The keys of a compacted topic."""
        topics.compacted(self._specs, topic)
        with closing(SqliteFile(self._path)) as file, file.reading() as connection:
            number = self._topics[topic].id
            return [key for (key,) in connection.execute("SELECT key FROM latest WHERE topic = ?", (number,))]

    def changes(self, topic: str, since: Mapping[int, int]) -> Changes:
        """What was written since a position."""
        topics.compacted(self._specs, topic)
        topic_id, known = self._topics[topic].id, since.get(0, -1)
        with closing(SqliteFile(self._path)) as file, file.reading() as connection:
            (last,) = connection.execute("SELECT changes FROM topics WHERE id = ?", (topic_id,)).fetchone()
            is_all = not 0 <= known <= last
            rows = connection.execute(
                "SELECT key, packed, value FROM latest WHERE topic = ? AND change > ?",
                (topic_id, -1 if is_all else known),
            )
            values = {key: self._codec.unpack(packed, value) for key, packed, value in rows}
        return Changes(values, {0: int(last)}, is_all)

    def progress(self, group: str, topic: str) -> Progress:
        """The progress of a group: `done` and `lag` add up to all messages ever appended."""
        topics.sequence(self._specs, topic)
        found = self._topics[topic]
        with self._file.reading() as connection:
            committed = Group(group, found.id).committed(connection)
            starts = {each.number: each.start(connection) for each in found.partitions}
            ends = {each.number: each.end(connection) for each in found.partitions}
        return progress_of(committed, starts, ends)

    def ends(self, topic: str) -> Mapping[int, int]:
        """The offset of the next message in each partition."""
        topics.sequence(self._specs, topic)
        with self._file.reading() as connection:
            return {each.number: each.end(connection) for each in self._topics[topic].partitions}

    def rewind(self, group: str, topic: str, since: datetime | None = None) -> int:
        """Set a group back, never forward; returns its new lag."""
        topics.sequence(self._specs, topic)
        found = self._topics[topic]
        back = Group(group, found.id)
        self._members.bury_dead(back)
        with self._file.writing() as connection:
            if back.members(connection):
                raise LogError(f"group {group!r} still reads {topic!r}: stop it before rewinding")
            for each in found.partitions:
                target = each.start(connection) if since is None else each.offset_at(connection, since)
                back.set_back(connection, each.number, target)
        return self.progress(group, topic).lag

    def trim(self, topic: str, older_than: datetime, max_bytes: int, beside: Collection[str] = ()) -> int:
        """Delete the oldest messages that every known group but those in `beside` has committed, and free their space."""
        if topics.known(self._specs, topic).compacted:
            return 0
        went = 0
        while step := self._trim_step(self._topics[topic], older_than, max_bytes, beside):
            went += step
        if went:
            self._file.give_back()
        return went

    def _trim_step(self, topic: _Topic, older_than: datetime, max_bytes: int, beside: Collection[str]) -> int:
        with self._file.writing() as connection:
            total = sum(each.size(connection) for each in topic.partitions)
            # A list: a cursor left open after the transaction would hold its snapshot and block the next writer.
            held = list(islice(_forgettable(connection, topic, beside), _TRIM_STEP))
            places = cuts(held, total, older_than, max_bytes)
            return sum(topic.partitions[number].cut(connection, offset) for number, offset in places.items())

    def close(self) -> None:
        """Release the file and the lock."""
        self._watch.close()
        self._members.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lock_folder(folder: Path) -> LockFolder:
    try:
        return LockFolder(folder)
    except OSError as error:
        raise ConfigError(
            f"{folder}: can't create this folder, which the log needs: {error.strerror}"
        ) from error


@contextmanager
def _one_at_a_time(lock: Path, path: Path) -> Iterator[None]:
    """Keeps other processes from opening the file while the first one sets its mode and creates or upgrades the tables."""
    opening = FileLock(lock)
    try:
        opening.acquire(timeout=_OPEN_SECONDS)
    except Timeout as error:
        raise RetryLater(
            "busy", f"{path}: other processes have been opening it for {_OPEN_SECONDS} s"
        ) from error
    try:
        yield
    finally:
        opening.release()


def _open_topic(connection: sqlite3.Connection, spec: TopicSpec, path: Path) -> _Topic:
    """Find a topic in the file, or create it."""
    described = (spec.partitions, int(spec.compacted))
    row = connection.execute(
        "SELECT id, partitions, compacted FROM topics WHERE name = ?", (spec.name,)
    ).fetchone() or _create_topic(connection, spec)
    if row[1:] != described:
        raise ConfigError(
            f"{path}: topic {spec.name!r} has (partitions, compacted) = {row[1:]}, but {described} is configured:"
            " keys would move to other partitions"
        )
    return _Topic(row[0], spec.name, [] if spec.compacted else _partitions(spec, row[0]))


def _create_topic(connection: sqlite3.Connection, spec: TopicSpec) -> tuple[int, int, int]:
    described = (spec.partitions, int(spec.compacted))
    row: tuple[int, int, int] = connection.execute(
        "INSERT INTO topics (name, partitions, compacted) VALUES (?, ?, ?) RETURNING id, partitions, compacted",
        (spec.name, *described),
    ).fetchone()
    if not spec.compacted:
        for partition in _partitions(spec, row[0]):
            partition.create(connection)
    return row


def _partitions(spec: TopicSpec, topic_id: int) -> list[Partition]:
    return [Partition(spec.name, topic_id, number) for number in range(spec.partitions)]


def _keep_latest(
    connection: sqlite3.Connection, topic_id: int, key: str, value: tuple[bool, bytes] | None
) -> None:
    """Replace the value of a key in a compacted topic; None removes the key."""
    if value is None:
        connection.execute("DELETE FROM latest WHERE topic = ? AND key = ?", (topic_id, key))
    else:
        (change,) = connection.execute(
            "UPDATE topics SET changes = changes + 1 WHERE id = ? RETURNING changes", (topic_id,)
        ).fetchone()
        connection.execute(
            """INSERT INTO latest (topic, key, packed, value, change) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET packed = excluded.packed, value = excluded.value, change = excluded.change""",
            (topic_id, key, *value, change),
        )


def _forgettable(connection: sqlite3.Connection, topic: _Topic, beside: Collection[str]) -> Iterator[Held]:
    """The messages of a topic that every known group but those in `beside` has committed, oldest first."""
    claims = connection.execute(
        "SELECT consumer_group, partition, committed FROM claims WHERE topic = ?", (topic.id,)
    ).fetchall()
    slowest: dict[int, int] = {}
    for group, number, committed in claims:
        if group not in beside:
            slowest[number] = min(committed, slowest.get(number, committed))
    return heapq.merge(
        *(
            each.oldest(connection, slowest.get(each.number, each.end(connection)))
            for each in topic.partitions
        )
    )
