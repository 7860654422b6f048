"""A poller's knowledge of its feeds: each feed's state, and the other feeds of its host."""

from collections.abc import Mapping
from datetime import datetime

from ingest.formats.items import ParsedFeed
from ingest.polling.feed_state import FeedState
from ingest.polling.news import News, news
from ingest.polling.same_host import SameHost
from ingest.sources.feed import Feed


class KnownFeeds:
    """The states of the feeds, by URL; updated by each poll.

    Args:
        states: what is known at the start.
    """

    def __init__(self, states: Mapping[str, FeedState]) -> None:
        self._states = dict(states)
        self._same_host = SameHost(self._states.values())

    @property
    def states(self) -> Mapping[str, FeedState]:
        """What is known now; a feed that was never polled is missing."""
        return self._states

    def of(self, feed: Feed) -> FeedState:
        """The state of a feed, an empty one if it was never polled."""
        return self._states.get(feed.url) or FeedState(url=feed.url)

    def news_of(self, feed: Feed, parsed: ParsedFeed, now: datetime) -> News:
        """What is new in a feed, by its state and those of the other feeds of its host."""
        others = [self._states[url] for url in self._same_host.of(feed.url)]
        return news(feed, self.of(feed), parsed, others, now)

    def remember(self, state: FeedState) -> None:
        """Advance a feed's state."""
        before = self._states.get(state.url)
        if before is None or before.last_item_seen != state.last_item_seen:
            self._same_host.had_news(state.url)
        self._states[state.url] = state
