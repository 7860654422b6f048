"""A page of hits: what `wirewatch search --json` prints."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from results.parts import Coverage, Hit, QueryWarning, Time


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """The search request. An article must match the query and each filter; within a filter, any value is enough."""

    text: str
    """The query as typed; '' for everything."""
    understood: str | None
    """The same, fully bracketed; null for everything."""
    topics: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    since: Time | None
    """Inclusive. This and `until` compare the time published (of two contradicting dates, the later one), or the time seen if
    that is unknown."""
    until: Time | None
    """Exclusive."""
    sort: Literal["relevance", "newest", "oldest"]


class Suggestion(msgspec.Struct, frozen=True):
    """A similar query, and how many articles it would find."""

    query: str
    total: int


class Search(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/search/1"):
    """A page of hits, with what a reader needs to judge them: how the query is understood, and which sources answered."""

    query: Query
    total: int
    """How many articles match in all."""
    total_exact: bool
    """False if there are at least `total`."""
    offset: int
    """How many hits were skipped."""
    limit: int
    next_offset: int | None
    """Where the next page begins; null on the last page."""
    hits: tuple[Hit, ...]
    coverage: Coverage | None
    """How many of the listed sources answered; null if unknown here."""
    warnings: tuple[QueryWarning, ...]
    """Likely mistakes in the query."""
    suggestions: tuple[Suggestion, ...]
    """Similar queries that find more, if this one finds fewer than three articles; the one that finds most first."""
    kibana: str | UnsetType = UNSET
    """The address of the same search in Kibana; missing if `[kibana] url` is not set."""
