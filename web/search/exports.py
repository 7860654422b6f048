"""Whole result lists in other forms, written as they are read: however many hits, little is held at a time."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

import msgspec
from aiohttp import web

from index.results import hit_document
from index.store import Search, Store
from results.parts import Hit
from stream.display import to_json
from web.archive import Archive
from web.search.asked import read, search_of
from web.search.formats import atom, csv, markdown
from web.services import Services

_AT_ONCE = 500
_IN_A_FEED = 100


def _json_lines(hits: Iterable[Hit]) -> Iterator[bytes]:
    for hit in hits:
        yield to_json(hit).encode() + b"\n"


_STREAMED: Mapping[str, tuple[str, Callable[[Iterable[Hit]], Iterable[bytes]]]] = {
    "jsonl": ("application/x-ndjson", _json_lines),
    "csv": ("text/csv", csv.rows),
    "md": ("text/markdown", markdown.lines),
}


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
            web.get("/search.{form:jsonl|csv|md}", self.streamed),
            web.get("/search.atom", self.feed),
        ]

    async def streamed(self, request: web.Request) -> web.StreamResponse:
        """All hits of a search, as JSON lines, CSV or Markdown."""
        form = request.match_info["form"]
        kind, write = _STREAMED[form]
        search = await asyncio.to_thread(
            search_of, read(request.query), self._services.now(), limit=_AT_ONCE, marks=self._services.marks()
        )
        store = await self._archive.read(lambda store: store)
        chunks = iter(write(_all_hits(store, msgspec.structs.replace(search, offset=0))))
        part = await asyncio.to_thread(
            _next_part, chunks
        )  # a fault in the search comes before the head is sent
        response = web.StreamResponse(
            headers={"Content-Disposition": f'attachment; filename="wirewatch.{form}"'}
        )
        response.content_type, response.charset = kind, "utf-8"
        await response.prepare(request)
        while part:
            await response.write(part)
            part = await asyncio.to_thread(_next_part, chunks)
        await response.write_eof()
        return response

    async def feed(self, request: web.Request) -> web.Response:
        """The newest hits as a feed."""
        asked = read(request.query).changed(sort="newest")
        search = await asyncio.to_thread(
            search_of, asked, self._services.now(), limit=_IN_A_FEED, marks=self._services.marks()
        )
        found = await self._archive.read(lambda store: store.search(search))
        hits = [hit_document(hit, search.query) for hit in found.hits]
        body = atom.feed(hits, asked.q or "All articles", str(request.url), self._services.now())
        return web.Response(body=body, content_type="application/atom+xml", charset="utf-8")


def _all_hits(store: Store, search: Search) -> Iterator[Hit]:
    while hits := store.search(search).hits:
        yield from (hit_document(hit, search.query) for hit in hits)
        search = msgspec.structs.replace(search, offset=search.offset + len(hits))


def _next_part(chunks: Iterator[bytes]) -> bytes:
    """The next lines, joined; b'' after the last."""
    return b"".join(islice(chunks, _AT_ONCE))
