"""The records of one partition, in a table of their own: appending, reading, bounds, trimming.

Offsets continue from the last record or, if there is none, from the last trim: they are never reused, and an append updates no
counter. `before` is the total bytes of all earlier values, so the size of a partition follows from its first and last record;
`appended` never decreases, so a time can be found by bisection.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stream.log.base import Record
from stream.log.codec import Codec
from stream.log.retention import Held

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Packed:
    """A message ready to be stored."""

    key: str
    attempt: int
    packed: bool
    value: bytes
    trace: str


@dataclass(frozen=True)
class Partition:
    """The table of a partition. Its methods run in the caller's transaction.

    Attributes:
        topic: the topic's name.
        topic_id: its number in this file.
        number: the partition.
    """

    topic: str
    topic_id: int
    number: int

    @property
    def _table(self) -> str:
        return (
            f"records_{self.topic_id}_{self.number}"  # built from two numbers, so it is safe in a statement
        )

    def create(self, connection: sqlite3.Connection) -> None:
        """Create the table of a new partition."""
        connection.execute(
            f"""CREATE TABLE {self._table} (
                "offset" INTEGER PRIMARY KEY, key TEXT NOT NULL, attempt INTEGER NOT NULL, appended INTEGER NOT NULL,
                before INTEGER NOT NULL, packed INTEGER NOT NULL, value BLOB NOT NULL,
                trace TEXT NOT NULL DEFAULT ''
            )"""
        )
        connection.execute(
            "INSERT INTO partitions (topic, partition) VALUES (?, ?)", (self.topic_id, self.number)
        )

    def append(self, connection: sqlite3.Connection, messages: Iterable[Packed], now: datetime) -> None:
        """Append messages with the time `now`, or that of the last message if the clock went back."""
        last = connection.execute(
            f"""SELECT "offset" + 1, max(appended, ?), before + length(value) FROM {self._table}
                ORDER BY "offset" DESC LIMIT 1""",  # noqa: S608
            (_micros(now),),
        ).fetchone()
        offset, appended, before = last or (self.start(connection), _micros(now), 0)
        rows = []
        for message in messages:
            stored = (message.packed, message.value, message.trace)
            rows.append((offset, message.key, message.attempt, appended, before, *stored))
            offset, before = offset + 1, before + len(message.value)
        connection.executemany(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608

    def read(self, connection: sqlite3.Connection, offset: int, limit: int, codec: Codec) -> Iterator[Record]:
        """At most `limit` records, starting at an offset."""
        rows = connection.execute(
            f"""SELECT "offset", key, packed, value, attempt, appended, trace FROM {self._table}
                WHERE "offset" >= ? ORDER BY "offset" LIMIT ?""",  # noqa: S608
            (offset, limit),
        )
        for at, key, packed, value, attempt, appended, trace in rows:
            whole = codec.unpack(packed, value)
            yield Record(self.topic, self.number, at, key, whole, attempt, _moment(appended), trace)

    def start(self, connection: sqlite3.Connection) -> int:
        """The first offset that was not trimmed."""
        row = connection.execute(
            "SELECT start FROM partitions WHERE topic = ? AND partition = ?", (self.topic_id, self.number)
        ).fetchone()
        return int(row[0])

    def end(self, connection: sqlite3.Connection) -> int:
        """The offset of the next message."""
        (last,) = connection.execute(f'SELECT max("offset") FROM {self._table}').fetchone()  # noqa: S608
        return self.start(connection) if last is None else int(last) + 1

    def size(self, connection: sqlite3.Connection) -> int:
        """The bytes of all values in the file."""
        (size,) = connection.execute(
            f"""SELECT coalesce(
                (SELECT before + length(value) FROM {self._table} ORDER BY "offset" DESC LIMIT 1)
                - (SELECT before FROM {self._table} ORDER BY "offset" LIMIT 1), 0)"""  # noqa: S608
        ).fetchone()
        return int(size)

    def offset_at(self, connection: sqlite3.Connection, since: datetime) -> int:
        """The offset of the first record appended at or after a time; the end offset if there is none."""
        query = f'SELECT appended FROM {self._table} WHERE "offset" = ?'  # noqa: S608
        held = range(self.start(connection), self.end(connection))
        return held.start + bisect_left(
            held, _micros(since), key=lambda offset: connection.execute(query, (offset,)).fetchone()[0]
        )

    def oldest(self, connection: sqlite3.Connection, end: int) -> Iterator[Held]:
        """The records that may be trimmed: those before `end`, oldest first."""
        rows = connection.execute(
            f"""SELECT appended, "offset", length(value) FROM {self._table}
                WHERE "offset" < ? ORDER BY "offset" """,  # noqa: S608
            (end,),
        )
        for appended, offset, size in rows:
            yield Held(_moment(appended), self.number, offset, size)

    def cut(self, connection: sqlite3.Connection, offset: int) -> int:
        """Delete the records before an offset; returns how many."""
        went = connection.execute(f'DELETE FROM {self._table} WHERE "offset" < ?', (offset,)).rowcount  # noqa: S608
        connection.execute(
            "UPDATE partitions SET start = ? WHERE topic = ? AND partition = ?",
            (offset, self.topic_id, self.number),
        )
        return went


def _micros(time: datetime) -> int:
    """Microseconds since 1970; exact, unlike a float."""
    return (time - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
