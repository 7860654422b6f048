"""The writer of the embedded store: one process per folder, SQLite first, then tantivy."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import filelock
import msgspec
import structlog

from index.arrivals import check_storable, in_its_story, latest, without_changes
from index.embedded.damage import Damaged, broken_files
from index.embedded.documents import Documents
from index.embedded.fulltext import FullText, build, open_current
from index.embedded.retention import Expiry
from index.store import Document, Search
from query.tree import Term
from stream.errors import ConfigError, RetryLater
from stream.messages import Enriched, Regrouping

_log = structlog.get_logger()

_EXPIRED_AT_ONCE = 500
_EVER = -(2**62)
"""Microseconds before any article."""
_LOCK = "writer.lock"
DOCUMENTS = "documents.sqlite"
"""The file of the articles, in the archive's folder."""


class Writer:
    """Adds articles to a folder's archive; first repairs or rebuilds its index if needed.

    Args:
        folder: the archive's folder; created if it is missing.
        now: the clock for the time `indexed`, aware.

    Raises ConfigError if another process is writing there, or if the files are not ours.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._pending: dict[str, Enriched] = {}
        self._indexed: dict[str, datetime] = {}
        self._regrouped: list[Regrouping] = []
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(only_writer(folder))
            _check_not_lost(folder)
            self._documents = Documents(folder / DOCUMENTS, writable=True)
            held.callback(self._documents.close)
            self.fulltext = _sound_index(folder / "search", self._documents)
            held.callback(self.fulltext.close)
            self._held = held.pop_all()

    def add(self, message: Enriched) -> None:
        """Take an article for the next `flush`; raises Reject if it can't be stored at all."""
        check_storable(message)
        with self._lock:
            for change in message.regrouped:
                self._pending = {key: in_its_story(one, change) for key, one in self._pending.items()}
                self._regrouped.append(change)
            earlier, message = self._pending.get(message.key), without_changes(message)
            self._pending[message.key] = latest(message, earlier) if earlier else message

    def take_over(self, document: Document) -> None:
        """Take an article from another archive, with the time at which it was indexed there."""
        self.add(document.enriched)
        self._indexed[document.enriched.key] = document.indexed

    def flush(self) -> None:
        """Make added articles durable and findable; raises RetryLater if that is not possible now."""
        with self._lock:
            for change in self._regrouped:
                self._regroup(change)
            self._regrouped.clear()
            if self._pending:
                now = self._now()
                self._documents.put(
                    Document(enriched, self._indexed.get(key, now)) for key, enriched in self._pending.items()
                )
            _catch_up(self.fulltext, self._documents)
            self._pending.clear()
            self._indexed.clear()

    def expire(self, expiry: Expiry, stopped: Callable[[], bool]) -> int:
        """Delete the articles that may go, a few at a time so that a flush need not wait; returns how many were deleted.

        Args:
            expiry: which may go.
            stopped: whether to leave the rest for the next time.

        They leave the index first, so that a search meets no article that is gone. After a crash in between, the next start
        builds the index again. Raises RetryLater if that can't be done now; what was deleted stays deleted.
        """
        went = 0
        after: tuple[int, int] | None = (_EVER, 0)
        while after and not stopped():
            with self._lock:
                old = self._documents.expired(expiry, after, _EXPIRED_AT_ONCE)
                went += self._delete([(number, one) for _, number, one in old if one not in expiry.ids])
            after = old[-1][:2] if old else None
        if went:
            self._documents.give_back(stopped)
        return went

    def _delete(self, going: Sequence[tuple[int, str]]) -> int:
        """Delete articles, by number and id; returns how many."""
        if going:
            _catch_up(self.fulltext, self._documents)
            with _retryable():
                self.fulltext.remove(article_id for _, article_id in going)
            self._documents.delete([number for number, _ in going])
        return len(going)

    def _regroup(self, change: Regrouping) -> None:
        """Bring the stored articles of a story, which precede all that were added since, to where they belong now."""
        _catch_up(self.fulltext, self._documents)
        search = Search(query=Term("story", change.was), sort="oldest", limit=self._documents.count())
        found = self.fulltext.find(search, self._ids, self._documents.by_number)
        stored = self._documents.by_number([number for _, number in found.hits]).values()
        moved = [
            msgspec.structs.replace(document, enriched=in_its_story(document.enriched, change))
            for document in stored
            if change.moves(document.enriched.key, document.enriched.story)
        ]
        self._documents.put(moved)
        _catch_up(self.fulltext, self._documents)

    def _ids(self, numbers: Sequence[int]) -> list[str]:
        ids = self._documents.ids(numbers)
        return [ids.get(number, "") for number in numbers]

    def close(self) -> None:
        """Release the lock; articles that were not flushed are dropped."""
        self._held.close()


def is_locked(folder: Path) -> bool:
    """Whether another process has the archive in a folder open for writing."""
    if not (folder / _LOCK).exists():
        return False
    lock = filelock.FileLock(folder / _LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    lock.release()
    return False


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder's archive; raises ConfigError if another process does."""
    lock = filelock.FileLock(folder / _LOCK, thread_local=False)  # may be closed by another thread
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise ConfigError(f"another wirewatch is writing in {folder}") from error
    try:
        yield
    finally:
        lock.release()


def _check_not_lost(folder: Path) -> None:
    """Refuse to start a new archive if the index shows that there was one."""
    documents = folder / DOCUMENTS
    if documents.is_file() and documents.stat().st_size:
        return
    try:
        fulltext = open_current(folder / "search")
        indexed = fulltext.count() if fulltext else 0
    except Damaged:
        indexed = 1
    if indexed:
        raise ConfigError(
            f"{documents} is missing, but the search index beside it has articles: restore the file from a backup, or start"
            " over with what the log still holds: wirewatch check --repair"
        )


def _sound_index(folder: Path, documents: Documents) -> FullText:
    """The index of all documents: brought up to date, or rebuilt if that fails."""
    fulltext = _undamaged(folder)
    if fulltext and _catches_up(fulltext, documents):
        return fulltext
    if documents.count():
        _log.info("building the search index", folder=str(folder), articles=documents.count())
    with _retryable():
        build(folder, documents.after(0))
        return FullText(folder)


def _undamaged(folder: Path) -> FullText | None:
    fulltext = open_current(folder)
    if fulltext and (broken := broken_files(folder)):
        _log.warning("the search index is damaged", files=", ".join(broken))
        return None
    return fulltext


def _catches_up(fulltext: FullText, documents: Documents) -> bool:
    try:
        _catch_up(fulltext, documents)
        return fulltext.count() == documents.count()
    except (RetryLater, Damaged) as error:
        _log.warning("the search index is broken", reason=str(error))
        fulltext.close()
        return False


def _catch_up(fulltext: FullText, documents: Documents) -> None:
    """Index the articles stored since the index was last committed."""
    with _retryable():
        known = fulltext.last_sequence()
        if known != documents.last_sequence():
            fulltext.index(documents.after(known))


@contextmanager
def _retryable() -> Iterator[None]:
    """Raises RetryLater if tantivy can't write."""
    try:
        yield
    except (ValueError, OSError) as error:
        kind = "disk-full" if "No space left" in str(error) else "index-error"
        raise RetryLater(kind, f"the search index could not be written: {error}") from error
