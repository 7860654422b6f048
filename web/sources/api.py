"""Sources in the API."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from results.sources import FeedPlan, FoundSource, Imported, SourceHealth, Sources
from stream.display import without_secrets
from stream.errors import FieldError, Reject, RetryLater
from web.access.gate import ABOUT
from web.api.answer import answer
from web.api.changes import done, no_such_keys, version_of
from web.api.operations import operation
from web.errors import BadRequest
from web.forms import json_object
from web.services import Services
from web.sources.choice import chosen, read
from web.sources.page import LARGEST
from web.sources.services import Row

_SOURCES, _ONE = "/api/v1/sources", "/api/v1/sources/{id}"
_PLAN, _FIND, _OPML = f"{_ONE}/plan", "/api/v1/find-source", "/api/v1/sources.opml"
_AS = "text/x-opml"
_KEYS = "`title`, `folder`, `language`, `country` (ISO 3166-1 alpha-2), `paused`"


class SourcesApi:
    """The handlers.

    Args:
        services: what the API is made over.
    """

    def __init__(self, services: Services) -> None:
        self._sources = services.sources

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get(_SOURCES, self.listed),
            web.post(_SOURCES, self.add),
            web.get(_OPML, self.opml),
            web.post(_OPML, self.take_in),
            web.post(_FIND, self.find),
            web.get(_ONE, self.one),
            web.put(_ONE, self.put),
            web.delete(_ONE, self.remove),
            web.get(_PLAN, self.plan),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """The sources: `wirewatch/sources`."""
        found = await asyncio.to_thread(self._sources.listed)
        sources = tuple(chosen(found.sources, read(request.query)))
        return answer(request, msgspec.structs.replace(found, sources=sources))

    async def one(self, request: web.Request) -> web.Response:
        """A source: `wirewatch/source`."""
        return answer(request, await self._existing(request))

    async def plan(self, request: web.Request) -> web.Response:
        """When a source is asked next, and why: `wirewatch/feed-plan`."""
        source = await self._existing(request)
        return answer(request, await asyncio.to_thread(self._sources.plan, source.url))

    async def find(self, request: web.Request) -> web.Response:
        """The feed of a site: `wirewatch/found-source`."""
        address = (await json_object(request)).get("address", "")
        try:
            found = await self._sources.find(str(address))
        except (Reject, RetryLater) as error:
            raise FieldError("the site", "address", error.reason) from None
        return answer(request, found)

    async def add(self, request: web.Request) -> web.Response:
        """Put a feed into the list."""
        sent = await json_object(request)
        url = str(sent.pop("url", ""))
        request[ABOUT] = {"source": without_secrets(url)[:300]}
        with no_such_keys():
            await asyncio.to_thread(self._sources.add, url, _row(sent))
        return done()

    async def put(self, request: web.Request) -> web.Response:
        """Change what the list says of a source; what is not named stays."""
        source, version = await self._existing(request), version_of(request)
        now = {
            "title": source.title,
            "folder": source.folder,
            "language": source.language,
            "country": source.country,
            "paused": source.health.status == "paused",
        }
        row = _row({**now, **await json_object(request)})
        await asyncio.to_thread(self._sources.put, source, row, version)
        return answer(request, await self._existing(request))

    async def remove(self, request: web.Request) -> web.Response:
        """Take a source off the list."""
        source = await self._existing(request)
        await asyncio.to_thread(self._sources.remove, source.url, version_of(request))
        return done()

    async def opml(self, _: web.Request) -> web.Response:
        """The list as OPML."""
        body = await asyncio.to_thread(self._sources.opml)
        return web.Response(body=body, content_type=_AS, headers={"Cache-Control": "no-store"})

    async def take_in(self, request: web.Request) -> web.Response:
        """Add the feeds of an OPML file, which is the body: `wirewatch/import`."""
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > LARGEST:
                raise BadRequest("body", f"expected at most {LARGEST:,} bytes")
        with no_such_keys():
            found = await asyncio.to_thread(self._sources.take_in, bytes(body), "the file")
        return answer(request, found)

    async def _existing(self, request: web.Request) -> SourceHealth:
        found: Sources = await asyncio.to_thread(self._sources.listed)
        for source in found.sources:
            if source.id == request.match_info["id"]:
                request[ABOUT] = {"source": without_secrets(source.url)[:300]}
                return source
        raise web.HTTPNotFound


def _row(sent: dict[str, Any]) -> Row:
    try:
        return msgspec.convert(sent, Row)
    except msgspec.ValidationError as error:
        raise BadRequest("body", str(error)) from None


def paths() -> dict[str, Any]:
    """The part of the OpenAPI document."""
    text = {"type": "string"}
    return {
        _SOURCES: {
            "get": operation(
                _SOURCES,
                "The sources, the worst first",
                Sources,
                ("status", "Only of this status.", text),
                ("group", "Only of this group of the list, and those within it.", text),
                ("country", "Only of this country.", text),
            ),
            "post": operation(_SOURCES, "Put a feed into the list", None, body=f"`url`, and {_KEYS}"),
        },
        _FIND: {"post": operation(_FIND, "Find the feed of a site", FoundSource, body="`address`")},
        _ONE: {
            "get": operation(_ONE, "A source", SourceHealth),
            "put": operation(_ONE, "Change what the list says", SourceHealth, body=_KEYS, if_match=True),
            "delete": operation(_ONE, "Take a source off the list", None, if_match=True),
        },
        _PLAN: {"get": operation(_PLAN, "When a source is asked next, and why", FeedPlan)},
        _OPML: {
            "get": operation(_OPML, "The list as OPML, with the passwords of its addresses", {_AS: text}),
            "post": operation(
                _OPML, "Add the feeds of an OPML file", Imported, body="The file.", sent_as=_AS
            ),
        },
    }
