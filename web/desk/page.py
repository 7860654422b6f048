"""The desk page, and the forms by which articles are marked and searches saved."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from index.store import Store
from results.desk import Mark
from stream.errors import ConfigError
from web.access.gate import ABOUT
from web.access.person import person
from web.archive import Archive
from web.desk.changes import change_of
from web.desk.marking import make
from web.errors import BadRequest
from web.forms import posted
from web.links import own_path
from web.search.asked import Asked
from web.services import Services
from web.templating import Templates

_SHOWN = 50
"""Of each kind of mark."""


class Headline(msgspec.Struct, frozen=True):
    """What the desk says of an article; without a title where the archive no longer has it."""

    title: str
    source: str


class DeskPage:
    """The handlers.

    Args:
        services: what the page is made over.
        archive: the store.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._desk = services.desk
        self._archive = archive
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/desk", self.page),
            web.post("/desk/marks", self.mark),
            web.post("/desk/searches", self.search),
        ]

    async def page(self, _: web.Request) -> web.Response:
        """What one has starred and saved, what is assigned to one, and everybody's tags, notes and corrections."""
        found = await asyncio.to_thread(self._read, person().name)
        marks = [mark for value in found.values() for mark in value if mark.article]
        headlines = await self._headlines({mark.article for mark in marks})
        tags = await asyncio.to_thread(self._desk.tags)
        return self._templates.page(
            "desk.html",
            asked=Asked(),
            area="/desk",
            tags=tags,
            headlines=headlines,
            most=_SHOWN,
            **dict[str, Any](found),
        )

    async def mark(self, request: web.Request) -> web.Response:
        """Change a mark, and go back to where one was."""
        given = await posted(request)
        await make(request, change_of(given), self._desk, self._archive)
        raise web.HTTPSeeOther(own_path(given.get("back", "")))

    async def search(self, request: web.Request) -> web.Response:
        """Save a search, or forget it."""
        given = await posted(request)
        name, address = given.get("name", ""), own_path(given.get("address", ""))
        do = "unsave" if given.get("do") == "unsave" else "save"
        request[ABOUT] = {"do": do, "name": name[:200], "address": address}
        if do == "save":
            try:
                await asyncio.to_thread(self._desk.add, "search", person().name, "", address, name)
            except ConfigError as error:
                raise BadRequest("name", str(error)) from None
        else:
            await asyncio.to_thread(self._desk.remove, "search", person().name, "", "", name)
        raise web.HTTPSeeOther("/desk")

    def _read(self, name: str) -> dict[str, list[Mark]]:
        return {
            "assigned": self._desk.assigned_to(name, _SHOWN),
            "starred": self._desk.listed(["star"], name, limit=_SHOWN),
            "notes": self._desk.listed(["note"], limit=_SHOWN),
            "corrections": self._desk.listed(["not-topic", "wrong-name"], limit=_SHOWN),
            "searches": sorted(
                self._desk.listed(["search"], name, limit=1_000), key=lambda mark: mark.name.casefold()
            ),
        }

    async def _headlines(self, ids: Iterable[str]) -> Mapping[str, Headline]:
        def read(store: Store) -> dict[str, Headline]:
            found = {each: store.get(each) for each in ids}
            return {
                each: Headline(one.enriched.article.title, one.enriched.article.source)
                for each, one in found.items()
                if one is not None
            }

        try:
            return await self._archive.read(read)
        except ConfigError:  # there is no archive yet
            return {}
