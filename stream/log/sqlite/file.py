"""The file of the embedded log: opening it, transactions, schema and disk errors."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stream.errors import ConfigError, NewerVersion, Reject, RetryLater

_APPLICATION = 0x77776C67  # "wwlg" in SQLite's header marks the file as ours
_BUSY_SECONDS = 10.0
_PAGE_BYTES = 16_384  # most messages fit into one page; bench/log.py measured it faster than 4 KB
_WAL_LIMIT = 64 * 2**20
_VACUUM_PAGES = 256  # 4 MB per step, so that writers wait only milliseconds
_STATEMENTS = 512  # each partition has its own statements

_UPGRADES: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE topics (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL
        )""",
        # Each partition's records are in a separate table (records.py); `start` is the first offset not trimmed.
        """CREATE TABLE partitions (
            topic INTEGER NOT NULL, partition INTEGER NOT NULL, start INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (topic, partition)
        ) WITHOUT ROWID""",
        """CREATE TABLE latest (
            topic INTEGER NOT NULL, key TEXT NOT NULL, packed INTEGER NOT NULL, value BLOB NOT NULL,
            PRIMARY KEY (topic, key)
        )""",
        """CREATE TABLE members (
            id INTEGER PRIMARY KEY AUTOINCREMENT, consumer_group TEXT NOT NULL, topic INTEGER NOT NULL, lock TEXT NOT NULL
        )""",
        # `epoch` counts the changes of `owner`, so that commits of earlier owners can be refused.
        """CREATE TABLE claims (
            consumer_group TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL,
            committed INTEGER NOT NULL, owner INTEGER, epoch INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (consumer_group, topic, partition)
        ) WITHOUT ROWID""",
    ),
    (
        # `change` counts the writes of the topic, so that a reader can ask for what was written since.
        "ALTER TABLE topics ADD COLUMN changes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE latest ADD COLUMN change INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX latest_by_change ON latest (topic, change)",
    ),
    (
        # The trace context of each message (stream/trace.py); a table that is made later has the column from the start.
        """SELECT 'ALTER TABLE records_' || topic || '_' || partition || ' ADD COLUMN trace TEXT NOT NULL DEFAULT '''''
            FROM partitions JOIN topics ON topics.id = topic WHERE NOT compacted""",
    ),
)
"""Entry n upgrades a file from version n (its user_version) to n + 1. Rows that a statement returns are statements themselves,
one for each of several tables. Never change a released entry: add a new one."""
VERSION = len(_UPGRADES)
"""The version of a file that this wirewatch writes."""


class SqliteFile:
    """One connection to the file, for one thread at a time.

    synchronous=NORMAL: a commit is in the system's memory, so it survives the death of any process; a power failure may lose
    the last commits, but leaves an earlier state of the whole file (https://sqlite.org/wal.html). That is safe here because
    everything that must agree (messages, offsets, the state of the feeds) is in this one file.

    Raises:
        ConfigError: the file can't be opened, is not a wirewatch log, or was written by a newer wirewatch.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        try:
            self._connection = _connect(path)
        except sqlite3.DatabaseError as error:
            if _kind(error) is not None:
                raise _retry(error, path) from error
            raise ConfigError(f"{path}: can't be opened as a wirewatch log: {error}") from error

    def prepare(self) -> None:
        """Create or upgrade the tables; only one process at a time may call this."""
        version = self._check_version()
        for number, statements in enumerate(_UPGRADES[version:], version + 1):
            with self.writing() as connection:
                for statement in statements:
                    for (each,) in connection.execute(statement).fetchall():
                        connection.execute(each)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {number}")

    def _check_version(self) -> int:
        """The version of the schema; 0 for a new file."""
        with self.reading() as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and application != _APPLICATION:
            raise ConfigError(f"{self._path}: is a database, but not a wirewatch log")
        if version > len(_UPGRADES):
            raise NewerVersion(
                f"{self._path}: was written by a newer wirewatch (version {version} of the log; this one knows"
                f" {len(_UPGRADES)}): use that, or another data directory"
            )
        return int(version)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: commits the whole block, or nothing if it raises.

        Raises:
            Reject: `too-large`: the value is too large for SQLite.
            RetryLater: `disk-full`, `disk-error`, or `busy` if other processes kept the file locked for 10 s.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read transaction: the block sees one snapshot of the file. It never waits for a writer."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        with self._lock, _translated(self._path):
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself has rolled back after some errors
                    connection.execute("ROLLBACK")
                raise

    def changes(self) -> int:
        """A number that changes when another connection, in any process, commits. Costs a few microseconds."""
        with self._lock, _translated(self._path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def give_back(self) -> None:
        """Return the free pages to the file system, in short steps that let writers through."""
        with self._lock:
            (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        for _ in range(-(-free // _VACUUM_PAGES)):
            with self._lock, _translated(self._path):
                # It frees one page per step and has no columns: execute() runs one step only, executescript() runs all.
                self._connection.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(OSError):  # SQLite's own error is clearer
        path.touch(mode=0o600)  # readable by the owner only; SQLite gives -wal and -shm the same mode
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    try:
        # The first two take effect only in an empty file that is not yet in WAL mode.
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if _kind(error) is None:
            raise
        raise _retry(error, path) from error
    except sqlite3.DataError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_TOOBIG:
            raise
        raise Reject("too-large", f"{path}: a message is too large for SQLite: {error}") from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            raise
        raise ConfigError(f"{path} is damaged ({error}): wirewatch check says what can be done") from error


def _kind(error: sqlite3.DatabaseError) -> str | None:
    """The kind of RetryLater for an error; None if the error is permanent."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_BUSY:
        return "busy"
    if code in _FULL:
        return "disk-full"
    # A quota, a limit on the size of files, a disk that fails: in any part of a read, a write or an opening.
    return "disk-error" if code & 0xFF == sqlite3.SQLITE_IOERR else None


_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""The shared memory beside the WAL is a file too, and reports a full disk in its own way."""


def _retry(error: sqlite3.DatabaseError, path: Path) -> RetryLater:
    return RetryLater(_kind(error) or "database", f"{path}: {error}")
