"""The sources of the feed list: the health of each, and when it is polled next."""

from datetime import datetime
from typing import Literal

import msgspec

from results.parts import Time

Status = Literal["well", "moved", "slowed", "silent", "failing", "gone", "unpolled", "paused"]
STATUSES: tuple[Status, ...] = (
    *("gone", "failing", "silent", "slowed", "moved", "unpolled", "paused", "well"),
)
"""Worst first."""


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
    """A source and its health."""

    url: str
    title: str
    folder: str
    health: Health
    id: str = ""
    """A hash of its URL, which identifies it in the page and the API."""
    version: str = ""
    """A hash of its row in the feed list: a change must name it, so that nobody else's change is overwritten."""
    language: str = ""
    country: str = ""
    """The outlet's, ISO 3166-1 alpha-2; '' if the list does not say."""
    site: str = ""
    """The outlet's page for people; '' if the list has none."""
    last_polled: Time | None = None
    next_due: Time | None = None
    """When it is polled next; null: as soon as possible, or never, if it is gone or paused."""
    because: str = ""
    """Why then, in words."""


class Sources(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/sources/1"):
    """The requested sources, worst first."""

    count: int
    """How many sources there are in all."""
    heard: int
    """How many of them answered when they were last due."""
    sources: tuple[SourceHealth, ...]


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What decides when a feed is polled."""

    next_due: datetime | None
    """None: now; or never, if it is gone."""
    why: str
    """The rule that decided, as in `schedule.Why`."""
    because: str
    """The rule in words."""
    per_day: float
    """Its items a day, on average."""
    rate_now: float
    """How many items are expected in the current hour."""
    busiest_hours: tuple[int, ...]
    """The three hours of the day (UTC) with the most items."""
    window: int
    """How many items the feed shows."""
    pace_seconds: float
    """The interval by its rate alone."""
    window_seconds: float | None
    """The longest interval in which no item can scroll off; None if that is longer than any."""
    wish_seconds: float
    """The shortest interval that it or its server requests, as far as that is granted."""
    conditional: bool
    """Whether the next request will be conditional."""


class FeedPlan(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feed-plan/1"):
    """When a feed is polled next, and why then, and its health."""

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
    """The feed's own title."""
    language: str
    items: int
    """How many items it has now."""
    newest: Time | None
    """The date of the newest of them, if they have dates."""
    others: tuple[tuple[str, str], ...]
    """Other addresses that the page declares as feeds, untried, each with its title."""
    listed: bool
    """Whether it is already in the feed list."""


class Imported(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/import/1"):
    """The result of importing an OPML file into the feed list."""

    added: int
    known: int
    """Feeds that were already in the list."""
    refused: tuple[str, ...]
    """Rows that can't be polled, each with its line and the reason."""
