"""Stories: what `wirewatch story --json` and `wirewatch stories --json` print."""

import msgspec

from results.parts import Coverage, Time


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a story."""

    id: str
    title: str
    url: str
    source: str
    language: str | None
    """ISO 639-1; null if it could not be told."""
    time: Time
    """When it was published, or first seen where that is not known."""
    copy_of: str | None
    """The id of the first article with nearly the same text; null for an outlet's own report."""
    adds: tuple[str, ...]
    """Names and numbers that no earlier report of the story has, the first few."""


class Hour(msgspec.Struct, frozen=True):
    """How much came within an hour."""

    since: Time
    articles: int


class Story(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/story/1"):
    """An event, and the reports on it."""

    id: str
    """The id of its first article."""
    headline: str
    """Of its most central report."""
    first: Time
    last: Time
    articles: int
    own_reports: int
    """Articles that copy no other."""
    copies: int
    outlets: tuple[str, ...]
    """In the order in which they reported."""
    languages: tuple[str, ...]
    places: tuple[str, ...]
    """The most frequent first, as of `people`."""
    people: tuple[str, ...]
    by_hour: tuple[Hour, ...]
    """Hours without an article are left out."""
    reports: tuple[Report, ...]
    """In order of time, the first thousand."""


class Stories(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/stories/1"):
    """The stories with the most articles of a search."""

    articles: int
    """How many articles match in all."""
    stories: int
    """How many stories these tell, an estimate where there are thousands."""
    since: Time | None
    top: tuple[Story, ...]
    """The largest first, without their reports."""
    coverage: Coverage | None
    """How much of the feed list was heard; null if that can't be told here."""
