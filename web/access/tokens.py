"""Tokens for programs: `Authorization: Bearer ww_...`."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stream.errors import ConfigError
from web.access import secrets
from web.access.person import ROLES, SCOPES, Person, Scope, lesser
from web.database import Database

PREFIX = "ww_"
_WRITTEN_EVERY = timedelta(minutes=5)
_ID_DIGITS = 8


class Token(msgspec.Struct, frozen=True):
    """A token, without its secret.

    Attributes:
        id: to name it by.
        owner: the person for whom it acts.
        label: what it is for.
        scope: what it may do, as far as its owner may.
        expires: None: never.
        used: when it was last used, within five minutes; None: never.
    """

    id: str
    owner: str
    label: str
    scope: Scope
    added: datetime
    expires: datetime | None
    used: datetime | None


class Tokens:
    """The tokens of a data folder.

    Args:
        database: where they are kept.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def add(self, owner: str, label: str, scope: Scope, lasts: timedelta | None) -> tuple[Token, str]:
        """Make a token; returns it and its secret, never shown again. Raises ConfigError if there is no such owner."""
        secret, now = secrets.new(PREFIX), self._now()
        key = secrets.hash_of(secret)
        token = Token(key.hex()[:_ID_DIGITS], owner, label, scope, now, now + lasts if lasts else None, None)
        row = (key, token.id, owner, label, scope, _seconds(now), _seconds(token.expires), None)
        try:
            with self._database.writing() as connection:
                connection.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise ConfigError(
                f"{owner}: there is no such person; add her with: wirewatch users add {owner}"
            ) from None
        return token, secret

    def all(self) -> list[Token]:
        """All tokens, the oldest first."""
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, owner, label, scope, added, expires, used FROM tokens ORDER BY added, id"
            ).fetchall()
        return [_token(row) for row in rows]

    def revoke(self, token_id: str) -> Token:
        """Revoke a token, at once; raises ConfigError if none has this id."""
        found = next((one for one in self.all() if one.id == token_id), None)
        if found is None:
            raise ConfigError(f"{token_id}: there is no such token; wirewatch tokens list names them")
        with self._database.writing() as connection:
            connection.execute("DELETE FROM tokens WHERE id = ?", (token_id,))
        return found

    def whose(self, secret: str) -> Person | None:
        """For whom a token acts, and what it may do; None if it is not valid."""
        now, key = self._now(), secrets.hash_of(secret)
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT owner, scope, role, used FROM tokens JOIN people ON name = owner"
                " WHERE hash = ? AND (expires IS NULL OR expires > ?)",
                (key, _seconds(now)),
            ).fetchone()
        if row is None:
            return None
        owner, scope, role, used = row
        if used is None or used < (now - _WRITTEN_EVERY).timestamp():
            with self._database.writing() as connection:
                connection.execute("UPDATE tokens SET used = ? WHERE hash = ?", (_seconds(now), key))
        return Person(owner, lesser(_scope(scope), ROLES[role]), "token")


def _token(row: tuple[Any, ...]) -> Token:
    token_id, owner, label, scope, added, expires, used = row
    return Token(
        token_id, owner, label, _scope(scope), datetime.fromtimestamp(added, UTC), _time(expires), _time(used)
    )


def _scope(text: str) -> Scope:
    return next(scope for scope in SCOPES if scope == text)


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp())


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
