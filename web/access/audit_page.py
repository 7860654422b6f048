"""The audit log on the page and in the API, for admins."""

import asyncio
from collections import deque
from typing import Any

from aiohttp import web

from web.access.audit import Change, Recorded
from web.access.services import Access
from web.api.answer import answer
from web.api.operations import operation
from web.search.asked import Asked, number
from web.templating import Templates

_ADDRESS = "/api/v1/audit"
_SHOWN, _MOST = 200, 10_000


class AuditPage:
    """The handlers.

    Args:
        access: whose log it is.
        templates: what it is written with.
    """

    def __init__(self, access: Access, templates: Templates) -> None:
        self._audit = access.audit
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/audit", self.page), web.get(_ADDRESS, self.listed)]

    async def page(self, request: web.Request) -> web.Response:
        """The last changes, the newest first."""
        who = request.query.get("who", "").strip().lower()
        found = await self._last(who, _SHOWN)
        return self._templates.page("audit.html", asked=Asked(), changes=found[::-1], who=who, most=_SHOWN)

    async def listed(self, request: web.Request) -> web.Response:
        """The last changes: `wirewatch/audit`."""
        limit = number("limit", request.query.get("limit", str(_SHOWN)), _MOST)
        found = await self._last(request.query.get("who", "").strip().lower(), limit)
        return answer(request, Recorded(tuple(found)))

    async def _last(self, who: str, most: int) -> list[Change]:
        """The last changes, of one person or ('') of all; the oldest first."""
        audit = self._audit
        if audit is None:
            return []
        return await asyncio.to_thread(
            lambda: list(deque((one for one in audit.changes() if who in ("", one.who)), maxlen=most))
        )


def paths() -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    who = ("who", "Only of this person.", {"type": "string"})
    limit = ("limit", "Changes.", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": _SHOWN})
    return {_ADDRESS: {"get": operation(_ADDRESS, "The last changes and log-ins", Recorded, who, limit)}}
