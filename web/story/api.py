"""Stories in the API."""

import asyncio
from typing import Any

from aiohttp import web

from index.stories import find_story, story_of
from index.story_results import stories_document, story_document
from results.story import Stories, Story
from web.api.answer import answer
from web.api.ids import whole_id
from web.api.operations import operation
from web.archive import Archive
from web.search.asked import number
from web.services import Services
from web.story.asked import MOST, read_stories, search_for


class StoriesApi:
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
        return [web.get("/api/v1/stories", self.stories), web.get("/api/v1/stories/{id}", self.story)]

    async def stories(self, request: web.Request) -> web.Response:
        """The largest stories: `wirewatch/stories`."""
        limit = number("limit", request.query.get("limit", "10"), MOST)
        search = await asyncio.to_thread(
            search_for, read_stories(request.query), self._services.now(), self._services.marks()
        )
        coverage = await asyncio.to_thread(self._services.coverage)
        return answer(
            request, await self._archive.read(lambda store: stories_document(store, search, limit, coverage))
        )

    async def story(self, request: web.Request) -> web.Response:
        """A story with its reports: `wirewatch/story`."""
        given = request.match_info["id"]
        found = await self._archive.read(
            lambda store: find_story(store, story_of(store, whole_id(store, given)))
        )
        if found is None:
            raise web.HTTPNotFound(reason="No story has this id.")
        return answer(request, story_document(found))


def paths() -> dict[str, Any]:
    """The operations, for the OpenAPI document."""
    since = (
        "since",
        "Of articles published at or after: 2016-03-14, 24h (the default), 7d; `all` for no bound.",
        {"type": "string"},
    )
    return {
        "/api/v1/stories": {
            "get": operation(
                "/api/v1/stories",
                "The stories with the most articles",
                Stories,
                ("q", "A query; only articles that it finds count.", {"type": "string"}),
                ("topic", "A topic's id.", {"type": "string"}),
                since,
                ("limit", "How many.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 10}),
            )
        },
        "/api/v1/stories/{id}": {
            "get": operation(
                "/api/v1/stories/{id}", "A story, by its id or that of one of its articles", Story
            )
        },
    }
