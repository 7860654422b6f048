"""What the search box asks for while someone types."""

import asyncio

from aiohttp import web

from query.parse import parse
from query.tree import show
from results.parts import QueryWarning
from results.query import Checked, Completions
from stream.errors import QueryError
from web.api.answer import answer
from web.archive import Archive
from web.box.complete import completions, typed
from web.box.values import Values
from web.errors import of_query
from web.search.asked import number
from web.services import Services

_LONGEST = 10_000


class BoxApi:
    """The handlers.

    Args:
        services: what they are made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._values = Values(services, archive)

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/api/v1/check", self.check), web.get("/api/v1/complete", self.complete)]

    async def check(self, request: web.Request) -> web.Response:
        """How a query is understood: `wirewatch/query`; a problem with its position if it isn't."""
        text = request.query.get("q", "").strip()
        try:
            understood = show(parse(text)) if text else ""
        except QueryError as error:
            raise of_query(error) from None
        found = await asyncio.to_thread(self._services.lint, text) if text else ()
        warnings = tuple(QueryWarning(one.kind, one.position, one.message) for one in found)
        return answer(request, Checked(query=text, understood=understood, warnings=warnings))

    async def complete(self, request: web.Request) -> web.Response:
        """How a query may continue: `wirewatch/completions`."""
        text = request.query.get("q", "")[:_LONGEST]
        at = number("at", request.query.get("at", str(len(text))), _LONGEST, least=0)
        now = typed(text, min(at, len(text)))
        known = await self._values.known()
        found = await asyncio.to_thread(completions, now, known)
        return answer(request, Completions(query=text, start=now.start, end=now.end, completions=found))
