"""The members of groups and the owners of partitions: rows in the file, changed in one transaction per join, leave or death.

Each change of a partition's owner raises its epoch. `commit` passes the epoch under which the records were read (a fencing
token), so that a commit by an earlier owner has no effect. Until the earlier owner's next poll, both may process the same
records: delivery is at least once.
"""

import sqlite3
from dataclasses import dataclass

from stream.log.locks import Held, LockFolder
from stream.log.sharing import share
from stream.log.sqlite.file import SqliteFile
from stream.log.sqlite.records import Partition


@dataclass(frozen=True)
class Claim:
    """A partition that a member owns: the group's committed offset, and the epoch of the ownership."""

    committed: int
    epoch: int


@dataclass(frozen=True)
class Group:
    """A consumer group in one topic. Methods that take a connection run in the caller's transaction.

    Attributes:
        name: the group's name.
        topic_id: the topic's number in this file.
    """

    name: str
    topic_id: int

    def committed(self, connection: sqlite3.Connection) -> dict[int, int]:
        """The committed offset of each partition; empty if the group is unknown."""
        rows = connection.execute(
            "SELECT partition, committed FROM claims WHERE consumer_group = ? AND topic = ?",
            (self.name, self.topic_id),
        )
        return dict(rows.fetchall())

    def claims(self, connection: sqlite3.Connection, member: int) -> dict[int, Claim]:
        """The partitions that a member owns."""
        rows = connection.execute(
            "SELECT partition, committed, epoch FROM claims WHERE consumer_group = ? AND topic = ? AND owner = ?",
            (self.name, self.topic_id, member),
        )
        return {partition: Claim(committed, epoch) for partition, committed, epoch in rows}

    def commit(self, connection: sqlite3.Connection, partition: int, offset: int, epoch: int) -> None:
        """Advance the committed offset if the partition still has the epoch."""
        connection.execute(
            """UPDATE claims SET committed = max(committed, ?)
               WHERE consumer_group = ? AND topic = ? AND partition = ? AND epoch = ?""",
            (offset, self.name, self.topic_id, partition, epoch),
        )

    def set_back(self, connection: sqlite3.Connection, partition: int, offset: int) -> None:
        """Lower the committed offset of a known group."""
        connection.execute(
            """UPDATE claims SET committed = min(committed, ?)
               WHERE consumer_group = ? AND topic = ? AND partition = ?""",
            (offset, self.name, self.topic_id, partition),
        )

    def members(self, connection: sqlite3.Connection) -> list[int]:
        """The ids of the members that are not known to be dead."""
        rows = connection.execute(
            "SELECT id FROM members WHERE consumer_group = ? AND topic = ?", (self.name, self.topic_id)
        )
        return [member for (member,) in rows]


class Members:
    """The members of all groups, as managed by one log object.

    Args:
        file: for the writes.
        locks: the folder of the locks that show which members are alive.
    """

    def __init__(self, file: SqliteFile, locks: LockFolder) -> None:
        self._file = file
        self._locks = locks
        self._held: Held | None = None

    def join(self, group: Group, partitions: list[Partition]) -> int:
        """Add a member that lives as long as this process; returns its id. A new group starts at the oldest message."""
        self.bury_dead(group)
        with self._file.writing() as connection:
            if self._held is None:
                self._held = self._locks.hold()
            (member,) = connection.execute(
                "INSERT INTO members (consumer_group, topic, lock) VALUES (?, ?, ?) RETURNING id",
                (group.name, group.topic_id, self._held.name),
            ).fetchone()
            connection.executemany(
                "INSERT OR IGNORE INTO claims (consumer_group, topic, partition, committed) VALUES (?, ?, ?, ?)",
                [(group.name, group.topic_id, each.number, each.start(connection)) for each in partitions],
            )
            _share(connection, group)
        return int(member)

    def leave(self, group: Group, member: int) -> None:
        """Remove a member; its partitions go to the others."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM members WHERE id = ?", (member,))
            _share(connection, group)

    def bury_dead(self, group: Group) -> None:
        """Remove the members of a group whose process is gone."""
        self._bury(
            "SELECT DISTINCT lock FROM members WHERE consumer_group = ? AND topic = ? AND lock <> ?",
            (group.name, group.topic_id, self._mine()),
        )

    def bury_all_dead(self) -> None:
        """Remove the members of all groups whose process is gone."""
        self._bury("SELECT DISTINCT lock FROM members WHERE lock <> ?", (self._mine(),))

    def _mine(self) -> str:
        return self._held.name if self._held else ""

    def _bury(self, query: str, values: tuple[object, ...]) -> None:
        """Forget the holders of the locks that a query finds, where they are dead."""
        with self._file.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        for (lock,) in rows:
            with self._locks.dead(lock) as dead:
                if dead:
                    self._forget(lock)

    def _forget(self, lock: str) -> None:
        """Remove everything that joined under a lock, from all groups."""
        with self._file.writing() as connection:
            rows = connection.execute(
                "DELETE FROM members WHERE lock = ? RETURNING consumer_group, topic", (lock,)
            ).fetchall()
            for name, topic_id in sorted(set(rows)):
                _share(connection, Group(name, topic_id))

    def close(self) -> None:
        """Release the lock: members that did not leave now count as dead."""
        if self._held is not None:
            self._held.release()
            self._held = None


def _share(connection: sqlite3.Connection, group: Group) -> None:
    """Redistribute the partitions among the remaining members."""
    owners = dict(
        connection.execute(
            "SELECT partition, owner FROM claims WHERE consumer_group = ? AND topic = ?",
            (group.name, group.topic_id),
        ).fetchall()
    )
    for partition, owner in share(owners, group.members(connection)).items():
        if owner != owners[partition]:
            connection.execute(
                """UPDATE claims SET owner = ?, epoch = epoch + 1
                   WHERE consumer_group = ? AND topic = ? AND partition = ?""",
                (owner, group.name, group.topic_id, partition),
            )
