"""The contract of a store. tests/contracts/test_store.py runs the same suite against every implementation.

A store holds one document per article id: the one with the most edits (`Article.version`), and of these the one that was
enriched last, whatever the order of arrival. One that is not older replaces the stored one, but keeps the earliest time `seen`;
an older one that arrives late (a retry, a replay) changes nothing, and neither does hearsay (`Article.hearsay`) if the outlet's
own feed has brought the article. Added articles are durable, and found by every reader, once `flush` has returned.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol, Self

import msgspec

from index.counts import Count, CountBy, Counts
from query.match import Prepared
from query.tree import Node
from stream.errors import Reject
from stream.messages import Enriched, Span

Sort = Literal["relevance", "newest", "oldest"]
Facet = Literal["topic", "source", "language", "entity"]


class Document(msgspec.Struct, frozen=True):
    """An article as stored in the archive."""

    enriched: Enriched
    indexed: datetime


class Filter(msgspec.Struct, frozen=True):
    """A condition on a field that articles are counted by, whose values are compared as they are shown.

    Attributes:
        by: the field.
        values: any of them will do; none of them is ever met.
        excludes: whether articles with one of them are left out instead.
    """

    by: CountBy
    values: tuple[str, ...]
    excludes: bool = False


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A search request to a store.

    All filters must match; within one, any value is enough. `since` is inclusive, `until` exclusive; both apply to the time
    published, or the time seen if that is unknown: `Article.time`.
    """

    query: Node | None = None
    """None matches everything."""
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Names of outlets, compared without case."""
    languages: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = "relevance"
    limit: int = 20
    offset: int = 0


class Hit(msgspec.Struct, frozen=True):
    """One article found."""

    document: Document
    score: float
    spans: tuple[Span, ...]
    """What matched the query, in order of field and start."""
    prepared: Prepared | None = None
    """The article as the query was matched against it; None if there was no query."""


class Fold(msgspec.Struct, frozen=True):
    """The hits of a search that report one event, as one."""

    hit: Hit
    """The first of them."""
    others: int
    """Further articles of the story that the search finds."""
    outlets: int
    """Further outlets among these."""
    first: datetime
    """The place in time of the first article of the story that the search finds."""


class Hits(msgspec.Struct, frozen=True):
    """A page of results."""

    total: int
    """The total number of matching articles."""
    hits: tuple[Hit, ...]


class Arrival(msgspec.Struct, frozen=True):
    """An article that the archive has got, for the first time."""

    place: str
    """Where to go on from; only the store understands it."""
    document: Document


class Store(Protocol):
    """A searchable archive. The writing half (`add`, `flush`) is the index stage's sink: see stream/stage.py."""

    def add(self, message: Enriched) -> None:
        """Take an article; durable and findable only after `flush`."""

    def take_over(self, document: Document) -> None:
        """Take an article from another archive, as `add` does, but with the time at which it was indexed there."""

    def flush(self) -> Mapping[str, Reject]:
        """Make added articles durable and findable; raises RetryLater if the store can't do so now.

        Returns the reason, by id, for each article that the store refused after all.
        """

    def search(self, search: Search) -> Hits:
        """Find articles; equal sort keys are ordered by id, so that pages do not overlap."""

    def folds(self, search: Search) -> Sequence[Fold]:
        """A page of a search's stories, in the order of their first hits: `offset` and `limit` count stories."""

    def period(self, search: Search) -> tuple[datetime, datetime] | None:
        """The places in time of the first and the last article that a search finds; None if there is none."""

    def each(self, search: Search) -> Iterator[Hit]:
        """All articles that a search finds, in its order; `offset` and `limit` don't matter.

        In order of time, memory stays the same however many there are.
        """

    def get(self, article_id: str) -> Document | None:
        """One article; None if there is none."""

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Document]:
        """Some articles by their ids, a few hundred at most; those that there are."""

    def find_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """The ids that start with a prefix, in order: people type the first digits."""

    def count(self) -> int:
        """How many articles there are."""

    def counts(self, search: Search, count: Count) -> Counts:
        """How many articles a search finds, by the values of fields and by time; its sort, limit and offset don't matter."""

    def facet(self, field: Facet) -> Mapping[str, int]:
        """How many articles have each value of a field, the most frequent first; for `entity` the values are names."""

    def scan(self) -> Generator[Document, None, None]:
        """Every article, oldest indexed first; for replays and exports."""

    def last_arrival(self) -> str:
        """The place of the article that came last of those that a search finds; '' if it finds none."""

    def arrivals(self, after: str, limit: int = 500) -> Sequence[Arrival]:
        """The articles that came after a place, in that order; from the first one on after ''.

        A new version of an article, by an edit or a replay, is no arrival. Raises ValueError for a place that is none.
        """

    def close(self) -> None:
        """Release everything."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
