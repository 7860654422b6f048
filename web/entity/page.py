"""The page of a person, organisation or place."""

import asyncio
from functools import partial

from aiohttp import web

from index.entities import find_entity
from index.intervals import Unit, unit_for
from results.counts import Stretch
from results.entity import Entity
from stream.errors import ConfigError
from web.archive import Archive
from web.bars import Bars, bars
from web.entity.asked import since_of
from web.entity.graph import graph
from web.search.asked import Asked
from web.search.chart import named
from web.search.clauses import narrowed
from web.services import Services
from web.templating import Templates

PRESETS = (("7d", "7 days"), ("30d", "30 days"), ("365d", "a year"), ("", "all"))


class EntityPage:
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
        return [web.get("/entity/{id:.+}", self.entity)]

    async def entity(self, request: web.Request) -> web.Response:
        """What is written of it: over time, by topic, with whom."""
        key, asked_since = request.match_info["id"], request.query.get("since", "").strip()
        since = since_of(asked_since, self._services.now())
        names = await asyncio.to_thread(self._services.topic_names)
        try:
            found = await self._archive.read(lambda store: find_entity(store, key, since))
        except ConfigError as error:
            return self._templates.page("empty.html", asked=Asked(), reason=str(error))
        if found is None and not since:
            raise web.HTTPNotFound
        if found is None:
            return self._templates.page(
                "no_entity.html", asked=Asked(), key=key, since=asked_since, presets=PRESETS
            )
        unit = unit_for(found.last - (since or found.first))
        return self._templates.page(
            "entity.html",
            asked=Asked(q=found.query),
            entity=found,
            key=key,
            since=asked_since,
            presets=PRESETS,
            names=names,
            unit=unit,
            chart=_chart(found, unit),
            graph=graph(found),
            view=Asked(q=found.query, since=asked_since),
            within=partial(_within, found, asked_since),
        )


def _within(entity: Entity, since: str, field: str, value: str) -> str:
    """The search for its articles with a value of a field."""
    clause = f'{field}:"{value.replace(chr(34), " ").strip()}"'
    return Asked(q=narrowed(entity.query, clause), since=since).address()


def _chart(entity: Entity, unit: Unit) -> Bars:
    def label(one: Stretch) -> str:
        return f"{named(one.since, unit)}: {one.articles:,}"

    return bars([(label(one), (one.articles,)) for one in entity.over_time])
