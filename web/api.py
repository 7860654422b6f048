"""The API, version 1: the documents of `wirewatch schema`, over HTTP."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

import msgspec
from aiohttp import web

from index.counts import Count, CountBy, Counts
from index.intervals import Unit
from index.periods import over_time
from index.results import article_document, counts_document, search_document
from index.store import Search, Store
from results.parts import QueryWarning
from stream.display import to_json
from web.archive import Archive
from web.asked import FARTHEST, MOST_PER_PAGE, PER_PAGE, number, read, search_of
from web.desk import Desk
from web.errors import BadRequest
from web.openapi import openapi

_MOST_VALUES = 1_000


class Api:
    """The handlers.

    Args:
        desk: what the API is made over.
        archive: the store.
    """

    def __init__(self, desk: Desk, archive: Archive) -> None:
        self._desk = desk
        self._archive = archive

    async def articles(self, request: web.Request) -> web.Response:
        """A page of hits: `wirewatch/search`."""
        asked = read(request.query)
        limit = number("limit", request.query.get("limit", str(PER_PAGE)), MOST_PER_PAGE)
        offset = number("offset", request.query.get("offset", "0"), FARTHEST, least=0)
        search = msgspec.structs.replace(search_of(asked, self._desk.now(), limit=limit), offset=offset)
        hits = await self._archive.read(lambda store: store.search(search))
        coverage, warnings = await asyncio.gather(
            asyncio.to_thread(self._desk.coverage), asyncio.to_thread(self._warnings, asked.q)
        )
        return _answer(request, search_document(hits, search, asked.q, coverage, warnings, ()))

    async def article(self, request: web.Request) -> web.Response:
        """An article: `wirewatch/article`."""
        article_id = request.match_info["id"]
        found = await self._archive.read(lambda store: store.get(article_id))
        if found is None:
            raise web.HTTPNotFound(reason="No article has this id.")
        alerts = await asyncio.to_thread(self._desk.firings, found.enriched.story or article_id)
        return _answer(
            request, await asyncio.to_thread(article_document, found, self._desk.is_salient, alerts)
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many articles and stories a search finds: `wirewatch/counts`."""
        asked = read(request.query)
        search = search_of(asked, self._desk.now())
        by, unit = _fields(request.query), _unit(request.query)
        most = number("most", request.query.get("most", "10"), _MOST_VALUES)

        def count(store: Store) -> Counts:
            between = _edges(store, search, unit) if unit else ()
            return store.counts(search, Count(by=by, most=most, edges=between))

        counts = await self._archive.read(count)
        coverage = await asyncio.to_thread(self._desk.coverage)
        return _answer(request, counts_document(counts, search, asked.q, coverage))

    async def openapi(self, request: web.Request) -> web.Response:
        """The OpenAPI document of all this."""
        return _answer(request, openapi())

    def _warnings(self, query: str) -> list[QueryWarning]:
        return (
            [QueryWarning(one.kind, one.position, one.message) for one in self._desk.lint(query)]
            if query
            else []
        )


def _edges(store: Store, search: Search, unit: Unit) -> tuple[datetime, ...]:
    try:
        return over_time(store, search, unit)
    except ValueError as error:
        raise BadRequest("over", f"over: {error}: give since, or a longer unit") from None


def _fields(parameters: Mapping[str, str]) -> tuple[CountBy, ...]:
    known: tuple[CountBy, ...] = get_args(CountBy)
    named = [one.strip() for one in parameters.get("by", "").split(",") if one.strip()]
    if unknown := sorted(set(named) - set(known)):
        raise BadRequest("by", f"by: expected some of {', '.join(known)}, found {unknown[0][:40]!r}")
    return tuple(one for one in known if one in named)


def _unit(parameters: Mapping[str, str]) -> Unit | None:
    asked = parameters.get("over", "")
    units: tuple[Unit, ...] = get_args(Unit)
    for unit in units:
        if unit == asked:
            return unit
    if asked:
        raise BadRequest("over", f"over: expected one of {', '.join(units)}")
    return None


def _answer(request: web.Request, document: object) -> web.Response:
    """A document, or 304 where the caller has it already."""
    body = to_json(document).encode()
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, content_type="application/json", headers=headers)
    response.enable_compression()
    return response
