"""Which feeds are due, without looking at each: what that costs does not depend on how many feeds there are."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ingest.polling.decide import due_at
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed


class Agenda:
    """The feeds of the list in the order in which they fall due.

    A feed that was handed out is not handed out again before it was put back.
    """

    def __init__(self) -> None:
        self._feeds: Sequence[Feed] = ()
        self._by_url: dict[str, Feed] = {}
        self._heap: list[tuple[float, str]] = []  # what no longer holds is passed over when it comes up
        self._times: dict[str, float] = {}
        self._out: set[str] = set()

    def follow(self, feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> None:
        """Take the feed list over if it is another one than before."""
        if feeds is self._feeds:
            return
        self._feeds, self._by_url = feeds, {feed.url: feed for feed in feeds}
        times = ((_seconds(states.get(url)), url) for url in self._by_url if url not in self._out)
        self._heap = [(when, url) for when, url in times if when is not None]
        self._times = {url: when for when, url in self._heap}
        heapq.heapify(self._heap)

    def due(self, now: datetime) -> list[Feed]:
        """Hand out the feeds that are due, those that have waited longest first."""
        found, latest = [], now.timestamp()
        while self._heap and self._heap[0][0] <= latest:
            when, url = heapq.heappop(self._heap)
            if self._times.get(url) == when:
                del self._times[url]
                self._out.add(url)
                found.append(self._by_url[url])
        return found

    def listed(self, feeds: Iterable[Feed]) -> list[Feed]:
        """Those of the feeds that are still in the list; the others are let go."""
        kept = []
        for feed in feeds:
            if feed.url in self._by_url:
                kept.append(feed)
            else:
                self._out.discard(feed.url)
        return kept

    def put_back(self, feed: Feed, state: FeedState | None) -> None:
        """A feed was polled, and is due again when its state says so."""
        self._out.discard(feed.url)
        when = _seconds(state)
        if when is not None and feed.url in self._by_url:
            self._times[feed.url] = when
            heapq.heappush(self._heap, (when, feed.url))


def _seconds(state: FeedState | None) -> float | None:
    when = due_at(state)
    return None if when is None else when.timestamp()
