"""How many articles a search finds: what `wirewatch search --count ... --by ... --json` prints."""

from typing import Literal

import msgspec

from results.parts import Coverage, Time
from results.search import Query

CountBy = Literal[
    "topic", "source", "language", "person", "organisation", "place", "author", "section", "kind", "story"
]


class Tally(msgspec.Struct, frozen=True):
    """The articles with one value of a field."""

    value: str
    articles: int
    stories: int
    """How many stories they belong to, an estimate if there are thousands; articles without a story are not counted."""


class Field(msgspec.Struct, frozen=True):
    """A field, and its most frequent values."""

    by: CountBy
    values: tuple[Tally, ...]
    """The most frequent first."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The articles of an hour, day, week or month."""

    since: Time
    """Inclusive."""
    until: Time
    """Exclusive."""
    articles: int
    stories: int


class Counts(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/counts/1"):
    """How many articles and stories a search finds, by the values of fields and over time."""

    query: Query
    articles: int
    stories: int
    fields: tuple[Field, ...]
    over_time: tuple[Stretch, ...]
    """Oldest first, including periods without articles."""
    coverage: Coverage | None
    """How many of the listed sources answered; null if unknown here."""
