"""The alerts as they are defined, their channels, and what an alert would have sent."""

from datetime import date
from typing import Any

import msgspec

from results.parts import Hit, QueryWarning, Time
from results.search import Suggestion


class AlertStatus(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-definition/1"):
    """An alert: what it is about, when it fires, and how often it has."""

    name: str
    about: str
    """`articles`, `sources` or `edits`."""
    query: str
    understood: str
    """The query, fully bracketed; in words if there is none."""
    severity: str
    channels: tuple[str, ...]
    broken_channels: dict[str, str]
    """The channels that this process can't use, and why."""
    conditions: str
    muted: bool
    fired: int
    """How often it fired in the last 30 days: a message counts once, however many channels and stories it has."""
    told: int
    """Stories (or articles, or changes of sources) that it reported in the last 30 days."""
    last_fired: Time | None
    held: int
    """Articles, or changes of sources, that wait for a digest, the end of quiet hours or the end of a throttle."""
    muted_until: Time | None = None
    """When the mute ends by itself; null if it is not muted, or muted until someone ends that."""
    due: Time | None = None
    """When it tells what is held; null where nothing is."""
    keys: dict[str, Any] = {}
    """The alert as alerts.toml has it, key by key."""
    version: str = ""
    """A hash of `keys`: who changes the alert names it, so that nobody else's change is overwritten."""


class Channel(msgspec.Struct, frozen=True):
    """A channel that alerts can be sent to."""

    name: str
    kind: str
    """`apprise`, `webhook`, `elasticsearch`, `file`, `stdout` or `feed`."""
    target: str
    """Its destination without secrets: a host, a service, a file; '' if that says no more than `kind`."""
    broken: str | None
    """Why this process can't use it; null if it can."""
    used_by: tuple[str, ...]
    """The alerts that are sent to it."""


class Alerts(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alerts/1"):
    """The alerts of alerts.toml, and the channels."""

    alerts: tuple[AlertStatus, ...]
    channels: tuple[Channel, ...] = ()


class Day(msgspec.Struct, frozen=True):
    """The results of a day (UTC)."""

    day: date
    articles: int
    stories: int
    """Stories that were not known from the days before."""
    messages: int
    """To each channel."""


class Sample(msgspec.Struct, frozen=True):
    """A message that would have been sent."""

    reason: str
    """Why it would have fired."""
    hit: Hit
    """Its first article."""
    more: int
    """Articles besides."""
    matched: str = ""
    """What matched: the part of the query, and for each topic in it the part of the topic's own."""


class Tested(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-test/1"):
    """What an alert would have sent over the archive."""

    query: str
    since: Time
    until: Time
    articles: int
    stories: int
    messages: int
    messages_a_day: float
    days: tuple[Day, ...]
    samples: tuple[Sample, ...]
    suggestions: tuple[Suggestion, ...]
    """Similar queries that match more, if this one matches fewer than three articles."""
    warnings: tuple[QueryWarning, ...]
    """Likely mistakes in the query."""
    complete: bool
    """False if there were more articles than the test examines."""
