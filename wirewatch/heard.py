"""How much of the watch list was heard in the last hour: what an alert says beside its news."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.message import Coverage
from ingest.polling.coverage import is_heard
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
