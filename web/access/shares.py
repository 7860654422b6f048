"""Links to single views, for people without log-in: each is good for one address, until it expires or is revoked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stream.errors import ConfigError
from web.access import secrets
from web.access.person import Person
from web.database import Database

MOST_OF_A_PERSON = 200
_USED_EVERY = timedelta(minutes=5)
_ID_DIGITS = 8


class Share(msgspec.Struct, frozen=True):
    """A shared view, without the secret of its link.

    Attributes:
        id: to name it by.
        owner: who shared it; the view is shown as she sees it.
        address: of the view, such as `/?q=syria`.
        expires: until when it is good.
        used: when it was last opened, within five minutes; None: never.
    """

    id: str
    owner: str
    address: str
    added: datetime
    expires: datetime
    used: datetime | None


class Shares:
    """The shared views of a data folder.

    Args:
        database: where they are kept.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def add(self, owner: str, address: str, lasts: timedelta) -> tuple[Share, str]:
        """Share a view; returns it and the secret of its link, never shown again. Raises ConfigError for too many."""
        secret, now = secrets.new(), self._now()
        key = secrets.hash_of(secret)
        share = Share(key.hex()[:_ID_DIGITS], owner, address, now, now + lasts, None)
        row = (key, share.id, owner, address, _seconds(now), _seconds(share.expires), None)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM shares WHERE expires <= ?", (_seconds(now),))
            (number,) = connection.execute("SELECT count(*) FROM shares WHERE owner = ?", (owner,)).fetchone()
            if number >= MOST_OF_A_PERSON:
                raise ConfigError(f"there are {number} shared links of yours: revoke some first")
            connection.execute("INSERT INTO shares VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return share, secret

    def all(self, owner: str = "") -> list[Share]:
        """Those that are good, of one person or ('') of everybody; the newest first."""
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, owner, address, added, expires, used FROM shares"
                " WHERE expires > ? AND ? IN ('', owner) ORDER BY added DESC, id",
                (_seconds(self._now()), owner),
            ).fetchall()
        return [_share(row) for row in rows]

    def revoke(self, share_id: str, owner: str = "") -> bool:
        """Revoke a link, at once; returns whether there was one of this id, of that owner if one is named."""
        with self._database.writing() as connection:
            done = connection.execute(
                "DELETE FROM shares WHERE id = ? AND ? IN ('', owner)", (share_id, owner)
            )
            return bool(done.rowcount)

    def whose(self, secret: str) -> tuple[Person, Share] | None:
        """For whom a link shows which view; None if it is not valid."""
        if not self._database.exists():
            return None
        now, key = self._now(), secrets.hash_of(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT id, owner, address, added, expires, used FROM shares WHERE hash = ? AND expires > ?",
                (key, _seconds(now)),
            ).fetchone()
        if row is None:
            return None
        share = _share(row)
        if share.used is None or share.used < now - _USED_EVERY:
            with self._database.writing() as connection:
                connection.execute("UPDATE shares SET used = ? WHERE hash = ?", (_seconds(now), key))
        return Person(share.owner, "read", "link"), share


def _share(row: tuple[Any, ...]) -> Share:
    share_id, owner, address, added, expires, used = row
    return Share(
        share_id,
        owner,
        address,
        datetime.fromtimestamp(added, UTC),
        datetime.fromtimestamp(expires, UTC),
        None if used is None else datetime.fromtimestamp(used, UTC),
    )


def _seconds(time: datetime) -> int:
    return int(time.timestamp())
