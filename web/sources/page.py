"""The pages of sources."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import BodyPartReader, web

from results.sources import FeedPlan, FoundSource, SourceHealth
from stream.display import without_secrets
from stream.errors import ConfigError, EditConflict, FieldError, Reject, RetryLater
from web.access.gate import ABOUT
from web.archive import Archive
from web.bars import Bars, bars
from web.errors import BadRequest
from web.forms import key_of, posted
from web.search.asked import Asked
from web.search.clauses import clause
from web.services import Services
from web.sources.choice import PER_PAGE, chosen, counted, read
from web.sources.services import Row
from web.templating import Templates

AREA = "/sources"
LARGEST = 20_000_000
"""Bytes of an OPML file."""
_SPARK = (112.0, 24.0)
_SAID = {
    "added": "Added. A running wirewatch polls it soon.",
    "saved": "Saved.",
    "removed": "Removed. Its articles stay.",
}


class SourcePages:
    """The handlers.

    Args:
        services: what the page is made over.
        archive: the store; not used.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:  # noqa: ARG002 - as all areas
        self._sources = services.sources
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/sources", self.listed),
            web.post("/sources", self.add),
            web.get("/sources.opml", self.opml),
            web.post("/sources.opml", self.take_in),
            web.get("/new/source", self.new),
            web.post("/new/source", self.find),
            web.get("/sources/{id}", self.one),
            web.post("/sources/{id}", self.put),
            web.post("/sources/{id}/pause", self.pause),
            web.post("/sources/{id}/resume", self.resume),
            web.post("/sources/{id}/remove", self.remove),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """The sources, the worst first."""
        return await self._list(request, said=_SAID.get(request.query.get("said", ""), ""))

    async def _list(
        self,
        request: web.Request,
        code: int = 200,
        *,
        said: str = "",
        lines: Sequence[str] = (),
        fault: str = "",
    ) -> web.Response:
        choice = read(request.query)
        found = await asyncio.to_thread(self._sources.listed)
        rows = chosen(found.sources, choice)
        start = (choice.page - 1) * PER_PAGE
        shown = rows[start : start + PER_PAGE]
        return self._shown(
            "sources.html",
            code,
            found=found,
            choice=choice,
            counts=counted(found.sources),
            total=len(rows),
            rows=[(source, _spark(source)) for source in shown],
            before=choice.changed(page=choice.page - 1).address() if choice.page > 1 else "",
            after=choice.changed(page=choice.page + 1).address() if len(rows) > start + PER_PAGE else "",
            said=said,
            lines=lines,
            fault=fault,
        )

    async def one(self, request: web.Request) -> web.Response:
        """A source: how it does, when it is asked next and why, and what the list says of it."""
        source = await self._existing(request)
        said = _SAID.get(request.query.get("said", ""), "")
        return await self._one(source, _row_of(source), said=said)

    async def _one(
        self,
        source: SourceHealth,
        row: Row,
        code: int = 200,
        *,
        said: str = "",
        error: ConfigError | None = None,
        theirs: Row | None = None,
    ) -> web.Response:
        plan: FeedPlan = await asyncio.to_thread(self._sources.plan, source.url)
        chart = bars(_by_age(source.health.daily))
        return self._shown(
            "source.html",
            code,
            source=source,
            plan=plan,
            row=row,
            theirs=msgspec.structs.asdict(theirs) if theirs else {},
            chart=chart if chart.top else None,
            articles=Asked(q=clause("source", source.title or source.url)).address(),
            said=said,
            error=error,
            key=key_of(error),
        )

    async def new(self, request: web.Request) -> web.Response:
        """Asks for the address of a site."""
        return self._new(request.query.get("address", ""))

    async def find(self, request: web.Request) -> web.Response:
        """Find the feed of a site, to be added."""
        address = (await posted(request)).get("address", "").strip()
        try:
            found = await self._sources.find(address)
        except (Reject, RetryLater) as error:
            return self._new(address, 422, FieldError("the site", "address", error.reason))
        except FieldError as error:
            return self._new(address, 422, error)
        return self._new(address, found=found, row=Row(title=found.title, language=found.language))

    async def add(self, request: web.Request) -> web.Response:
        """Put a feed into the list."""
        sent = await posted(request)
        url, row = sent.get("url", ""), _row_from(sent)
        request[ABOUT] = {"source": without_secrets(url)[:300]}
        try:
            await asyncio.to_thread(self._sources.add, url, row)
        except ConfigError as error:
            found = FoundSource(
                url=url, title=row.title, language=row.language, items=0, newest=None, others=(), listed=False
            )
            return self._new(url, 422, error, found=found, row=row)
        raise web.HTTPSeeOther("/sources?said=added")

    def _new(
        self,
        address: str,
        code: int = 200,
        error: ConfigError | None = None,
        found: FoundSource | None = None,
        row: Row | None = None,
    ) -> web.Response:
        key = key_of(error)
        return self._shown(
            "source_new.html", code, address=address, found=found, row=row or Row(), error=error, key=key
        )

    async def put(self, request: web.Request) -> web.Response:
        """Change what the list says of a source."""
        source, sent = await self._existing(request), await posted(request)
        row = _row_from(sent, paused=source.health.status == "paused")
        return await self._changed(source, row, sent.get("version", ""))

    async def pause(self, request: web.Request) -> web.Response:
        """Keep a source in the list without asking it."""
        return await self._pause(request, paused=True)

    async def resume(self, request: web.Request) -> web.Response:
        """Ask a source again."""
        return await self._pause(request, paused=False)

    async def _pause(self, request: web.Request, *, paused: bool) -> web.Response:
        source, sent = await self._existing(request), await posted(request)
        row = msgspec.structs.replace(_row_of(source), paused=paused)
        return await self._changed(source, row, sent.get("version", source.version))

    async def _changed(self, source: SourceHealth, row: Row, version: str) -> web.Response:
        try:
            await asyncio.to_thread(self._sources.put, source, row, version)
        except EditConflict as error:
            return await self._one(source, row, 409, error=error, theirs=_row_of(source))
        except ConfigError as error:
            return await self._one(source, row, 422, error=error)
        raise web.HTTPSeeOther(f"{AREA}/{source.id}?said=saved")

    async def remove(self, request: web.Request) -> web.Response:
        """Take a source off the list."""
        source, sent = await self._existing(request), await posted(request)
        try:
            await asyncio.to_thread(self._sources.remove, source.url, sent.get("version", ""))
        except EditConflict as error:
            return await self._list(request, 409, fault=str(error))
        raise web.HTTPSeeOther("/sources?said=removed")

    async def opml(self, _: web.Request) -> web.Response:
        """The list as OPML."""
        headers = {"Content-Disposition": 'attachment; filename="feeds.opml"', "Cache-Control": "no-store"}
        body = await asyncio.to_thread(self._sources.opml)
        return web.Response(body=body, content_type="text/x-opml", charset="utf-8", headers=headers)

    async def take_in(self, request: web.Request) -> web.Response:
        """Add the feeds of an OPML file."""
        try:
            name, opml = await _uploaded(request)
            found = await asyncio.to_thread(self._sources.take_in, opml, name)
        except (BadRequest, ConfigError) as error:
            return await self._list(request, 422, fault=str(error))
        said = f"{found.added:,} added, {found.known:,} in the list already, {len(found.refused):,} left out."
        return await self._list(request, said=said, lines=found.refused)

    async def _existing(self, request: web.Request) -> SourceHealth:
        found = await asyncio.to_thread(self._sources.listed)
        for source in found.sources:
            if source.id == request.match_info["id"]:
                request[ABOUT] = {"source": without_secrets(source.url)[:300]}
                known: SourceHealth = source
                return known
        raise web.HTTPNotFound

    def _shown(self, template: str, code: int = 200, **variables: Any) -> web.Response:
        return self._templates.page(template, code, asked=Asked(), area=AREA, **variables)


