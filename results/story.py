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
    """ISO 639-1; null if unknown."""
    time: Time
    """When it was published, or first seen if that is unknown."""
    copy_of: str | None
    """The id of the first article with nearly the same text; null for an outlet's own report."""
    adds: tuple[str, ...]
    """The first few names and numbers that no earlier report of the story has."""


class Hour(msgspec.Struct, frozen=True):
    """The number of reports within an hour."""

    since: Time
    articles: int


class Story(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/story/1"):
    """An event, and the reports on it."""

    id: str
    """The id of its first article."""
    headline: str
    """The title of its most central report."""
    first: Time
    last: Time
    articles: int
    own_reports: int
    """Articles that are not copies."""
    copies: int
    outlets: tuple[str, ...]
    """In order of their first reports."""
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
    """How many stories these belong to, an estimate if there are thousands."""
    since: Time | None
    top: tuple[Story, ...]
    """Largest first, without their reports."""
    coverage: Coverage | None
    """How many of the listed sources answered; null if unknown here."""
