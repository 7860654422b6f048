"""The people who may log in."""

import re
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from stream.errors import ConfigError
from stream.suggest import did_you_mean
from web.access import passwords
from web.access.person import ROLES, Role
from web.database import Database

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class Account(msgspec.Struct, frozen=True):
    """A person who may log in."""

    name: str
    role: Role
    added: datetime


def name_of(text: str) -> str:
    """A person's name as it is kept; raises ConfigError if it can't be one."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{text!r}: a name has up to 64 letters (a-z), digits and . _ @ -, and begins with one of the first two"
        )
    return name


class Accounts:
    """The people of a data folder.

    Args:
        database: where they are kept.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def all(self) -> list[Account]:
        """All people, by name."""
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            rows = connection.execute("SELECT name, role, added FROM people ORDER BY name").fetchall()
        return [Account(name, _role(role), datetime.fromtimestamp(added, UTC)) for name, role, added in rows]

    def role_of(self, name: str) -> Role | None:
        """The role of a person; None if there is no such person."""
        return next((one.role for one in self.all() if one.name == name), None)

    def add(self, name: str, password: str, role: Role) -> None:
        """Add a person; raises ConfigError if the name is taken or the password too weak."""
        name = name_of(name)
        kept = _checked(password, name)
        try:
            with self._database.writing() as connection:
                connection.execute(
                    "INSERT INTO people VALUES (?, ?, ?, ?)", (name, role, kept, int(self._now().timestamp()))
                )
        except sqlite3.IntegrityError:
            raise ConfigError(f"{name}: there is such a person already") from None

    def remove(self, name: str) -> None:
        """Remove a person, with her sessions and tokens. What she has marked stays."""
        self._change(name, ["DELETE FROM people WHERE name = :name"])

    def set_password(self, name: str, password: str) -> None:
        """Give a person another password; her sessions end."""
        kept = _checked(password, name)
        self._change(
            name,
            [
                "UPDATE people SET password = :value WHERE name = :name",
                "DELETE FROM sessions WHERE name = :name",
            ],
            kept,
        )

    def set_role(self, name: str, role: Role) -> None:
        """Give a person another role, at once."""
        self._change(name, ["UPDATE people SET role = :value WHERE name = :name"], role)

    def is_right(self, name: str, password: str) -> bool:
        """Whether it is the person's password. It takes the same time if there is no such person."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT password FROM people WHERE name = ?", (name,)).fetchone()
        if not passwords.is_right(password, row[0] if row else None):
            return False
        if passwords.is_outdated(row[0]):
            self._change(
                name, ["UPDATE people SET password = :value WHERE name = :name"], passwords.hashed(password)
            )
        return True

    def _change(self, name: str, statements: Iterable[str], value: str = "") -> None:
        known = [one.name for one in self.all()]
        name = name.strip().lower()
        if name not in known:
            raise ConfigError(f"{name}: there is no such person{did_you_mean(name, known)}")
        with self._database.writing() as connection:
            for statement in statements:
                connection.execute(statement, {"name": name, "value": value})


def _checked(password: str, name: str) -> str:
    if fault := passwords.fault(password, name):
        raise ConfigError(fault)
    return passwords.hashed(password)


def _role(text: str) -> Role:
    return next(role for role in ROLES if role == text)
