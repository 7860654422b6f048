"""The articles of the embedded store, in SQLite: the source of truth, from which the full-text index can be rebuilt.

Each article has a *number*, which is permanent and represents it in the full-text index, and a *sequence*, which changes with
each version: articles with a higher sequence than the full-text index has are not indexed yet.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import structlog
import zstandard

from index.arrivals import version_of
from index.embedded.damage import archive_is_read
from index.embedded.retention import Expiry
from index.searchable import from_microseconds, microseconds
from index.store import Document, Facet
from stream.errors import ConfigError, NewerVersion, RetryLater
from stream.messages import Enriched, decode, encode

_VERSION = 2
"""2 counts entities."""
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sequence INTEGER NOT NULL UNIQUE,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    seen INTEGER NOT NULL,    -- the earliest, microseconds since 1970; the body has that of its own version
    indexed INTEGER NOT NULL, -- microseconds since 1970
    body BLOB NOT NULL        -- messages.Enriched, MessagePack, zstd
);
CREATE INDEX IF NOT EXISTS documents_by_source ON documents (source);
CREATE INDEX IF NOT EXISTS documents_by_language ON documents (language);
CREATE INDEX IF NOT EXISTS documents_by_seen ON documents (seen);
CREATE TABLE IF NOT EXISTS topics (number INTEGER, topic TEXT, PRIMARY KEY (number, topic)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entities (name TEXT, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entities_by_number ON entities (number);
"""
_UPSERT = """
INSERT INTO documents (id, sequence, source, language, seen, indexed, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, source = excluded.source, language = excluded.language,
    seen = min(seen, excluded.seen), indexed = excluded.indexed, body = excluded.body
RETURNING number
"""
_DOCUMENT = "SELECT number, sequence, seen, indexed, body FROM documents"
_FACETS = {
    "source": "SELECT source, count(*) FROM documents GROUP BY source ORDER BY 2 DESC, 1",
    "language": "SELECT language, count(*) FROM documents GROUP BY language ORDER BY 2 DESC, 1",
    "topic": "SELECT topic, count(*) FROM topics GROUP BY topic ORDER BY 2 DESC, 1",
    "entity": "SELECT name, count(*) FROM entities GROUP BY name ORDER BY 2 DESC, 1",
}
_EXPIRED = """
SELECT seen, number, id FROM documents
WHERE (seen, number) > (?, ?) AND seen < ? AND number < (SELECT max(number) FROM documents)
    AND sequence < (SELECT max(sequence) FROM documents)
    AND NOT EXISTS (SELECT 1 FROM topics WHERE topics.number = documents.number AND topic IN (SELECT value FROM json_each(?)))
ORDER BY seen, number LIMIT ?
"""
"""The newest number and sequence stay: what follows is counted from them."""
_CHUNK = 500
"""Rows held at once; below SQLite's oldest limit of 999 parameters."""
_VACUUM_PAGES = 1024
"""4 MB a step, so that a flush waits only milliseconds."""

_RETRY_KINDS = {
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "disk-error",
}


_log = structlog.get_logger("index.embedded.documents")


class Row(msgspec.Struct, frozen=True):
    """A stored article."""

    number: int
    sequence: int
    document: Document


