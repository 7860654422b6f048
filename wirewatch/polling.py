"""Pollers share the hosts between them, so that each host has one owner, whichever log is used.

A poller joins a group over a topic that holds no messages, and polls the feeds whose hosts fall to its partitions. After each
change of the shares it begins anew with what is known of its feeds, read from the log again. Who takes over from a living
poller first lets it finish; and before anything is published its owner makes sure that it still is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from ingest.poll import Feed
from ingest.urls import host_if_any
from wirewatch.errors import RetryLater
from wirewatch.feedlist import FeedList
from wirewatch.runner import until_possible
from wirewatch.supervisor import Source
from wirewatch.transport.base import Consumer, partition_of

log_line = structlog.get_logger("wirewatch.polling")

LOOK_SECONDS = 0.25
"""How often it looks whether the shares have changed: so late does a poller notice that a host is another's now."""
HANDOVER_SECONDS = 3.0
"""How long a poller that has gained hosts waits, so that their last owner has noticed and given up what it was asking."""
LIST_SECONDS = 2.0
"""How often it looks whether the feed list has changed."""


class Share:
    """The feeds of this poller.

    Args:
        owned: its partitions.
        partitions: how many there are in all.
        feeds: the whole list.
    """

    def __init__(self, owned: frozenset[int], partitions: int, feeds: Callable[[], Sequence[Feed]]) -> None:
        self.owned = owned
        self._partitions = partitions
        self._feeds = feeds
        self._all: Sequence[Feed] | None = None
        self._mine: Sequence[Feed] = ()

    def __call__(self) -> Sequence[Feed]:
        """The feeds as the list has them now; the same object for as long as nothing changed."""
        feeds = self._feeds()
        if feeds is not self._all:
            self._all = feeds
            self._mine = [feed for feed in feeds if self.holds(feed.url)]
        return self._mine

    def holds(self, url: str) -> bool:
        """Whether a feed is of this share, in the list or not."""
        return partition_of(key_of(Feed(url=url)), self._partitions) in self.owned


def key_of(feed: Feed) -> str:
    """What decides whose a feed is: the host in the feed list, also after it has moved, so that its owner stays the same."""
    return host_if_any(feed.url)


Check = Callable[[], Awaitable[None]]
"""Raises RetryLater if the share is no longer ours."""
Make = Callable[[Share, Check], Awaitable[Source]]
"""Makes a poller for a share, with what is known now of its feeds."""


class SharedPolling:
    """A source that polls its share of the feeds; see wirewatch.supervisor.Source.

    Args:
        join: makes a member of the pollers' group.
        partitions: how many partitions they share.
        feeds: the feed list.
        make: makes the poller of a share.
    """

    def __init__(self, join: Callable[[], Consumer], partitions: int, feeds: FeedList, make: Make) -> None:
        self._join = join
        self._partitions = partitions
        self._feeds = feeds
        self._make = make
        self._turn = asyncio.Lock()
        self._listed = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop."""
        consumer = await until_possible("log", self._join)
        try:
            before: frozenset[int] | None = None
            while not stop.is_set():
                share = await self._next_share(consumer, before, stop)
                await self._poll(consumer, share, stop)
                before = share.owned
        finally:
            await asyncio.to_thread(consumer.close)

    async def round(self) -> None:
        """Poll every feed of the share once."""
        consumer = await until_possible("log", self._join)
        try:
            share = await self._next_share(consumer, None, asyncio.Event())
            poller = await self._make(share, self._check(consumer, share))
            await poller.round()
        finally:
            await asyncio.to_thread(consumer.close)

    async def _next_share(
        self, consumer: Consumer, before: frozenset[int] | None, stop: asyncio.Event
    ) -> Share:
        """The share that is ours now; what was another's until now is waited for. `before` is None at the start."""
        await self._refresh()
        owned = await self._owned(consumer)
        alone = before is None and len(owned) == self._partitions  # nobody to wait for
        gained = frozenset() if alone else owned - (before or frozenset())
        while gained and not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), HANDOVER_SECONDS)
            now = await self._owned(consumer)
            gained, owned = now - owned, now
        log_line.info("share of the feeds", partitions=sorted(owned), of=self._partitions)
        return Share(owned, self._partitions, self._feeds)

    async def _poll(self, consumer: Consumer, share: Share, stop: asyncio.Event) -> None:
        """Poll a share for as long as it stays the same. What is under way at its end is given up."""
        poller = await self._make(share, self._check(consumer, share))
        over = asyncio.Event()
        polling = asyncio.ensure_future(poller.run(over))
        try:
            while not (stop.is_set() or polling.done()) and await self._owned(consumer) == share.owned:
                await self._refresh()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            over.set()
            await polling

    async def _owned(self, consumer: Consumer) -> frozenset[int]:
        async with self._turn:  # a consumer belongs to one thread at a time
            await until_possible("log", consumer.poll, 0, 0.0)
            return consumer.assigned()

    def _check(self, consumer: Consumer, share: Share) -> Check:
        async def check() -> None:
            if await self._owned(consumer) != share.owned:
                raise RetryLater("not-ours", "the feed has another owner now")

        return check

    async def _refresh(self) -> None:
        if time.monotonic() - self._listed >= LIST_SECONDS:
            await until_possible("feed list", self._feeds.refresh)
            self._listed = time.monotonic()
