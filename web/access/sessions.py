"""Log-ins that are under way, kept on this side, so that each can be ended."""

from collections.abc import Callable
from datetime import datetime, timedelta

from web.access import secrets
from web.access.person import ROLES, Person
from web.database import Database

UNUSED = timedelta(hours=12)
"""A session ends after this long without use."""
LONGEST = timedelta(days=7)
_WRITTEN_EVERY = timedelta(minutes=5)
"""How precisely the last use is recorded."""


class Sessions:
    """The sessions of a data folder.

    Args:
        database: where they are kept.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def begin(self, name: str) -> str:
        """Begin a session of a person; returns its secret, for her browser. Ended ones are forgotten."""
        secret, now = secrets.new(), self._now()
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE used < ? OR began < ?", _ended_before(now))
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)",
                (secrets.hash_of(secret), name, int(now.timestamp()), int(now.timestamp())),
            )
        return secret

    def whose(self, secret: str) -> Person | None:
        """The person of a session; None if there is none, or it has ended."""
        now, key = self._now(), secrets.hash_of(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT name, role, used FROM sessions JOIN people USING (name)"
                " WHERE hash = ? AND used >= ? AND began >= ?",
                (key, *_ended_before(now)),
            ).fetchone()
        if row is None:
            return None
        name, role, used = row
        if used < (now - _WRITTEN_EVERY).timestamp():
            with self._database.writing() as connection:
                connection.execute("UPDATE sessions SET used = ? WHERE hash = ?", (int(now.timestamp()), key))
        return Person(name, ROLES[role], "session")

    def end(self, secret: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE hash = ?", (secrets.hash_of(secret),))

    def end_all_of(self, name: str) -> int:
        """End all sessions of a person; returns how many there were."""
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM sessions WHERE name = ?", (name,)).rowcount


def _ended_before(now: datetime) -> tuple[int, int]:
    """A session has ended if it was last used, or began, before these."""
    return int((now - UNUSED).timestamp()), int((now - LONGEST).timestamp())
