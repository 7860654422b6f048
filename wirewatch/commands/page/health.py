"""The health and the metrics of a process that serves the page alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from stream.errors import ConfigError
from web.traffic import Traffic
from wirewatch.commands.screen import complain
from wirewatch.process.health import Exposition, Health, serve_health
from wirewatch.process.settings import Service


@asynccontextmanager
async def health_beside_page(service: Service, traffic: Traffic, stop: asyncio.Event) -> AsyncIterator[None]:
    """Answer while the block runs. If the port is taken (by `wirewatch run` with the same configuration, say), that is reported
    and the page goes on without.

    Args:
        service: where to listen.
        traffic: of the page.
        stop: is set once the process stops.
    """

    def alive() -> bool:
        return not stop.is_set()

    def metrics() -> AbstractAsyncContextManager[Exposition]:
        from wirewatch.composition.metrics import open_page_metrics  # noqa: PLC0415 - only what is asked for is imported

        return open_page_metrics(traffic)

    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(serve_health(service, Health(alive, alive), metrics))
        except ConfigError as error:
            complain(f"The page runs, but without health and metrics: {error}")
        yield
