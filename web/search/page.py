"""The search page."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from query.marks import asks_for_marks
from results.parts import Coverage, Hit
from stream.errors import ConfigError
from stream.words import plural
from web.access.person import person
from web.archive import Archive
from web.desk.desk import OnArticle
from web.errors import BadRequest
from web.events.event import Place
from web.links import Address
from web.marked import Marked, Run, runs
from web.search.asked import STACKS, Asked, read
from web.search.formats.forms import FEEDS, STREAMED
from web.search.svg import drawn
from web.search.view import View, fresh_rows, view
from web.services import Services
from web.templating import Templates
from web.traffic import FOUND

AREA = "/"
FORMS = ("json", *STREAMED, *FEEDS)
PRESETS = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("365d", "a year"), ("", "all"))

_AT_ONCE = 100
"""Articles that a page takes in at once; the rest is for a new search."""


class SearchPage:
    """The handler.

    Args:
        services: what the page is made over.
        archive: the store.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._services = services
        self._archive = archive
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/", self.search), web.get("/hits", self.fresh)]

    async def search(self, request: web.Request) -> web.Response:
        """The search page; it shows what is wrong with a query or a time, with its place."""
        try:
            asked = read(request.query)
        except BadRequest as error:
            return self._failed(Asked(), error)
        try:
            search = await self._services.search(asked)
        except BadRequest as error:
            return self._failed(asked, error)
        zone = zone_of(request.cookies.get("zone", ""))
        names, warnings, dark = await asyncio.gather(
            asyncio.to_thread(self._services.topic_names),
            asyncio.to_thread(self._warnings, asked.q),
            asyncio.to_thread(self._services.live.dark),
        )
        try:
            shown = await self._archive.read(
                lambda store: view(store, asked, search, names, zone, dark, self._services.outlets)
            )
        except ConfigError as error:
            return self._templates.page("empty.html", asked=asked, area=AREA, reason=str(error))
        request[FOUND] = shown.articles
        on = await self._marks_on(row.hit for row in shown.rows)
        coverage = None if shown.rows else await asyncio.to_thread(self._services.coverage)
        return self._shown(
            asked=asked,
            view=shown,
            zone=zone,
            place=str(Place(shown.place, self._services.now())),
            fault=None,
            warnings=warnings,
            on=on,
            follows=search.query is None or not asks_for_marks(search.query),
            coverage=coverage_lines(coverage),
            addresses={form: asked.address(f"/search.{form}") for form in FORMS},
        )

    async def fresh(self, request: web.Request) -> web.Response:
        """The lines of articles that have come since the page was made, to be put before the others."""
        asked = read(request.query)
        search = await self._services.search(asked)
        ids = [one for one in request.query.get("ids", "").split(",") if one][:_AT_ONCE]
        rows = await self._archive.read(lambda store: fresh_rows(store, asked, search, ids))
        on = await self._marks_on(row.hit for row in rows)
        back, inside = _places(asked)
        return self._templates.page(
            "rows.html", rows=rows, marked=marked_hit, on=on, back=back, inside=inside
        )

    async def _marks_on(self, hits: Iterable[Hit]) -> Callable[[str], OnArticle]:
        """The marks of hits, by id, as whoever asks sees them."""
        if person().by == "link":  # marks and notes stay in the house
            return lambda _: OnArticle()
        ids = [hit.article.id for hit in hits]
        found = await asyncio.to_thread(self._services.desk.on, person().name, ids)
        return lambda article: found.get(article, OnArticle())

    def _warnings(self, query: str) -> Sequence[str]:
        return [warning.message for warning in self._services.lint(query)] if query else []

    def _failed(self, asked: Asked, error: BadRequest) -> web.Response:
        return self._shown(400, asked=asked, view=None, fault=error, warnings=(), coverage=(), addresses={})

    def _shown(self, code: int = 200, *, follows: bool = True, **variables: Any) -> web.Response:
        view: View | None = variables["view"]
        back, inside = _places(variables["asked"])
        live = (
            follows
            and person().by != "link"
            and view is not None
            and view.asked.page == 1
            and view.asked.sort != "oldest"
        )
        return self._templates.page(
            "search.html",
            code,
            area=AREA,
            is_live=live,
            marked=marked_hit,
            drawn=drawn,
            back=back,
            inside=inside,
            presets=PRESETS,
            forms=FORMS,
            stacks=STACKS,
            **variables,
        )


def _places(asked: Asked) -> tuple[Address, Address]:
    """The address of a view, and what of it the addresses of its articles keep: the same for all of its lines."""
    kept = asked.changed(since="", until="", sort="", stack="", all="")
    return asked.address(), kept.address("")


def zone_of(name: str) -> tzinfo | None:
    """The time zone that a browser names (IANA: `Europe/Berlin`); None, the machine's, if it names none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def coverage_lines(coverage: Coverage | None) -> list[str]:
    """What the silence of a search is worth, in sentences."""
    if coverage is None:
        return []
    heard = f"{coverage.heard} of {plural(coverage.sources, 'source')} answered when last asked."
    return [heard, *(f"{one.name}: {one.reason or one.status}" for one in coverage.dark)]


def marked_hit(hit: Hit, part: str) -> list[Run]:
    """The headline or the snippet of a hit, with its marks."""
    if part == "title":
        text, marks = hit.article.title or "(no title)", hit.title_marks
    elif hit.snippet:
        text, marks = hit.snippet.text, hit.snippet.marks
    else:
        return []
    return list(runs(text, [Marked(mark.start, mark.end, "match") for mark in marks]))
