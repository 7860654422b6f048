"""The API, version 1: the documents of `wirewatch schema`, over HTTP."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

import msgspec
from aiohttp import web

from index.counts import Count, CountBy, Counts
from index.intervals import Unit
from index.periods import over_time
from index.results import article_document, counts_document, search_document
from index.store import Hits, Search, Store
from index.suggest import suggest
from results.parts import QueryWarning
from results.search import Suggestion
from web.api.answer import answer
from web.api.ids import whole_id
from web.api.openapi import openapi
from web.archive import Archive
from web.errors import BadRequest
from web.search.asked import FARTHEST, MOST_PER_PAGE, PER_PAGE, number, read
from web.services import Services
from web.traffic import FOUND

_MOST_VALUES = 1_000


class ArticlesApi:
    """The handlers.

    Args:
        services: what the API is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/search.json", self.articles),
            web.get("/api/v1/articles", self.articles),
            web.get("/api/v1/articles/{id}", self.article),
            web.get("/api/v1/counts", self.counts),
            web.get("/api/v1/openapi.json", self.openapi),
        ]

    async def articles(self, request: web.Request) -> web.Response:
        """A page of hits: `wirewatch/search`."""
        asked = read(request.query)
        limit = number("limit", request.query.get("limit", str(PER_PAGE)), MOST_PER_PAGE)
        offset = number("offset", request.query.get("offset", "0"), FARTHEST, least=0)
        search = await self._services.search(asked, limit=limit)
        search = msgspec.structs.replace(search, offset=offset)

        def find(store: Store) -> tuple[Hits, Sequence[Suggestion]]:
            hits = store.search(search)
            return hits, suggest(store, search, hits.total)

        hits, suggestions = await self._archive.read(find)
        request[FOUND] = hits.total
        coverage, warnings = await asyncio.gather(
            asyncio.to_thread(self._services.coverage), asyncio.to_thread(self._warnings, asked.q)
        )
        return answer(request, search_document(hits, search, asked.q, coverage, warnings, suggestions))

    async def article(self, request: web.Request) -> web.Response:
        """An article: `wirewatch/article`. The first digits of its id are enough."""
        article_id = request.match_info["id"]
        found = await self._archive.read(lambda store: store.get(whole_id(store, article_id)))
        if found is None:
            raise web.HTTPNotFound(reason="No article has this id.")
        story = found.enriched.story or found.enriched.article.id
        alerts = await asyncio.to_thread(self._services.firings, story)
        return answer(
            request, await asyncio.to_thread(article_document, found, self._services.is_salient, alerts)
        )

    async def counts(self, request: web.Request) -> web.Response:
        """How many articles and stories a search finds: `wirewatch/counts`."""
        asked = read(request.query)
        search = await self._services.search(asked)
        by, unit = _fields(request.query), _unit(request.query)
        most = number("most", request.query.get("most", "10"), _MOST_VALUES)

        def count(store: Store) -> Counts:
            between = _edges(store, search, unit) if unit else ()
            return store.counts(search, Count(by=by, most=most, edges=between))

        counts = await self._archive.read(count)
        coverage = await asyncio.to_thread(self._services.coverage)
        return answer(request, counts_document(counts, search, asked.q, coverage))

    async def openapi(self, request: web.Request) -> web.Response:
        """The OpenAPI document of all this."""
        return answer(request, await asyncio.to_thread(openapi))

    def _warnings(self, query: str) -> list[QueryWarning]:
        return (
            [QueryWarning(one.kind, one.position, one.message) for one in self._services.lint(query)]
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
