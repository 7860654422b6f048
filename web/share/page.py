"""Views are shared here, and links revoked; and the shared views themselves."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

from stream.errors import ConfigError
from web.access.gate import ABOUT
from web.access.person import person
from web.access.shared_address import PREFIX, can_be_shared, link_to
from web.access.shares import Share, Shares
from web.errors import BadRequest
from web.forms import posted
from web.links import origin, own_path
from web.search.asked import Asked
from web.templating import Templates

_DAYS = (1, 7, 30, 90, 365)


class SharePage:
    """The handler, for people who may share.

    Args:
        shares: the shared views.
        most_days: how long a link may be good.
        encrypted: whether browsers reach the page by https alone.
        templates: what it is written with.
    """

    def __init__(self, shares: Shares, most_days: int, templates: Templates, *, encrypted: bool) -> None:
        self._encrypted = encrypted
        self._shares = shares
        self._days = [days for days in _DAYS if days < most_days] + [most_days]
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/desk/shares", self.page),
            web.post("/desk/shares", self.add),
            web.post("/desk/shares/{id}/revoke", self.revoke),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """The links that are good, and a form to share the view that one comes from."""
        return await self._shown(_comes_from(request))

    async def add(self, request: web.Request) -> web.Response:
        """Share a view; its link is shown only now."""
        given = await posted(request)
        address, days = own_path(given.get("address", "")), given.get("days", "")
        if not can_be_shared(given.get("address", "")):
            raise BadRequest("address", "address: expected that of a search, an article or a story")
        if days not in map(str, self._days):
            raise BadRequest("days", f"days: expected one of {', '.join(map(str, self._days))}")
        try:
            share, secret = await asyncio.to_thread(
                self._shares.add, person().name, address, timedelta(days=int(days))
            )
        except ConfigError as error:
            raise BadRequest("address", str(error)) from None
        request[ABOUT] = {"share": share.id, "address": address[:300], "days": days}
        link = f"{origin(request, encrypted=self._encrypted)}{link_to(address, secret)}"
        return await self._shown("", link=link, made=share)

    async def revoke(self, request: web.Request) -> web.Response:
        """Make a link worthless: one's own, or as an admin anybody's."""
        owner = "" if person().may("admin") else person().name
        request[ABOUT] = {"share": request.match_info["id"]}
        if not await asyncio.to_thread(self._shares.revoke, request.match_info["id"], owner):
            raise web.HTTPNotFound
        raise web.HTTPSeeOther("/desk/shares")

    async def _shown(self, address: str, link: str = "", made: Share | None = None) -> web.Response:
        owner = "" if person().may("admin") else person().name
        shares = await asyncio.to_thread(self._shares.all, owner)
        return self._templates.page(
            "shares.html",
            asked=Asked(),
            area="/desk",
            address=address,
            shareable=can_be_shared(address),
            days=self._days,
            link=link,
            made=made,
            shares=shares,
        )


def shared_routes(routes: Iterable[web.RouteDef]) -> list[web.RouteDef]:
    """The same views once more, at the addresses of their links."""
    return [
        web.get(f"{PREFIX}/{{link}}{route.path}", route.handler)
        for route in routes
        if route.method == "GET" and can_be_shared(route.path)
    ]


def _comes_from(request: web.Request) -> str:
    """The view from which the link to this page was followed; '' where the browser does not tell."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc.casefold() != request.host.casefold():
        return ""
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""))
