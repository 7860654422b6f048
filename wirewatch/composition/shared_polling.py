"""Pollers share the hosts between them, so that each host has one owner, whichever log is used.

A poller joins a group over a topic, and polls the feeds whose hosts fall to its partitions. After each change of the shares it
begins anew with what is known of its feeds, read from the log again. Who takes over from a living poller first lets it finish;
and before anything is published its owner makes sure that it still is.

What any process puts into that topic under a host reaches the owner of the host: so do the calls of hubs. A message is done
when it was handled, or put aside to be tried again; one that a crash left undone comes again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from ingest.sources.feed import Feed
from ingest.urls import host_if_any
from stream.errors import RetryLater
from stream.log.base import Consumer, Record, partition_of
from stream.persist import leave, until_possible
from stream.supervisor import Source
from wirewatch.lists.feeds import FeedList

log_line = structlog.get_logger("wirewatch.composition.shared_polling")

LOOK_SECONDS = 1.0
"""Seconds between looks at the shares and at messages: the longest time until a poller notices that a host has another
owner."""
HANDOVER_SECONDS = 3.0
"""Seconds that a poller waits with hosts it has gained, so that their last owner notices and stops polling them."""
LIST_SECONDS = 2.0
"""Seconds between looks at the feed list."""
MESSAGES_AT_ONCE = 16
"""Each may have some megabytes."""
READ_SECONDS = 0.001
"""Seconds that one read of messages may take."""


class Share:
    """The feeds of this poller.

    Args:
        owned: its partitions, each with the number of its ownership.
        partitions: how many there are in all.
        feeds: the whole list.
    """

    def __init__(
        self, owned: Mapping[int, int], partitions: int, feeds: Callable[[], Sequence[Feed]]
    ) -> None:
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
    """The key that decides who owns a feed: its host in the feed list, even after a move, so that the owner stays the same."""
    return host_if_any(feed.url)


Check = Callable[[], Awaitable[None]]
"""Raises RetryLater if the share is no longer ours."""


class OwnPoller(Source, Protocol):
    """Polls a share."""

    async def take(self, message: bytes) -> None:
        """Handle a message for the owner of one of its hosts. What it raises decides on retries, as with a stage."""


Make = Callable[[Share, Check], Awaitable[OwnPoller]]
"""Makes a poller for a share, with the state of its feeds as of now."""
PutAside = Callable[[Record, Exception], Awaitable[None]]
"""Keeps a message that could not be handled, for another try or for a person."""


class Member:
    """This process as a member of the pollers' group. A consumer belongs to one thread at a time: that is held here."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._turn = asyncio.Lock()

    async def owned(self) -> Mapping[int, int]:
        """The partitions that are ours now, each with the number of its ownership."""
        async with self._turn:
            await until_possible("log", self._consumer.poll, 0, 0.0)
            return self._consumer.ownership()

    async def messages(self, seconds: float) -> list[Record]:
        """The next messages for the owner of a partition, of those that were ours at this moment: what comes within some
        seconds, or with 0 all that was there before."""
        async with self._turn:
            return await until_possible("log", self._consumer.poll, MESSAGES_AT_ONCE, seconds)

    async def done(self, messages: Sequence[Record]) -> None:
        """All of `messages` were handled."""
        async with self._turn:
            offsets = {one.partition: one.offset + 1 for one in messages}
            await until_possible("log", self._consumer.commit, offsets)

    async def leave(self) -> None:
        """Give what is ours to the others."""
        async with self._turn:
            await leave(self._consumer)


class SharedPolling:
    """A source that polls its share of the feeds; see stream.supervisor.Source.

    Args:
        join: makes a member of the pollers' group.
        partitions: how many partitions they share.
        feeds: the feed list.
        make: makes the poller of a share.
        put_aside: keeps a message that could not be handled.
        has_room: whether the stages behind can take more news.
    """

    def __init__(
        self,
        *,
        join: Callable[[], Consumer],
        partitions: int,
        feeds: FeedList,
        make: Make,
        put_aside: PutAside,
        has_room: Callable[[], bool],
    ) -> None:
        self._join = join
        self._partitions = partitions
        self._feeds = feeds
        self._make = make
        self._put_aside = put_aside
        self._has_room = has_room
        self._listed = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop."""
        member = Member(await until_possible("log", self._join))
        try:
            before: Mapping[int, int] | None = None
            while not stop.is_set():
                share = await self._next_share(member, before, stop)
                await self._poll(member, share, stop)
                before = share.owned
        finally:
            await member.leave()

    async def round(self) -> None:
        """Poll every feed of the share once, and handle the messages that wait for it."""
        member = Member(await until_possible("log", self._join))
        try:
            share = await self._next_share(member, None, asyncio.Event())
            poller = await self._make(share, _check(member, share))
            await poller.round()
            while await self._handle_some(member, share, poller, 0.0):
                pass
        finally:
            await member.leave()

    async def _next_share(
        self, member: Member, before: Mapping[int, int] | None, stop: asyncio.Event
    ) -> Share:
        """The share that is ours now, after the last owners of new hosts had time to let go. `before` is None at the start."""
        await self._refresh()
        owned = await member.owned()
        alone = before is None and len(owned) == self._partitions  # nobody to wait for
        gained = set() if alone else owned.items() - (before or {}).items()
        while gained and not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), HANDOVER_SECONDS)
            now = await member.owned()
            gained, owned = now.items() - owned.items(), now
        log_line.info("share of the feeds", partitions=sorted(owned), of=self._partitions)
        return Share(owned, self._partitions, self._feeds)

    async def _poll(self, member: Member, share: Share, stop: asyncio.Event) -> None:
        """Poll a share until it changes; polls under way are then given up."""
        poller = await self._make(share, _check(member, share))
        over = asyncio.Event()
        parts = [
            asyncio.ensure_future(poller.run(over)),
            asyncio.ensure_future(self._handle_all(member, share, poller, over)),
        ]
        try:
            while not (stop.is_set() or any(part.done() for part in parts)):
                if await member.owned() != share.owned:
                    break
                await self._refresh()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            over.set()
            await asyncio.wait(parts)
        for part in parts:
            part.result()

    async def _handle_all(self, member: Member, share: Share, poller: OwnPoller, over: asyncio.Event) -> None:
        """Handle the topic's messages, but take none while the next stages are too far behind."""
        while not over.is_set():
            if not (self._has_room() and await self._handle_some(member, share, poller)):
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), LOOK_SECONDS)

    async def _handle_some(
        self, member: Member, share: Share, poller: OwnPoller, seconds: float = READ_SECONDS
    ) -> bool:
        """Handle the next messages; returns whether there were any."""
        messages = await member.messages(seconds)
        await asyncio.gather(*(self._handle(one, share, poller) for one in messages))
        if messages:
            await member.done(messages)
        return bool(messages)

    async def _handle(self, message: Record, share: Share, poller: OwnPoller) -> None:
        """Handle one message. One from a partition gained a moment ago waits for the poller of the next share."""
        if message.partition not in share.owned:
            await self._put_aside(message, RetryLater("not-ours", "the feeds are being redistributed"))
            return
        try:
            await poller.take(message.value)
        except Exception as error:  # noqa: BLE001 - whatever it is must not lose the message
            await self._put_aside(message, error)

    async def _refresh(self) -> None:
        if time.monotonic() - self._listed >= LIST_SECONDS:
            await until_possible("feed list", self._feeds.refresh)
            self._listed = time.monotonic()


def _check(member: Member, share: Share) -> Check:
    async def check() -> None:
        if await member.owned() != share.owned:
            raise RetryLater("not-ours", "the feed has another owner now")

    return check
