"""WebSub beside the poller, where the configuration gives hubs an address to reach us at."""

import asyncio
from collections.abc import Callable, Iterator

from ingest.http.client import Client
from ingest.poller import Poller
from ingest.websub.callback_server import serve_callbacks
from ingest.websub.protocol import Subscription
from ingest.websub.subscriber import Subscriber
from wirewatch.config import Websub
from wirewatch.messages import decode, encode
from wirewatch.runner import Context
from wirewatch.topics import SUBSCRIPTIONS
from wirewatch.transport.base import Outgoing


class PushedPoller:
    """A poller, and the subscriptions of its feeds: see wirewatch.supervisor.Source.

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
        self._settings = settings
        self._subscriber = Subscriber(
            callback=settings.callback_url.rstrip("/"),
            hubs=self._hubs,
            known={
                url: decode(value, Subscription)
                for url, value in context.log.latest(SUBSCRIPTIONS.name).items()
                if ours(url)
            },
            post=client.post,
            keep=self._keep,
            forget=self._forget,
            deliver=poller.receive,
            now=context.now,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, and keep the subscriptions, until told to stop."""
        async with (
            serve_callbacks(self._subscriber, self._settings.host, self._settings.port),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(self._poller.run(stop))
            group.create_task(self._subscriber.run(stop))

    async def round(self) -> None:
        """Ask every feed once; hubs are left alone."""
        await self._poller.round()

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
