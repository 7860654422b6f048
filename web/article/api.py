"""The versions of articles in the API."""

import asyncio
from typing import Any

from aiohttp import web

from index.edits import changes_document, version_document
from results.edits import Changes, Version
from stream.messages import Article
from web.api.answer import answer
from web.api.ids import whole_id
from web.api.operations import operation
from web.archive import Archive
from web.search.asked import number

_MOST_VERSIONS = 1_000_000
_CHANGES, _VERSION = "/api/v1/articles/{id}/changes", "/api/v1/articles/{id}/versions/{number}"


class VersionsApi:
    """The handlers.

    Args:
        archive: the store.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get(_CHANGES, self.changes), web.get(_VERSION, self.version)]

    async def changes(self, request: web.Request) -> web.Response:
        """What was changed in an article: `wirewatch/changes`."""
        article = await self._article(request)
        return answer(request, await asyncio.to_thread(changes_document, article))

    async def version(self, request: web.Request) -> web.Response:
        """A version of an article: `wirewatch/version`."""
        wanted = number("number", request.match_info["number"], _MOST_VERSIONS, least=0)
        article = await self._article(request)
        found = await asyncio.to_thread(version_document, article, wanted)
        if found is None:
            raise web.HTTPNotFound(reason="This version is not kept.")
        return answer(request, found)

    async def _article(self, request: web.Request) -> Article:
        given = request.match_info["id"]
        found = await self._archive.read(lambda store: store.get(whole_id(store, given)))
        if found is None:
            raise web.HTTPNotFound(reason="No article has this id.")
        return found.enriched.article


def paths() -> dict[str, Any]:
    """The operations, for the OpenAPI document."""
    return {
        _CHANGES: {"get": operation(_CHANGES, "What was changed in an article", Changes)},
        _VERSION: {"get": operation(_VERSION, "A version of an article; the first is 0", Version)},
    }
