"""How many articles and stories a search finds, by the values of fields and by time: a store's request and answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

CountBy = Literal[
    "topic", "source", "language", "person", "organisation", "place", "author", "section", "kind", "story"
]
"""The fields that articles are counted by. `kind` is the content status (`full`, `teaser`, ...), `author` the whole byline."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What to count of the articles that a search finds."""

    by: tuple[CountBy, ...] = ()
    most: int = 10
    """How many values to return per field, the most frequent first."""
    edges: tuple[datetime, ...] = ()
    """Ascending, aware. Articles are counted between each two of these times, by the time that `Search.since` compares."""
    stacked_by: CountBy | None = None
    """Also counts the articles of each period by the values of this field."""
    with_stories: bool = True
    """Whether to count the stories of each value and period too, which takes several times as long."""


class Tally(msgspec.Struct, frozen=True):
    """The articles with one value of a field."""

    value: str
    articles: int
    stories: int
    """An estimate if there are thousands; 0 if they were not asked for."""


class Stretch(msgspec.Struct, frozen=True):
    """The articles between two times, `since` inclusive, `until` exclusive."""

    since: datetime
    until: datetime
    articles: int
    stories: int
    values: tuple[Tally, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """The answer to a Count. Articles without a story yet are in no story's count."""

    articles: int
    stories: int
    by: Mapping[CountBy, tuple[Tally, ...]]
    stretches: tuple[Stretch, ...]
