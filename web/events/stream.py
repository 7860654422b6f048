"""`/api/v1/events`: a stream of hits and alerts that stays open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec
from aiohttp import web

from web.access.admission import ADMISSION
from web.archive import Archive
from web.events.event import Event, heartbeat, read_place
from web.events.hub import Client, Hub
from web.search.asked import read, search_of
from web.services import Services

HEARTBEAT_SECONDS = 15.0
_AGAIN = b"retry: 3000\n\n"
"""Milliseconds after which a browser that was cut off comes again."""
_MISSED = b"event: missed\ndata: {}\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Nothing on the way may keep events back; the second is for nginx."""


class EventStream:
    """The handler.

    Args:
        services: what it is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._hub = Hub(archive, services.live.fired_after, services.now)

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/api/v1/events", self.events, allow_head=False)]

    async def close(self, _: web.Application) -> None:
        """End all streams."""
        await self._hub.close()

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Hits of a search (`wirewatch/hit`) and alerts (`wirewatch/firing`), from now on or from an event's id on."""
        found = search_of(read(request.query), self._services.now(), outlets=self._services.outlets)
        search = msgspec.structs.replace(found, sort="newest")
        since = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        with self._hub.join(search) as client:
            response = web.StreamResponse(headers=_HEADERS)
            response.content_type, response.charset = "text/event-stream", "utf-8"
            with suppress(ConnectionError):  # clients go as they like
                await response.prepare(request)
                async for part in self._parts(client, since):
                    if not await request[ADMISSION].still_holds():
                        break
                    await response.write(part)
        return response

    async def _parts(self, client: Client, since: str) -> AsyncIterator[bytes]:
        yield _AGAIN
        if since:
            place = read_place(since)
            missed = await self._hub.past(client, place) if place else None
            for one in missed or ():
                yield one.encode()
            if missed is None:
                yield _MISSED
        yield heartbeat(self._hub.place)
        event: Event | None
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    event = await client.events.get()
            except TimeoutError:
                yield heartbeat(self._hub.place)
                continue
            if event is None:
                return
            yield event.encode()
