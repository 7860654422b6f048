"""What a while brought, by topic and saved search: what `wirewatch digest --json` prints, and `--send` posts to webhooks."""

from typing import Literal

import msgspec

from results.parts import Coverage, Time


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A story, by its most central report."""

    story: str
    """The story's id; that of the article if it was compared with no other."""
    headline: str
    source: str
    url: str
    articles: int
    """Of the story, in all."""
    outlets: int
    first: Time
    """When its first report was published."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What a topic or a saved search found."""

    kind: Literal["topic", "search"]
    name: str
    query: str
    """What finds its articles."""
    articles: int
    stories: int
    """An estimate where there are thousands."""
    top: tuple[Item, ...]
    """The stories with the most articles, the largest first."""


class Digest(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/digest/1"):
    """What a while brought."""

    person: str
    """Whose saved searches are in it."""
    since: Time
    until: Time
    articles: int
    """All that came, whether a section has it or not."""
    sections: tuple[Section, ...]
    """First the topics, then the saved searches, also those that found nothing."""
    coverage: Coverage | None
    """How much of the feed list was heard; null if that can't be told here."""
