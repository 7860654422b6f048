"""Entities in the API."""

from typing import Any

from aiohttp import web

from index.entities import find_entity
from results.entity import Entity
from web.api.answer import answer
from web.api.operations import operation
from web.archive import Archive
from web.entity.asked import since_of
from web.services import Services

_PATH = "/api/v1/entities/{id}"


class EntitiesApi:
    """The handler.

    Args:
        services: what the API is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/api/v1/entities/{id:.+}", self.entity)]

    async def entity(self, request: web.Request) -> web.Response:
        """An entity by its name or id: `wirewatch/entity`."""
        key = request.match_info["id"]
        since = since_of(request.query.get("since", "").strip(), self._services.now())
        found = await self._archive.read(lambda store: find_entity(store, key, since))
        if found is None:
            raise web.HTTPNotFound(reason="No article names it.")
        return answer(request, found)


def paths() -> dict[str, Any]:
    """The operation, for the OpenAPI document."""
    since = ("since", "Only articles published at or after: 2016-03-14, 24h, 7d.", {"type": "string"})
    text = "What the archive has of a person, organisation or place, by its name or its id"
    return {_PATH: {"get": operation(_PATH, text, Entity, since)}}
