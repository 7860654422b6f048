"""How the sources do, for alerts: how many were heard in the last hour, and which went silent or fail."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.message import LONGEST, Coverage
from alerts.sources import SourceState
from ingest.polling.coverage import Health, expected_items, health, is_heard
from ingest.polling.feed_state import Feed, FeedState
from wirewatch.errors import ConfigError, RetryLater
from wirewatch.feedlist import FeedList
from wirewatch.topics import feed_states
from wirewatch.transport.base import Log

NAMED = 5
"""Dark sources that are named."""
KEPT_SECONDS = 15.0
"""So long an answer is good for: alerts come in bursts."""


def coverage(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> Coverage:
    """How many sources answered in the last hour. A source is heard if any of its feeds is."""
    heard: dict[str, bool] = {}
    for feed in feeds:
        name = feed.title or feed.url
        heard[name] = heard.get(name, False) or is_heard(states.get(feed.url), now)
    dark = [name for name, well in heard.items() if not well]
    return Coverage(len(heard), len(heard) - len(dark), tuple(dark[:NAMED]))


def source_states(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> list[SourceState]:
    """How each source does that was ever polled: each feed for itself, as `wirewatch sources` has it."""
    polled = [(feed, states[feed.url]) for feed in feeds if feed.url in states]
    return [one for feed, state in polled if (one := _source_state(feed, state, now))]


def _source_state(feed: Feed, state: FeedState, now: datetime) -> SourceState | None:
    """How the source of a feed does; one that slowed down or moved does well."""
    if state.last_polled is None:
        return None
    judged = health(state, now)
    status = judged.status if judged.status in ("silent", "failing", "gone") else "well"
    since = (judged.last_item if status == "well" else judged.since) or state.last_polled
    expected = 0.0 if status == "well" else expected_items(state, since, state.last_polled)
    return SourceState(
        name=(feed.title or feed.url)[:LONGEST],
        url=feed.url,
        status=status,
        since=since,
        until=state.last_polled,
        expected=round(expected, 1),
        per_day=judged.per_day,
        reason=_reason(judged, expected),
    )


def _reason(judged: Health, expected: float) -> str:
    """Why a source is dark, in words, with what was to be expected of it."""
    if judged.status in ("failing", "gone") and judged.per_day:
        usual = f"{expected:.0f} items were to be expected since ({judged.per_day:.1f} a day)"
        return f"{judged.reason}; {usual}"
    return judged.reason


def make_source_states(
    log: Log, feeds: FeedList, now: Callable[[], datetime]
) -> Callable[[], list[SourceState] | None]:
    """What tells how each source of a feed list does; None where that can't be told."""

    def ask() -> list[SourceState] | None:
        try:
            return source_states(feeds.load(), feed_states(log), now())
        except (ConfigError, RetryLater):
            return None  # no list on this machine, a log that is busy: it is asked again in a minute

    return ask


def make_coverage(log: Log, feeds: FeedList, now: Callable[[], datetime]) -> Callable[[], Coverage | None]:
    """What tells how much was heard, of a feed list; None where that can't be told."""
    kept: tuple[float, Coverage | None] = (float("-inf"), None)

    def ask() -> Coverage | None:
        nonlocal kept
        if time.monotonic() - kept[0] > KEPT_SECONDS:
            kept = (time.monotonic(), _look(log, feeds, now()))
        return kept[1]

    return ask


def _look(log: Log, feeds: FeedList, now: datetime) -> Coverage | None:
    try:
        return coverage(feeds.load(), feed_states(log), now)
    except (ConfigError, RetryLater):
        return None  # no list on this machine, a log that is busy: an alert does not wait for it
