"""The pages of stories."""

import asyncio
from datetime import datetime
from typing import Any

from aiohttp import web

from index.store import Store
from index.stories import find_story, story_of
from index.story_results import stories_document
from results.story import Stories
from stream.errors import ConfigError
from web.api.ids import whole_id
from web.archive import Archive
from web.errors import BadRequest
from web.search.asked import Asked
from web.services import Services
from web.story.asked import MOST, AskedStories, articles_of, read_stories, search_of_late
from web.story.view import story_view
from web.templating import Templates

AREA = "/stories"
PRESETS = (("24h", "a day"), ("3d", "3 days"), ("7d", "7 days"), ("30d", "30 days"), ("all", "all"))


class StoryPages:
    """The handlers.

    Args:
        services: what the pages are made over.
        archive: the store.
        templates: what they are written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._services = services
        self._archive = archive
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/stories", self.stories), web.get("/story/{id}", self.story)]

    async def stories(self, request: web.Request) -> web.Response:
        """The largest stories of a time, a topic or a query."""
        wanted = read_stories(request.query)
        names = await asyncio.to_thread(self._services.topic_names)
        now, marks = self._services.now(), self._services.marks()

        def listed(store: Store) -> tuple[Stories, datetime | None]:
            search, counted_from = search_of_late(store, wanted, now, marks)
            return stories_document(store, search, wanted.limit, None), counted_from

        try:
            found, counted_from = await self._archive.read(listed)
        except BadRequest as error:
            return self._listed(wanted, names, None, 400, fault=error, counted_from=None)
        except ConfigError as error:
            return self._templates.page("empty.html", area=AREA, asked=Asked(), reason=str(error))
        told = wanted.changed(since=found.since.isoformat()) if counted_from and found.since else wanted
        return self._listed(
            wanted, names, found, fault=None, counted_from=counted_from, told=told, articles=articles_of(told)
        )

    def _listed(
        self, wanted: AskedStories, names: dict[str, str], found: Stories | None, code: int = 200, **more: Any
    ) -> web.Response:
        return self._templates.page(
            "stories.html", code, area=AREA, asked=Asked(q=wanted.q), wanted=wanted, found=found, names=names,
            presets=PRESETS, more=wanted.changed(limit=min(2 * wanted.limit, MOST)), **more,
        )  # fmt: skip

    async def story(self, request: web.Request) -> web.Response:
        """A story: who reported it when, who copied whom, what each report adds, what was changed."""
        given = request.match_info["id"]
        try:
            found = await self._archive.read(
                lambda store: find_story(store, story_of(store, whole_id(store, given)))
            )
        except ConfigError as error:
            return self._templates.page("empty.html", area=AREA, asked=Asked(), reason=str(error))
        if found is None:
            raise web.HTTPNotFound
        shown = await asyncio.to_thread(lambda: story_view(found, self._services.outlets()))
        within = Asked(q=f"story:{shown.story.id}", all="1", sort="oldest")
        return self._templates.page(
            "story.html", area=AREA, asked=Asked(), view=shown, story=shown.story, within=within
        )
