"""The contract of a store. tests/contracts/test_store.py runs one suite over every implementation.

A store holds one document an article id: the version that was enriched last, whatever the order in which versions come. One
that was enriched at the same time or later replaces the one that is there, but keeps the earliest time `seen`; an older one
that comes late (a retry, a replay beside the news) changes nothing, nor does hearsay (`Article.hearsay`) where the outlet's own
feed has brought the article. What was added is durable and found by every reader once
`flush` has returned.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol, Self

import msgspec

from query.tree import Node
from stream.errors import Reject
from stream.messages import Enriched, Span

Sort = Literal["relevance", "newest", "oldest"]
Facet = Literal["topic", "source", "language", "entity"]


class Document(msgspec.Struct, frozen=True):
    """What the archive holds of an article."""

    enriched: Enriched
    indexed: datetime


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a store.

    Filters are all to be met; within one, any value will do. `since` is inclusive, `until` exclusive; both go by the time
    published, or the time seen where no such time is known.
    """

    query: Node | None = None
    """None matches everything."""
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Names of outlets, compared without case."""
    languages: tuple[str, ...] = ()
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


class Hits(msgspec.Struct, frozen=True):
    """A page of results."""

    total: int
    """How many articles match in all."""
    hits: tuple[Hit, ...]


class Store(Protocol):
    """A searchable archive. The writing half (`add`, `flush`) is the index stage's sink: see stream/stage.py."""

    def add(self, message: Enriched) -> None:
        """Take an article; durable and findable only after `flush`."""

    def flush(self) -> Mapping[str, Reject]:
        """Make durable and findable what was added; raises RetryLater if the store can't now.

        Returns why, by id, for each article that the store refused after all.
        """

    def search(self, search: Search) -> Hits:
        """Find articles; equal sort keys are ordered by id, so that pages do not overlap."""

    def get(self, article_id: str) -> Document | None:
        """One article; None if there is none."""

    def find_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """The ids that start with a prefix, in order: people type the first digits."""

    def count(self) -> int:
        """How many articles there are."""

    def facet(self, field: Facet) -> Mapping[str, int]:
        """How many articles have each value of a field, the most frequent first; of `entity` the values are names."""

    def scan(self) -> Iterator[Document]:
        """Every article, oldest indexed first; for replays and exports."""

    def close(self) -> None:
        """Release everything."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
