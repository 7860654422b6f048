"""A person, organisation or place: what the archive has of it. What the API answers at `/api/v1/entities/{id}`."""

import msgspec

from results.counts import Stretch, Tally
from results.parts import EntityType, Time


class Spelling(msgspec.Struct, frozen=True):
    """How it is written in articles."""

    text: str
    times: int
    """In the newest articles: see `Entity.sampled`."""


class Companion(msgspec.Struct, frozen=True):
    """A person, organisation or place that is named in the same articles."""

    name: str
    type: EntityType
    articles: int
    """How many articles name both."""


class Pair(msgspec.Struct, frozen=True):
    """Two companions that are named together."""

    first: str
    second: str
    articles: int
    """Of the newest ones: see `Entity.sampled`."""


class Entity(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/entity/1"):
    """A person, organisation or place, by its name or its id."""

    name: str
    """The one that articles go by most often."""
    id: str | None
    """A stable id with its scheme, such as `iso3166:SY`; null if none is known."""
    type: EntityType
    others: tuple[str, ...]
    """Ids or names of others that are called the same."""
    query: str
    """Finds its articles."""
    since: Time | None
    """Only articles that were published at or after this time count; null for all."""
    articles: int
    stories: int
    """An estimate if there are thousands."""
    first: Time
    """The time of its first article, as of the archive."""
    last: Time
    sampled: int
    """How many articles were read for the spellings and pairs: the newest ones."""
    spellings: tuple[Spelling, ...]
    """The most frequent first."""
    topics: tuple[Tally, ...]
    """By the topics' ids, the most frequent first; `stories` is 0: it is not counted here."""
    sources: tuple[Tally, ...]
    languages: tuple[Tally, ...]
    companions: tuple[Companion, ...]
    """The most frequent first."""
    pairs: tuple[Pair, ...]
    """The most frequent first."""
    over_time: tuple[Stretch, ...]
    """The oldest first, also those without an article; `stories` is 0: it is not counted here."""
