"""How many articles and stories a search finds, by the values of fields and by time: what a store is asked, and its answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

CountBy = Literal[
    "topic", "source", "language", "person", "organisation", "place", "author", "section", "kind", "story"
]
"""What articles are counted by. `kind` is the content status (`full`, `teaser`, ...), `author` the whole byline."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What to count of the articles that a search finds."""

    by: tuple[CountBy, ...] = ()
    most: int = 10
    """Values of each field, the most frequent first."""
    edges: tuple[datetime, ...] = ()
    """Ascending, aware. Articles are counted between each two of these times, by the time that `Search.since` goes by."""
    stacked_by: CountBy | None = None
    """Counts the articles of each stretch of time by the values of this field, too."""


class Tally(msgspec.Struct, frozen=True):
    """The articles with one value of a field."""

    value: str
    articles: int
    stories: int
    """An estimate where there are thousands."""


class Stretch(msgspec.Struct, frozen=True):
    """The articles between two times, `since` inclusive, `until` exclusive."""

    since: datetime
    until: datetime
    articles: int
    stories: int
    values: tuple[Tally, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """The answer to a Count. Articles that have no story yet count for none."""

    articles: int
    stories: int
    by: Mapping[CountBy, tuple[Tally, ...]]
    stretches: tuple[Stretch, ...]
