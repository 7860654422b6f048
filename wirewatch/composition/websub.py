"""WebSub beside the poller, where the configuration gives hubs an address to reach us at.

Whichever process a hub's call reaches answers it, and puts what it accepts into the topic whose partitions the pollers share,
so that the owner of the feed gets it (shared_polling.py). The hub is told so only once it is there, so no crash loses it.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from ingest.http.client import Client
from ingest.polling.poller import Poller
from ingest.sources.feed import Feed
from ingest.websub.callback_server import serve_callbacks
from ingest.websub.calls import Call, Notice, Question
from ingest.websub.directory import Directory
from ingest.websub.protocol import Subscription
from ingest.websub.reception import Reception
from ingest.websub.settings import Websub
from ingest.websub.subscriber import Subscriber
from stream.errors import RetryLater
from stream.log.base import Outgoing
from stream.messages import decode, encode
from stream.persist import Context
from stream.supervisor import Source
from wirewatch.composition.shared_polling import key_of
from wirewatch.topics import POLL, SHARES, SUBSCRIPTIONS

MOST_WAITING = 200
"""Calls from hubs, each of at most 5 MB, that may wait for the pollers; beyond that, hubs are asked to come back."""
LOOK_SECONDS = 1.0
"""Seconds between looks at how many wait."""
KEPT = timedelta(hours=1)
"""How long calls that were handled stay in the log."""
TRIM_SECONDS = 600.0
"""Seconds between deletions, while new ones arrive."""


class ListeningPoller:
    """A poller without an address for hubs, which still reads what other processes have received for it.

    Args:
        poller: polls our share of the feeds.
    """

    def __init__(self, poller: Poller) -> None:
        self._poller = poller

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop."""
        await self._poller.run(stop)

    async def round(self) -> None:
        """Ask every feed once."""
        await self._poller.round()

    async def take(self, message: bytes) -> None:
        """Read what a hub has sent."""
        call = decode_call(message)
        if isinstance(call, Notice):
            await receive(self._poller, call)


class PushedPoller:
    """A poller, and the subscriptions of its feeds: see wirewatch.polling.OwnPoller.

    Args:
        poller: polls our share of the feeds.
        client: reaches the hubs.
        context: has the log and the clock.
        settings: where hubs reach us.
        ours: whether a feed is of our share.
    """

    def __init__(
        self, poller: Poller, client: Client, context: Context, settings: Websub, ours: Callable[[str], bool]
    ) -> None:
        self._poller = poller
        self._context = context
        self._subscriber = Subscriber(
            callback=settings.callback_url.rstrip("/"),
            hubs=self._hubs,
            known={one.feed: one for one in subscriptions(context) if ours(one.feed)},
            post=client.post,
            keep=self._keep,
            forget=self._forget,
            now=context.now,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, and keep the subscriptions, until told to stop."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poller.run(stop))
            group.create_task(self._subscriber.run(stop))

    async def round(self) -> None:
        """Ask every feed once; hubs are left alone."""
        await self._poller.round()

    async def take(self, message: bytes) -> None:
        """Read what a hub has sent, or note what it has asked."""
        call = decode_call(message)
        if isinstance(call, Question):
            await self._subscriber.answered(call)
        else:
            await receive(self._poller, call)

    def _hubs(self) -> Iterator[tuple[str, str, str]]:
        for state in self._poller.known():
            if state.hub and not state.gone:
                yield state.url, state.hub, state.topic

    async def _keep(self, one: Subscription) -> None:
        await self._write(one.feed, encode(one))

    async def _forget(self, one: Subscription) -> None:
        await self._write(one.feed, None)

    async def _write(self, key: str, value: bytes | None) -> None:
        await asyncio.to_thread(self._context.log.produce, [Outgoing(SUBSCRIPTIONS.name, key, value)])


class Callbacks:
    """The pollers of this process, and the server that hubs reach beside them: see stream.supervisor.Source.

    The server stays while the shares of the pollers change.

    Args:
        polling: the pollers.
        context: has the log and the clock.
        settings: where hubs reach us.
        max_bytes: how much a hub may send at once.
        keep_bytes: how much of the log calls that were handled may take.
    """

    def __init__(
        self, polling: Source, context: Context, settings: Websub, *, max_bytes: int, keep_bytes: int
    ) -> None:
        self._polling = polling
        self._context = context
        self._settings = settings
        self._max_bytes = max_bytes
        self._keep_bytes = keep_bytes
        self._reception = Reception(
            find=Directory(self._subscriptions).find, hand_on=self._hand_on, now=context.now
        )
        self._waiting = 0
        self._looked = -math.inf
        self._trimmed = -math.inf

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, and answer hubs, until told to stop."""
        host, port = self._settings.host, self._settings.port
        async with serve_callbacks(self._reception, host, port, self._max_bytes):
            await self._polling.run(stop)

    async def round(self) -> None:
        """Ask every feed once; hubs are not answered."""
        await self._polling.round()

    async def _subscriptions(self) -> Sequence[Subscription]:
        return await asyncio.to_thread(subscriptions, self._context)

    async def _hand_on(self, call: Call) -> None:
        """Put a call into the log for its feed's owner, unless too many are waiting."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            await asyncio.to_thread(self._look)
        if self._waiting >= MOST_WAITING:
            raise RetryLater("backlog", f"{self._waiting} calls from hubs are waiting for the pollers")
        self._waiting += 1
        message = Outgoing(SHARES.name, key_of(Feed(url=call.feed)), encode(call))
        await asyncio.to_thread(self._context.log.produce, [message])

    def _look(self) -> None:
        """Count those that wait; from time to time delete those that were handled."""
        log = self._context.log
        self._waiting = log.progress(POLL, SHARES.name).lag
        if time.monotonic() - self._trimmed >= TRIM_SECONDS:
            self._trimmed = time.monotonic()
            log.trim(SHARES.name, self._context.now() - KEPT, self._keep_bytes)


def subscriptions(context: Context) -> list[Subscription]:
    """All subscriptions, as the log has them."""
    return [decode(value, Subscription) for value in context.log.latest(SUBSCRIPTIONS.name).values()]


def decode_call(message: bytes) -> Call:
    """What `encode` made of a call; raises as `decode` does."""
    call: Call = decode(message, SHARES.type)
    return call


async def receive(poller: Poller, notice: Notice) -> None:
    """Have a poller read what a hub has sent."""
    await poller.receive(notice.feed, notice.body, notice.content_type, notice.charset)
