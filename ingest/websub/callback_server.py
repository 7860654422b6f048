"""The HTTP server that WebSub hubs reach: GET asks whether a subscription is meant, POST brings what is new."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from ingest.http.response import header_map
from ingest.websub.subscriber import Subscriber

log_line = structlog.get_logger("ingest.websub.callback_server")

MAX_BYTES = 5_000_000
"""Of what a hub sends."""
READ_SECONDS = 30.0
"""For all of it."""


@asynccontextmanager
async def serve_callbacks(subscriber: Subscriber, host: str, port: int) -> AsyncIterator[int]:
    """Answer hubs while the block runs, at every path whose last part is the id of a subscription.

    Yields the port (another one than asked for only if that is 0). Raises OSError if the port is taken.
    """

    async def verify(request: web.Request) -> web.Response:
        challenge = await subscriber.verify(request.match_info["id"], request.query)
        if challenge is None:
            return web.Response(status=404)
        # Never as HTML: what is echoed was written by whoever asks.
        return web.Response(
            text=challenge, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
        )

    async def notify(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        known = await subscriber.notify(request.match_info["id"], header_map(request.headers), body)
        return web.Response(status=202 if known else 410)

    application = web.Application(client_max_size=MAX_BYTES)
    path = "/{prefix:(?:.*/)?}{id:[A-Za-z0-9_-]{16,64}}"
    application.add_routes([web.get(path, verify), web.post(path, notify)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        at = runner.addresses[0][1]
        log_line.info("hubs are answered", host=host, port=at)
        yield at
    finally:
        await runner.cleanup()
