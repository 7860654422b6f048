"""Whole result lists in other forms, written as they are read: however many hits, little is held at a time."""

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import structlog
from aiohttp import web

from index.results import hit_document
from web.access.person import person
from web.archive import Archive
from web.links import origin
from web.search.asked import Asked, read
from web.search.formats.about import About
from web.search.formats.forms import FEEDS, IN_A_FEED, STREAMED
from web.services import Services

_AT_ONCE = 500
_log = structlog.get_logger("web.search")


class Exports:
    """The handlers.

    Args:
        services: what the page is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get(f"{path}.{{form:{'|'.join(forms)}}}", handler)
            for path in ("/search", "/api/v1/export")
            for forms, handler in ((STREAMED, self.streamed), (FEEDS, self.feed))
        ]

    async def streamed(self, request: web.Request) -> web.StreamResponse:
        """All hits of a search, in a form that is written as they are read."""
        form = request.match_info["form"]
        kind, write = STREAMED[form].media_type, STREAMED[form].write
        search = await self._services.search(_asked(request))
        store = await self._archive.read(lambda store: store)
        chunks = iter(write(hit_document(hit, search.query) for hit in store.each(search)))
        part = await asyncio.to_thread(
            _next_part, chunks
        )  # a fault in the search comes before the head is sent
        response = web.StreamResponse(
            headers={"Content-Disposition": f'attachment; filename="wirewatch.{form}"'}
        )
        response.content_type, response.charset = kind, "utf-8"
        await response.prepare(request)
        with _whole_or_broken(request):
            while part and request.method != "HEAD":
                await response.write(part)
                part = await asyncio.to_thread(_next_part, chunks)
            await response.write_eof()
        return response

    async def feed(self, request: web.Request) -> web.Response:
        """The newest hits as a feed."""
        asked = read(request.query).changed(sort="newest")
        search = await self._services.search(asked, limit=IN_A_FEED)
        found = await self._archive.read(lambda store: store.search(search))
        hits = [hit_document(hit, search.query) for hit in found.hits]
        form = FEEDS[request.match_info["form"]]
        here = origin(request, encrypted=self._services.access.encrypted)
        about = About(
            title=asked.q or "All articles",
            now=self._services.now(),
            address=f"{here}{request.rel_url}",
            page="" if person().by == "link" else f"{here}{asked.address()}",
        )
        body = form.write(hits, about)
        return web.Response(body=body, content_type=form.media_type, charset="utf-8")


def _asked(request: web.Request) -> Asked:
    """The view of an export: all hits in order of time, unless another order was asked for."""
    asked = read(request.query)
    return asked if asked.sort else asked.changed(sort="newest")


@contextmanager
def _whole_or_broken(request: web.Request) -> Iterator[None]:
    """Break the connection if what is sent can't be finished, so that nobody takes a part for the whole.

    In HTTP/1.0, which proxies speak, an answer ends with its connection: only a reset tells a broken one from a whole one.
    """
    try:
        yield
    except ConnectionError:  # whoever asked has gone
        raise
    except Exception as error:
        _log.warning("an export broke off", reason=str(error))
        if (transport := request.transport) is not None:
            reset = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            transport.abort()
        raise


def _next_part(chunks: Iterator[bytes]) -> bytes:
    """The next lines, joined; b'' after the last."""
    return b"".join(islice(chunks, _AT_ONCE))
