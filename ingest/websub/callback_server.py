"""The HTTP server that WebSub hubs reach: GET asks whether a subscription is meant, POST brings what is new."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from ingest.http.response import header_map
from ingest.http.server import Bounds, serve
from ingest.websub.protocol import Subscription
from ingest.websub.reception import Reception
from stream.errors import Reject, RetryLater

log_line = structlog.get_logger("ingest.websub.callback_server")

MAX_BYTES = 5_000_000
"""Maximum bytes of a notification."""
READ_SECONDS = 30.0
"""Seconds for the whole notification."""
AT_ONCE = 200
"""Calls answered at the same time; others are asked to come back."""
BODIES_AT_ONCE = 16
"""Notifications read at the same time; this limits memory."""
PLACE_SECONDS = 10.0
"""How long a notification waits for its turn."""
BUSY_SECONDS = 30.0
"""When a hub that can't be served is asked to come back."""
BOUNDS = Bounds(connections=2 * AT_ONCE)
"""Limits on what clients may hold."""

Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def serve_callbacks(
    reception: Reception, host: str, port: int, max_bytes: int = MAX_BYTES, bounds: Bounds = BOUNDS
) -> AsyncIterator[int]:
    """Answer hubs while the block runs, at every path whose last part is the id of a subscription.

    A notification may have `max_bytes`. Yields the port, which differs from the given one only if that is 0. Raises ConfigError
    if it can't listen there.
    """
    application = _application(reception, max_bytes)
    async with serve("websub", application, host, port, bounds) as (at, _):
        log_line.info("hubs are answered", host=host, port=at)
        yield at


def _application(reception: Reception, max_bytes: int) -> web.Application:
    callbacks = _Callbacks(reception)
    application = web.Application(client_max_size=max_bytes)
    path = "/{prefix:(?:.*/)?}{id:[A-Za-z0-9_-]{16,64}}"
    application.add_routes(
        [
            web.get(path, callbacks.limited(callbacks.verify)),
            web.post(path, callbacks.limited(callbacks.notify)),
        ]
    )
    return application


class _Callbacks:
    """HTTP around the reception."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._calls = 0
        self._bodies = asyncio.Semaphore(BODIES_AT_ONCE)

    async def verify(self, request: web.Request) -> web.Response:
        challenge = await self._reception.verify(request.match_info["id"], request.query)
        if challenge is None:
            return web.Response(status=404)
        # Never as HTML: what is echoed was written by whoever asks.
        return web.Response(
            text=challenge, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
        )

    async def notify(self, request: web.Request) -> web.Response:
        """Without a valid id, no body is read."""
        one = await self._reception.expects(request.match_info["id"])
        if one is None:
            return web.Response(status=410)
        try:
            async with asyncio.timeout(PLACE_SECONDS):
                await self._bodies.acquire()
        except TimeoutError:
            raise RetryLater("backlog", f"{BODIES_AT_ONCE} notifications are still being read") from None
        try:
            return await self._read(one, request)
        finally:
            self._bodies.release()

    async def _read(self, one: Subscription, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        await self._reception.notify(one, header_map(request.headers), body)
        return web.Response(status=202)

    def limited(self, handler: Handler) -> Handler:
        """The handler, limited to `AT_ONCE` calls at a time, with errors reported in HTTP."""

        async def handle(request: web.Request) -> web.Response:
            if self._calls >= AT_ONCE:
                return _come_back(BUSY_SECONDS)
            self._calls += 1
            try:
                return await handler(request)
            except RetryLater as error:
                log_line.warning("a hub was asked to come back", kind=error.kind, reason=error.reason)
                return _come_back(error.after or BUSY_SECONDS)
            except Reject as error:
                log_line.warning("a hub's call was refused", kind=error.kind, reason=error.reason)
                return web.Response(status=413)
            finally:
                self._calls -= 1

        return handle


def _come_back(seconds: float) -> web.Response:
    return web.Response(status=503, headers={"Retry-After": str(math.ceil(seconds))})
