"""Polls every feed of the list when it is due, one at a time at each host. How one feed is polled: feed_poller.py."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ingest.polling.agenda import Agenda
from ingest.polling.decide import address
from ingest.polling.feed_poller import FeedPoller
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from ingest.urls import host_if_any

TICK_SECONDS = 1.0
"""How often it checks which feeds are due, and whether the feed list has changed."""

MOST_HOSTS = 1_000
"""How many hosts are polled at once; the others wait at no cost."""


async def _at_once() -> None:
    """Nothing to wait for."""


@dataclass(frozen=True)
class Room:
    """What the stages behind can take.

    Attributes:
        ready: waits while they are too far behind.
        may_begin: whether a feed may be polled for the first time, which brings its backlog. Until then only that feed waits.
    """

    ready: Callable[[], Awaitable[object]] = _at_once
    may_begin: Callable[[], bool] = lambda: True


class Poller:
    """Polls every feed when it is due, one at a time at each host.

    Args:
        feeds: returns the feed list as it is now; called repeatedly.
        one: polls one feed.
        now: the time, aware, in UTC.
        room: what the stages behind can take.
    """

    def __init__(
        self,
        feeds: Callable[[], Sequence[Feed]],
        one: FeedPoller,
        now: Callable[[], datetime],
        room: Room = Room(),
    ) -> None:
        self._feeds = feeds
        self._one = one
        self._known = one.known
        self._now = now
        self._room = room
        self._agenda = Agenda()
        self._waiting: dict[str, list[Feed]] = {}
        self._later: list[Feed] = []

    async def round(self) -> None:
        """Poll every feed of the list once, whether due or not, but none that is gone."""
        feeds = [feed for feed in self._feeds() if not self._known.of(feed).gone]
        while feeds:
            async with asyncio.TaskGroup() as group:
                for name, some in self._by_host(feeds).items():
                    group.create_task(self._poll_host(name, some))
            feeds, self._later = self._later, []
            if feeds:
                await asyncio.sleep(TICK_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll the feeds that are due until `stop`; polls in progress are then cancelled and repeated later."""
        busy: dict[str, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                self._start(busy)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), TICK_SECONDS)
        finally:
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    async def receive(self, url: str, body: bytes, content_type: str, charset: str) -> None:
        """Take what a feed's hub has sent; nothing is done if the feed is not in the list.

        Raises RetryLater if it can't be read or stored now.
        """
        feed = next((feed for feed in self._feeds() if feed.url == url), None)
        if feed is not None:
            await self._one.receive(feed, body, content_type, charset)

    def known(self) -> Sequence[FeedState]:
        """What is known of the feeds of the list."""
        states = self._known.states
        return [states[feed.url] for feed in self._feeds() if feed.url in states]

    def _start(self, busy: dict[str, asyncio.Task[None]]) -> None:
        """Forget the hosts that are done (a fault of our own is raised), and start those that have feeds due."""
        for name in [name for name, task in busy.items() if task.done()]:
            busy.pop(name).result()
        self._agenda.follow(self._feeds(), self._known.states)
        due = self._agenda.due(self._now())
        if self._room.may_begin():
            due, self._later = [*due, *self._later], []
        for name, feeds in self._by_host(due).items():
            self._waiting.setdefault(name, []).extend(feeds)
        free = [name for name in self._waiting if name not in busy]
        for name in free[: MOST_HOSTS - len(busy)]:
            feeds = self._agenda.listed(self._waiting.pop(name))
            busy[name] = asyncio.create_task(self._poll_host(name, feeds))

    async def _poll_host(self, name: str, feeds: Sequence[Feed]) -> None:
        for feed in feeds:
            if self._must_wait(feed):
                continue
            async with self._one.visit(name) as visit:
                await self._room.ready()
                if self._must_wait(feed):  # others were let in before
                    continue
                await self._one.poll(feed, visit)
            self._agenda.put_back(feed, self._known.states.get(feed.url))

    def _must_wait(self, feed: Feed) -> bool:
        """Whether a feed may not be polled yet; then it is kept for later."""
        if self._known.of(feed).last_read is None and not self._room.may_begin():
            self._later.append(feed)
            return True
        return False

    def _by_host(self, feeds: Sequence[Feed]) -> dict[str, list[Feed]]:
        """The feeds by the host that will be asked for them."""
        hosts: dict[str, list[Feed]] = {}
        for feed in feeds:
            name = host_if_any(address(feed, self._known.of(feed)))
            hosts.setdefault(name, []).append(feed)
        return hosts
