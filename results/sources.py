"""The sources of the feed list: how each does, and when it is asked next."""

from datetime import datetime
from typing import Literal

import msgspec

from results.parts import Time

Status = Literal["well", "moved", "slowed", "silent", "failing", "gone", "unpolled", "paused"]
STATUSES: tuple[Status, ...] = (
    *("gone", "failing", "silent", "slowed", "moved", "unpolled", "paused", "well"),
)
"""The worst first."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The health of a source."""

    status: Status
    since: datetime | None = None
    """When the status began, if known."""
    reason: str = ""
    """In words; '' for a healthy source."""
    last_item: datetime | None = None
    """The date of its latest item."""
    per_day: float = 0.0
    """Its usual number of items a day."""
    daily: tuple[int, ...] = ()
    """Its items on the last 14 days, today last."""
    notes: tuple[str, ...] = ()


class SourceHealth(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/source/1"):
    """A source, and how it does."""

    url: str
    title: str
    folder: str
    health: Health
    id: str = ""
    """A hash of its URL, by which the page and the API know it."""
    version: str = ""
    """A hash of its row of the feed list: who changes it names it, so that nobody else's change is overwritten."""
    language: str = ""
    country: str = ""
    """The outlet's, ISO 3166-1 alpha-2; '' if the list does not say."""
    site: str = ""
    """The outlet's page for people; '' if the list has none."""
    last_polled: Time | None = None
    next_due: Time | None = None
    """When it is asked next; null: as soon as can be, or never, if it is gone or paused."""
    because: str = ""
    """Why then, in words."""


class Sources(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/sources/1"):
    """The sources that were asked for, the worst first."""

    count: int
    """How many sources there are in all."""
    heard: int
    """How many of them were heard when they last should have been."""
    sources: tuple[SourceHealth, ...]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What decides when a feed is asked."""

    next_due: datetime | None
    """None: now; or never, if it is gone."""
    why: str
    """The rule that decided, as in `schedule.Why`."""
    because: str
    """The same in words."""
    per_day: float
    """Its items a day, on average."""
    rate_now: float
    """Items an hour that are expected in this hour."""
    busiest_hours: tuple[int, ...]
    """The three hours of the day (UTC) with the most items."""
    window: int
    """How many items it shows."""
    pace_seconds: float
    """What its interval would be by its rate alone."""
    window_seconds: float | None
    """The longest interval in which no item can scroll off; None if that is longer than any."""
    wish_seconds: float
    """The shortest that it or its server asks for, as far as that is granted."""
    conditional: bool
    """Whether it will be asked for changes only."""


class FeedPlan(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feed-plan/1"):
    """When a feed is asked next and why then, and how it does."""

    url: str
    title: str
    asked_at: str
    last_polled: Time | None
    last_read: Time | None
    health: Health
    schedule: Forecast


class FoundSource(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/found-source/1"
):
    """The feed, or news sitemap, that was found for an address."""

    url: str
    title: str
    """Its own title."""
    language: str
    items: int
    """How many items it has now."""
    newest: Time | None
    """The date of the newest of them, if they have dates."""
    others: tuple[tuple[str, str], ...]
    """Other addresses that the page declares as feeds, untried, each with its title."""
    listed: bool
    """Whether the feed list has it already."""


class Imported(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/import/1"):
    """What came of an OPML file that was taken into the feed list."""

    added: int
    known: int
    """That were in the list already."""
    refused: tuple[str, ...]
    """Rows that can't be polled, each with its line and the reason."""
