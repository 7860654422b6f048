"""A page of hits: what `wirewatch search --json` prints."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from results.parts import Coverage, Hit, QueryWarning, Time


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked. An article has to meet the query and each filter; within a filter, any of the values will do."""

    text: str
    """The query as it was typed; '' for everything."""
    understood: str | None
    """The same, fully bracketed; null for everything."""
    topics: tuple[str, ...]
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    since: Time | None
    """Inclusive. This and `until` go by the time published (of two that contradict each other, the later one), or the time seen
    where that is not known."""
    until: Time | None
    """Exclusive."""
    sort: Literal["relevance", "newest", "oldest"]


class Suggestion(msgspec.Struct, frozen=True):
    """A query near the one that was asked, and how many articles it would find."""

    query: str
    total: int


class Search(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/search/1"):
    """A page of hits, with what they have to be judged by: how the query is understood, and which sources were heard."""

    query: Query
    total: int
    """How many articles match in all."""
    total_exact: bool
    """False if there are at least `total`."""
    offset: int
    """How many hits were skipped."""
    limit: int
    next_offset: int | None
    """Where the next page begins; null on the last."""
    hits: tuple[Hit, ...]
    coverage: Coverage | None
    """How much of the feed list was heard; null if that can't be told here."""
    warnings: tuple[QueryWarning, ...]
    """What in the query may not be meant."""
    suggestions: tuple[Suggestion, ...]
    """Queries nearby that find more, where this one finds fewer than three articles; the one that finds most first."""
    kibana: str | UnsetType = UNSET
    """The address of the same search in Kibana; missing if `[kibana] url` is not set."""
