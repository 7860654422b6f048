"""The health of the sources, for alerts: how many answered in the last hour, and which went silent or fail."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.message import LONGEST, Coverage
from alerts.sources import SourceState
from ingest.polling.coverage import darkness, expected_items, health, is_heard, items_a_day
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from results.parts import Coverage as ShownCoverage
from results.parts import Source
from stream.errors import ConfigError, RetryLater
from stream.log.base import Log
from stream.words import frequency, plural
from wirewatch.lists.feeds import FeedList
from wirewatch.topics import feed_states

WELL = "well"
SOURCE_STATUSES = (WELL, "silent", "failing", "gone", "overdue", "unpolled", "paused")
NAMED = 5
"""Dark sources that are named."""
LISTED = 100
"""Dark sources that are named beside the hits of a search."""
KEPT_SECONDS = 15.0
"""Seconds for which an answer is reused: alerts come in bursts."""


def coverage(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> Coverage:
    """How many sources answered in the last hour. A source is heard if any of its feeds is."""
    heard: dict[str, bool] = {}
    for feed in feeds:
        name = feed.title or feed.url
        heard[name] = heard.get(name, False) or is_heard(states.get(feed.url), now)
    dark = [name for name, well in heard.items() if not well]
    return Coverage(len(heard), len(heard) - len(dark), tuple(dark[:NAMED]))


def shown_coverage(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> ShownCoverage:
    """How many sources are heard, and which are not, or are unusually silent. A source is heard if any of its feeds is."""
    judged = _judged(feeds, states, now)
    dark = [source for source in judged.values() if source and source.status != "silent"]
    return ShownCoverage(
        sources=len(judged),
        heard=len(judged) - len(dark),
        dark=tuple(dark[:LISTED]),
        dark_more=max(len(dark) - LISTED, 0),
        silent=tuple(source for source in judged.values() if source and source.status == "silent"),
    )


def source_counts(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> dict[str, int]:
    """How many sources there are by status; those that do well, and those that are silent, are heard."""
    judged = _judged(feeds, states, now).values()
    found = Counter(source.status or WELL if source else WELL for source in judged)
    return {status: found[status] for status in SOURCE_STATUSES}


def _judged(
    feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime
) -> dict[str, Source | None]:
    """What is wrong with each source, by name; None if it does well."""
    by_name: dict[str, list[FeedState | None]] = {}
    for feed in feeds:
        asked = by_name.setdefault(feed.title or feed.url, [])
        if not feed.paused:
            asked.append(states.get(feed.url))
    return {name: _source(name, asked, now) if asked else _paused(name) for name, asked in by_name.items()}


def _paused(name: str) -> Source:
    return Source(name=name, status="paused", since=None, reason="someone paused it")


def _source(name: str, states: Sequence[FeedState | None], now: datetime) -> Source | None:
    """A source that is not heard, or silent in each of the feeds that are; None if it does well. Told by one of its feeds."""
    heard = [state for state in states if state and is_heard(state, now)]
    if not heard:
        return _dark(name, next((state for state in states if state), None), now)
    judged = [health(state, now) for state in heard]
    if any(one.status != "silent" for one in judged):
        return None
    return Source(name=name, status="silent", since=judged[0].since, reason=judged[0].reason)


def _dark(name: str, state: FeedState | None, now: datetime) -> Source:
    """A source that is not heard."""
    if state is None or state.last_polled is None:
        return Source(name=name, status="unpolled", since=None, reason="wirewatch has not asked it yet")
    known = health(state, now)
    if known.status in ("failing", "gone"):
        return Source(name=name, status=known.status, since=known.since, reason=known.reason)
    asked = f"wirewatch last asked it on {state.last_polled:%Y-%m-%d at %H:%M} UTC"
    return Source(name=name, status="overdue", since=state.next_due, reason=asked)


def source_states(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> list[SourceState]:
    """The health of each source that was ever polled, feed by feed, as in `wirewatch sources`."""
    polled = [(feed, states[feed.url]) for feed in feeds if feed.url in states]
    return [one for feed, state in polled if (one := _source_state(feed, state))]


def _source_state(feed: Feed, state: FeedState) -> SourceState | None:
    """The health of a feed's source; one that slowed down or moved counts as well."""
    if state.last_polled is None:
        return None
    status, since, reason = darkness(state) or ("well", state.last_published or state.last_item_seen, "")
    since = since or state.last_polled
    per_day = items_a_day(state)
    expected = 0.0 if status == "well" else expected_items(state, since, state.last_polled)
    if status in ("failing", "gone") and per_day:
        reason = f"{reason}; {plural(round(expected), 'item')} expected since then ({frequency(per_day)})"
    return SourceState(
        name=(feed.title or feed.url)[:LONGEST],
        url=feed.url,
        status=status,
        since=since,
        until=state.last_polled,
        expected=round(expected, 1),
        per_day=per_day,
        reason=reason,
    )


def make_source_states(log: Log, feeds: FeedList) -> Callable[[], list[SourceState] | None]:
    """Returns a function for the health of each source: empty where there is no feed list, None if it is unknown now."""

    def ask() -> list[SourceState] | None:
        try:
            feeds.refresh()
            return source_states(feeds(), feed_states(log))
        except RetryLater:
            return None  # the log is busy: it is asked again in a minute

    return ask


def make_coverage(log: Log, feeds: FeedList, now: Callable[[], datetime]) -> Callable[[], Coverage | None]:
    """Returns a function for how much of a feed list answered; None where that is unknown."""
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
