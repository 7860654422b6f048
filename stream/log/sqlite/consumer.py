"""A member of a group that reads the embedded log."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from stream.log import topics
from stream.log.base import LogError, Record
from stream.log.bell import Bell
from stream.log.calls import Calls
from stream.log.codec import Codec
from stream.log.fair import Rota, gather
from stream.log.sqlite.file import SqliteFile
from stream.log.sqlite.members import Claim, Group, Members
from stream.log.sqlite.records import Partition

_POLL_BYTES = (
    32 * 2**20
)  # a poll returns at most this much (but always one record), to bound memory as well as the count


class SqliteConsumer:
    """See `stream.log.base.Consumer`; made by `SqliteLog.consumer`.

    It reads through its own connection, so that it never waits for a writer, and writes through the log's.
    """

    def __init__(
        self,
        group: Group,
        member: int,
        partitions: Sequence[Partition],
        file: SqliteFile,
        reader: SqliteFile,
        members: Members,
        bell: Bell,
        codec: Codec,
    ) -> None:
        self._group = group
        self._member = member
        self._partitions = partitions
        self._file = file
        self._reader = reader
        self._members = members
        self._bell = bell
        self._codec = codec
        self._calls = Calls(f"this member of group {group.name!r}")
        self._rota = Rota()
        self._claims: dict[int, Claim] = {}
        self._positions: dict[int, int] = {}

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next records; waits for the first."""
        with self._calls.one():
            return self._poll(limit, time.monotonic() + timeout)

    def _poll(self, limit: int, deadline: float) -> list[Record]:
        while True:
            rings, before = self._bell.rings(), self._claims
            records = self._fetch(limit)
            left = deadline - time.monotonic()
            if records or limit <= 0 or left <= 0 or (before and self._claims.keys() != before.keys()):
                return records
            if self._calls.is_woken():
                return records
            self._bell.wait(rings, left)
            self._calls.go_on()

    def _fetch(self, limit: int) -> list[Record]:
        """Update the owned partitions and read on in them, both in one snapshot of the file."""
        with self._reader.reading() as connection:
            claims = self._group.claims(connection, self._member)
            if not claims:
                self._check_membership(connection)
            positions = self._positions_in(claims)
            reading = _Reading(connection, self._partitions, positions, self._codec)
            records = gather(self._rota.order(sorted(claims)), limit, reading.read)
        self._claims, self._positions = claims, positions
        return records

    def _positions_in(self, claims: Mapping[int, Claim]) -> dict[int, int]:
        """Where to read on: after the last record read, or at the committed offset if the partition is newly owned."""
        positions = {}
        for number, claim in claims.items():
            before = self._claims.get(number)
            stayed = before is not None and before.epoch == claim.epoch
            positions[number] = self._positions[number] if stayed else claim.committed
        return positions

    def _check_membership(self, connection: sqlite3.Connection) -> None:
        if self._member not in self._group.members(connection):
            raise LogError(
                f"member {self._member} of group {self._group.name!r} is no longer in it: it was closed,"
                " or is considered dead because its lock file is gone"
            )

    def wake(self) -> None:
        """Let a waiting poll return."""
        self._calls.wake()
        self._bell.ring()

    def assigned(self) -> frozenset[int]:
        """The partitions owned at the last poll."""
        return frozenset(self._claims)

    def ownership(self) -> Mapping[int, int]:
        """These partitions, and the number of each ownership."""
        return {number: claim.epoch for number, claim in self._claims.items()}

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record what is done, in the partitions that are still owned."""
        with self._calls.one():
            owned = {number: offset for number, offset in offsets.items() if number in self._claims}
            if owned:
                self._commit(owned)

    def _commit(self, owned: Mapping[int, int]) -> None:
        with self._file.writing() as connection:
            for number, offset in owned.items():
                partition = self._partitions[number]
                topics.check_offset(partition.topic, number, offset, partition.end(connection))
                self._group.commit(connection, number, offset, self._claims[number].epoch)

    def close(self) -> None:
        """Leave the group."""
        self._calls.shut()
        self._bell.ring()
        with self._calls.last():
            try:
                self._members.leave(self._group, self._member)
            finally:
                self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Reading:
    """Reads for one poll: advances `positions`, and stops when the poll has returned enough bytes."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        partitions: Sequence[Partition],
        positions: dict[int, int],
        codec: Codec,
    ) -> None:
        self._connection = connection
        self._partitions = partitions
        self._positions = positions
        self._codec = codec
        self._left = _POLL_BYTES

    def read(self, number: int, limit: int) -> list[Record]:
        """The next records of a partition."""
        found: list[Record] = []
        if self._left <= 0:
            return found
        partition = self._partitions[number]
        for record in partition.read(self._connection, self._positions[number], limit, self._codec):
            found.append(record)
            self._positions[number] = record.offset + 1
            self._left -= len(record.value)
            if self._left <= 0:
                break
        return found