class Documents:
    """One connection to the articles; its methods may be called from any thread.

    Args:
        path: the database's file.
        writable: whether to create it if it is missing, and to allow `put`.
        timeout: seconds to wait for another process that is writing.

    Raises ConfigError if the file is not one of ours.
    """

    def __init__(self, path: Path, *, writable: bool, timeout: float = 5.0) -> None:
        self._path = path
        self._timeout = timeout
        self._lock = threading.RLock()
        with _named_in_errors(path):
            if writable:
                with suppress(OSError):  # SQLite's own error is clearer
                    path.touch(mode=0o600)  # it gives -wal and -shm the same mode
            self._connection = self._connect("rw")
            try:
                self._prepare(writable=writable)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, *, writable: bool) -> None:
        version = _checked_version(self._connection, self._path)
        if writable:
            self._connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # takes effect in an empty file only
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._make(version)
        else:
            self._connection.execute("PRAGMA query_only = ON")

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(
            uri, uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )

    def _make(self, version: int) -> None:
        """Create missing tables, and the counts that an older version lacks, all or nothing."""
        self._connection.executescript(_SCHEMA)
        try:
            if version < _VERSION:
                for row in self.after(0):
                    self._put_entities(row.number, row.document.enriched)
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def put(self, documents: Iterable[Document]) -> None:
        """Store articles durably, all or none; each replaces its older version, but keeps the earliest `seen`. An article
        enriched before the stored version is skipped.

        Raises RetryLater (`disk-full`, `busy`, `disk-error`) if that can't be done now.
        """
        with self._lock, _retryable():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for sequence, document in enumerate(documents, self.last_sequence() + 1):
                    self._put(document, sequence)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _put(self, document: Document, sequence: int) -> None:
        enriched, article = document.enriched, document.enriched.article
        if self._has_newer(enriched):
            _log.info("an older version was left out", id=article.id)
            return
        times = (microseconds(article.seen), microseconds(document.indexed))
        body = zstandard.compress(encode(enriched))
        values = (article.id, sequence, article.source, enriched.language, *times, body)
        (number,) = self._connection.execute(_UPSERT, values).fetchone()
        self._connection.execute("DELETE FROM topics WHERE number = ?", (number,))
        topics = {(number, tag.topic) for tag in enriched.topics}
        self._connection.executemany("INSERT INTO topics VALUES (?, ?)", topics)
        self._connection.execute("DELETE FROM entities WHERE number = ?", (number,))
        self._put_entities(number, enriched)

    def _has_newer(self, enriched: Enriched) -> bool:
        rows = self._all("SELECT body FROM documents WHERE id = ?", enriched.article.id)
        return any(
            version_of(decode(zstandard.decompress(body), Enriched)) > version_of(enriched)
            for (body,) in rows
        )

    def _put_entities(self, number: int, enriched: Enriched) -> None:
        names = {(entity.name, number) for entity in enriched.entities}
        self._connection.executemany("INSERT INTO entities VALUES (?, ?)", names)

    def expired(self, expiry: Expiry, after: tuple[int, int], limit: int) -> list[tuple[int, int, str]]:
        """The oldest articles that may go: when each was first seen (microseconds), its number and its id.

        Args:
            expiry: which may go; its `ids` are the caller's business.
            after: go on after this time and number.
            limit: how many at most.
        """
        topics = msgspec.json.encode(expiry.topics).decode()
        return self._all(_EXPIRED, *after, microseconds(expiry.before), topics, limit)

    def delete(self, numbers: Sequence[int]) -> None:
        """Delete articles durably, all or none. Raises RetryLater as `put` does."""
        with self._lock, _retryable():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for table in ("topics", "entities", "documents"):
                    self._connection.executemany(
                        f"DELETE FROM {table} WHERE number = ?",  # noqa: S608 - the names above
                        [(number,) for number in numbers],
                    )
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def give_back(self, stopped: Callable[[], bool]) -> None:
        """Return the space of deleted articles to the file system, in short steps, until `stopped`.

        A file that an older wirewatch made keeps the space, and fills it with new articles.
        """
        (free,) = self._all("PRAGMA freelist_count")[0]
        for _ in range(-(-free // _VACUUM_PAGES)):
            if stopped():
                return
            with self._lock, _retryable():
                # It frees one page per step and has no columns: execute() runs one step only, executescript() runs all.
                self._connection.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")

    def last_sequence(self) -> int:
        """The sequence of the newest version; 0 if there is none."""
        return int(self._all("SELECT coalesce(max(sequence), 0) FROM documents")[0][0])

    def after(self, sequence: int) -> Iterator[Row]:
        """The articles with a higher sequence, in that order."""
        while rows := self._all(f"{_DOCUMENT} WHERE sequence > ? ORDER BY sequence LIMIT {_CHUNK}", sequence):
            with archive_is_read(self._path):
                read = [row_of(row) for row in rows]
            yield from read
            sequence = rows[-1][1]

    def last_number(self, until: int) -> int:
        """The number of the article that came last, of those up to a sequence; 0 if there is none."""
        # The plus keeps SQLite from the index of the sequences: nearly always the last row is the one.
        rows = self._all(
            "SELECT number FROM documents WHERE +sequence <= ? ORDER BY number DESC LIMIT 1", until
        )
        return int(rows[0][0]) if rows else 0

    def numbered_after(self, number: int, limit: int) -> list[Row]:
        """The articles with a higher number, in that order: those that came later, whatever versions they have."""
        rows = self._all(f"{_DOCUMENT} WHERE number > ? ORDER BY number LIMIT ?", number, limit)
        with archive_is_read(self._path):
            return [row_of(row) for row in rows]

    def get(self, article_id: str) -> Document | None:
        """One article; None if there is none."""
        rows = self._all(f"{_DOCUMENT} WHERE id = ?", article_id)
        with archive_is_read(self._path):
            return row_of(rows[0]).document if rows else None

    def get_many(self, ids: Sequence[str]) -> dict[str, Document]:
        """The articles with the given ids."""
        rows = self._where_in(_DOCUMENT, "id", ids)
        with archive_is_read(self._path):
            found = [row_of(row).document for row in rows]
        return {document.enriched.key: document for document in found}

    def by_number(self, numbers: Sequence[int]) -> dict[int, Document]:
        """The articles with the given numbers."""
        rows = self._where_in(_DOCUMENT, "number", numbers)
        with archive_is_read(self._path):
            return {row.number: row.document for row in map(row_of, rows)}

    def ids(self, numbers: Sequence[int]) -> dict[int, str]:
        """The ids of the articles with the given numbers."""
        return dict(self._where_in("SELECT number, id FROM documents", "number", numbers))

    def _where_in(self, select: str, column: str, values: Sequence[int | str]) -> Iterator[tuple]:  # type: ignore[type-arg]
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            yield from self._all(f"{select} WHERE {column} IN ({','.join('?' * len(chunk))})", *chunk)

    def find_ids(self, prefix: str, limit: int) -> list[str]:
        """The ids that start with a prefix, in order."""
        end = prefix + chr(0x10FFFF)
        rows = self._all(
            "SELECT id FROM documents WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", prefix, end, limit
        )
        return [row[0] for row in rows]

    def count(self) -> int:
        """How many articles there are."""
        return int(self._all("SELECT count(*) FROM documents")[0][0])

    def facet(self, field: Facet) -> Mapping[str, int]:
        """How many articles have each value of a field, the most frequent first."""
        return dict(self._all(_FACETS[field]))

    def scan(self) -> Generator[Document, None, None]:
        """Every article as it is now, oldest indexed first; articles stored in the meantime are not seen."""
        connection = self._connect("rw")
        try:
            connection.execute("BEGIN")
            for row in connection.execute(f"{_DOCUMENT} ORDER BY sequence"):
                with archive_is_read(self._path):
                    document = row_of(row).document
                yield document
        finally:
            connection.close()

    def _all(self, sql: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock, archive_is_read(self._path):
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()


def row_of(values: tuple[int, int, int, int, bytes]) -> Row:
    """A stored article from its columns: number, sequence, seen, indexed, body."""
    number, sequence, seen, indexed, body = values
    enriched = decode(zstandard.decompress(body), Enriched)
    article = msgspec.structs.replace(enriched.article, seen=from_microseconds(seen))
    enriched = msgspec.structs.replace(enriched, article=article)
    return Row(number, sequence, Document(enriched, from_microseconds(indexed)))


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    """The version that wrote the file, 0 if none; NewerVersion if it is newer than this one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise NewerVersion(
            f"{path} was written by a newer wirewatch: its version is {version}, expected {_VERSION}"
        )
    return int(version)


@contextmanager
def _named_in_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"{path} can't be opened as an archive of wirewatch: {error}") from error


@contextmanager
def _retryable() -> Iterator[None]:
    """Raises RetryLater for temporary errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        kind = _RETRY_KINDS.get(
            getattr(error, "sqlite_errorcode", 0) & 0xFF
        )  # the low byte is the primary code
        if kind is None:
            raise
        raise RetryLater(kind, f"the archive could not be written: {error}") from error
