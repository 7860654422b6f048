"""The page's own small SQLite files: private to this user, upgraded in place, shared by threads and processes."""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from stream.errors import ConfigError, RetryLater

_BUSY_SECONDS = 10.0


class Database:
    """One file, opened by its first use, which makes it where it is missing.

    Args:
        path: the file.
        application: SQLite's `application_id` of this kind of file.
        upgrades: entry n has the statements that take a file from version n to n + 1. A released entry never changes.
    """

    def __init__(self, path: Path, application: int, upgrades: Sequence[Sequence[str]]) -> None:
        self.path = path
        self._application = application
        self._upgrades = upgrades
        self._turn = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        self._release: Callable[[], object] = _nothing

    def exists(self) -> bool:
        """Whether there is a file yet."""
        return self.path.exists()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: the whole block or, if it raises, nothing. Durable once the block is left.

        Raises ConfigError if the file is none of ours, RetryLater if it can't be written now.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read transaction; raises as `writing` does."""
        with self._transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Release the file; the next use opens it again."""
        with self._turn:
            self._opened = None
            self._release()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._turn, _told(self.path):
            connection = self._connection()
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            opened = _connect(self.path)
            try:
                self._upgrade(opened)
            except BaseException:
                opened.close()
                raise
            self._opened = opened
            self._release = weakref.finalize(self, opened.close)  # also where nobody closes it
        return self._opened

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        version = self._checked_version(connection)
        for statements in self._upgrades[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(self._upgrades):
            connection.execute(f"PRAGMA application_id = {self._application}")
            connection.execute(f"PRAGMA user_version = {len(self._upgrades)}")
        connection.execute("COMMIT")

    def _checked_version(self, connection: sqlite3.Connection) -> int:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and application != self._application:
            raise ConfigError(f"{self.path}: is a database, but not one of wirewatch's of this name")
        if version > len(self._upgrades):
            raise ConfigError(f"{self.path}: was written by a newer wirewatch; use that")
        return int(version)


def _nothing() -> None:
    """What is to be released of a file that was not opened."""


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(OSError):  # SQLite's own error is clearer
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite gives -wal and -shm the same mode
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ones to show to people."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        raise RetryLater("disk-error", f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