async def _uploaded(request: web.Request) -> tuple[str, bytes]:
    """The file of a form: its name, and what is in it."""
    if request.content_type != "multipart/form-data":
        raise BadRequest("file", "expected a file")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file" and part.filename:
                return part.filename, await _bounded(part)
    except ValueError as error:  # without its boundary, or cut off
        raise BadRequest("file", f"not a form that can be read: {error}") from None
    raise BadRequest("file", "choose an OPML file")


async def _bounded(part: BodyPartReader) -> bytes:
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > LARGEST:
            raise BadRequest("file", f"expected at most {LARGEST:,} bytes")
    return bytes(found)


def _spark(source: SourceHealth) -> Bars | None:
    drawn = bars(_by_age(source.health.daily), *_SPARK)
    return drawn if drawn.top else None


def _by_age(daily: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """The counts of the last days, each with its day in words."""
    last = len(daily) - 1
    return [
        (f"{f'{last - at} days ago' if at < last else 'today'}: {count:,}", (count,))
        for at, count in enumerate(daily)
    ]


def _row_of(source: SourceHealth) -> Row:
    return Row(
        title=source.title,
        folder=source.folder,
        language=source.language,
        country=source.country,
        paused=source.health.status == "paused",
    )


def _row_from(sent: Mapping[str, str], *, paused: bool = False) -> Row:
    texts = {name: sent.get(name, "").strip() for name in ("title", "folder", "language", "country")}
    return Row(**texts, paused=paused)
