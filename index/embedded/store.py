"""The store of one machine: articles in SQLite, a full-text index in tantivy beside them.

A folder contains `documents.sqlite` (the source of truth), `search/` (rebuilt from it if it is missing, broken or built by
older rules) and `writer.lock`. One process writes; any number may read at the same time. `flush` commits to SQLite, then to
tantivy; after a crash between the two, the rest is indexed when the store is next opened for writing. A reader between the two
may get an article's new version for a query that matched the old one; it then has no spans.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from index.counts import Count, Counts
from index.embedded.damage import Damaged
from index.embedded.documents import Documents
from index.embedded.fulltext import FullText, open_current
from index.embedded.retention import Expiry
from index.embedded.writer import DOCUMENTS, Writer
from index.hits import make_fold, make_hit
from index.store import Arrival, Document, Facet, Fold, Hit, Hits, Search
from stream.errors import ConfigError, MustBeRebuilt, Reject
from stream.messages import Enriched

F = TypeVar("F")

_CHUNK = 200
"""Articles that are held at a time when all are read."""
_INSTANT = timedelta(microseconds=1)
_LONGEST_NUMBER = 19
"""Digits; SQLite's integers have no more."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EmbeddedStore:
    """The store in a folder; index/store.py says what its methods promise. Made by `open`."""

    def __init__(
        self, documents: Documents, fulltext: FullText, writer: Writer | None, held: ExitStack
    ) -> None:
        self._documents = documents
        self._fulltext = fulltext
        self._writer = writer
        self._held = held

    @classmethod
    def open(cls, folder: Path, *, readonly: bool = False, now: Callable[[], datetime] = _utc_now) -> Self:
        """Open the store in a folder.

        Args:
            folder: the folder; created if it is missing, unless `readonly`.
            readonly: only read, beside a process that may be writing.
            now: the clock for the time `indexed`, aware.

        Raises:
            ConfigError: another process is writing there, there is nothing to read yet, or the files are not ours.
        """
        with ExitStack() as held:
            writer = None if readonly else Writer(folder, now)
            if writer:
                held.callback(writer.close)
            documents = _open_documents(folder)
            held.callback(documents.close)
            fulltext = writer.fulltext if writer else _open_fulltext(folder)
            return cls(documents, fulltext, writer, held.pop_all())

    def add(self, message: Enriched) -> None:
        """Take an article; raises Reject if it can't be stored at all."""
        self._writing().add(message)

    def take_over(self, document: Document) -> None:
        """Take an article from another archive, with the time at which it was indexed there."""
        self._writing().take_over(document)

    def flush(self) -> Mapping[str, Reject]:
        """Make all added articles durable and findable; raises RetryLater if that is not possible now."""
        self._writing().flush()
        return {}

    def expire(self, expiry: Expiry, stopped: Callable[[], bool] = bool) -> int:
        """Delete the articles that may go, until `stopped`; returns how many were deleted.

        Raises RetryLater if that is not possible now.
        """
        return self._writing().expire(expiry, stopped)

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ConfigError("the archive was opened for reading only")
        return self._writer

    def search(self, search: Search) -> Hits:
        """Find articles; the spans are what live matching gives for the stored text."""
        found, documents = self._read(
            lambda: self._fulltext.find(search, self._ids, self._documents.by_number),
            lambda found: [number for _, number in found.hits],
        )
        hits = (make_hit(documents[number], score, search.query) for score, number in found.hits)
        return Hits(found.total, tuple(hits))

    def folds(self, search: Search) -> Sequence[Fold]:
        """A page of a search's stories; only the articles that it shows are read."""
        found, documents = self._read(
            lambda: self._fulltext.folds(search, self._ids, self._documents.by_number),
            lambda found: [one.number for one in found],
        )
        return [
            make_fold(make_hit(documents[one.number], one.score, search.query), one.size) for one in found
        ]

    def period(self, search: Search) -> tuple[datetime, datetime] | None:
        """The first and the last time of what a search finds."""
        return self._fulltext.period(search, self._documents.by_number)

    def each(self, search: Search) -> Iterator[Hit]:
        """All articles that a search finds, in its order. By relevance, the number of each is held."""
        return self._by_relevance(search) if search.sort == "relevance" else self._by_time(search)

    def _by_relevance(self, search: Search) -> Iterator[Hit]:
        found = self._fulltext.find_all(search, self._ids, self._documents.by_number)
        for start in range(0, len(found), _CHUNK):
            some = found[start : start + _CHUNK]
            documents = self._documents.by_number([number for _, number in some])
            for score, number in some:
                if document := documents.get(number):
                    yield make_hit(document, score, search.query)

    def _by_time(self, search: Search) -> Iterator[Hit]:
        """Each page begins at the time of the last article before it, after those of that time that were on it."""
        last, same = None, 0
        while True:
            hits = self.search(msgspec.structs.replace(_from(search, last), offset=same, limit=_CHUNK)).hits
            yield from hits
            if len(hits) < _CHUNK:
                return
            before, last = last, hits[-1].document.enriched.article.time
            tied = sum(hit.document.enriched.article.time == last for hit in hits)
            same = same + tied if before == last else tied

    def _read(
        self, find: Callable[[], F], numbers: Callable[[F], Sequence[int]]
    ) -> tuple[F, dict[int, Document]]:
        """What is found in the index, and its documents by number; looked for again if some were deleted between the two."""
        missing: set[int] = set()
        for _ in range(2):
            found = find()
            documents = self._documents.by_number(numbers(found))
            missing = set(numbers(found)) - documents.keys()
            if not missing:
                return found, documents
        raise Damaged(
            f"the search index has {len(missing)} articles that the archive lacks: wirewatch check says more,"
            " wirewatch check --repair rebuilds the index"
        )

    def _ids(self, numbers: Sequence[int]) -> list[str]:
        ids = self._documents.ids(numbers)
        return [ids.get(number, "") for number in numbers]

    def get(self, article_id: str) -> Document | None:
        """One article; None if there is none."""
        return self._documents.get(article_id)

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Document]:
        """Some articles by their ids; those that there are."""
        return self._documents.get_many(ids)

    def find_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """The ids that start with a prefix, in order."""
        return self._documents.find_ids(prefix, limit)

    def count(self) -> int:
        """How many articles there are."""
        return self._documents.count()

    def counts(self, search: Search, count: Count) -> Counts:
        """How many articles a search finds, by the values of fields and by time."""
        return self._fulltext.counts(search, count, self._documents.by_number)

    def facet(self, field: Facet) -> Mapping[str, int]:
        """How many articles have each value of a field, the most frequent first."""
        return self._documents.facet(field)

    def scan(self) -> Generator[Document, None, None]:
        """Every article as of the start of the scan, oldest indexed first; articles stored in the meantime are not seen."""
        return self._documents.scan()

    def last_arrival(self) -> str:
        """The place of the article that came last of those that a search finds; '' if it finds none. One that is stored but not
        yet indexed comes after it: who begins with a search and goes on from here misses nothing."""
        number = self._documents.last_number(self._fulltext.last_sequence())
        return str(number) if number else ""

    def arrivals(self, after: str, limit: int = 500) -> Sequence[Arrival]:
        """The articles that came after a place. They are stored; a search finds them a moment later."""
        rows = self._documents.numbered_after(_number(after), limit)
        return [Arrival(str(row.number), row.document) for row in rows]

    def close(self) -> None:
        """Release the files and the writer's lock; articles that were not flushed are dropped."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _from(search: Search, last: datetime | None) -> Search:
    """The search from a time on, in its order of time."""
    if last is None:
        return search
    bound = {"until": last + _INSTANT} if search.sort == "newest" else {"since": last}
    return msgspec.structs.replace(search, **bound)


def _number(place: str) -> int:
    if place and not (place.isascii() and place.isdigit() and len(place) < _LONGEST_NUMBER):
        raise ValueError(f"{place[:40]!r} is no place in this archive")
    return int(place or 0)


def _open_documents(folder: Path) -> Documents:
    path = folder / DOCUMENTS
    if not path.is_file() and (folder / "search").exists():
        raise Damaged(
            f"{path} is missing, but its search index is there: wirewatch check says what can be done"
        )
    if not path.is_file():
        raise ConfigError(f"there is no archive in {folder} yet: `wirewatch run` creates it")
    return Documents(path, writable=False)


def _open_fulltext(folder: Path) -> FullText:
    fulltext = open_current(folder / "search")
    if fulltext is None:
        raise MustBeRebuilt(
            f"the index in {folder / 'search'} must be rebuilt; `wirewatch run` does that when it starts"
        )
    return fulltext
