"""Tracks which feeds are due, at a cost that does not depend on the number of feeds."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ingest.polling.decide import due_at
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed


class Agenda:
    """The feeds of the list in the order in which they fall due.

    A feed that was handed out is not handed out again until it is put back.
    """

    def __init__(self) -> None:
        self._feeds: Sequence[Feed] = ()
        self._by_url: dict[str, Feed] = {}
        self._heap: list[tuple[float, str]] = []  # outdated entries are skipped when they come up
        self._times: dict[str, float] = {}
        self._out: set[str] = set()

    def follow(self, feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> None:
        """Adopt the feed list if it has changed."""
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
        """The feeds that are still in the list; the others are dropped."""
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
