"""The log-in page, and the way out."""

import asyncio
import math
import time
from collections.abc import Callable

from aiohttp import web

from web.access.gate import address_of
from web.access.identify import cookie_name
from web.access.limits import Limit
from web.access.services import Access, LogIn
from web.access.sessions import LONGEST
from web.forms import posted
from web.links import own_path
from web.search.asked import Asked
from web.templating import Templates

_WRONG = "The name or the password is not right."
_AT_ONCE = 2
"""Passwords that are held against their hashes at a time: each takes 19 MiB."""


class LogInPage:
    """The handlers.

    Args:
        access: who may use the page.
        templates: what it is written with.
        clock: seconds, which never go back.
    """

    def __init__(
        self, access: Access, templates: Templates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._access = access
        self._templates = templates
        self._by_address = Limit(10, 1 / 30, clock)
        self._by_name = Limit(20, 1 / 30, clock)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/login", self.form),
            web.post("/login", self.log_in),
            web.post("/logout", self.log_out),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """The form."""
        if self._access.login is None:
            raise web.HTTPSeeOther("/")
        return self._form(own_path(request.query.get("next", "")))

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """Begin a session. What it says and how long it takes are the same for a wrong name and a wrong password."""
        login = self._access.login
        if login is None:
            raise web.HTTPSeeOther("/")
        given = await posted(request)
        name, password = given.get("name", "").strip().lower(), given.get("password", "")
        address, back = address_of(request, self._access), own_path(given.get("next", ""))
        wait = max(self._by_address.take(address), self._by_name.take(name))
        if wait:
            return self._form(back, f"Too many attempts; try again in {math.ceil(wait)} s.", 429)
        async with self._turns:
            right = await asyncio.to_thread(login.accounts.is_right, name, password)
        if not right:
            await self._note(login, name, address, "401")
            return self._form(back, _WRONG, 401)
        self._by_address.give_back(address)
        self._by_name.give_back(name)
        return await self._begun(login, name, address, back)

    async def log_out(self, request: web.Request) -> web.Response:
        """End the session."""
        login, name = self._access.login, cookie_name(self._access)
        if login is not None and (secret := request.cookies.get(name)):
            await asyncio.to_thread(login.sessions.end, secret)
        response = web.Response(status=303, headers={"Location": "/login", "Clear-Site-Data": '"cache"'})
        response.del_cookie(name, path="/", secure=self._access.encrypted, httponly=True, samesite="Strict")
        return response

    async def _begun(self, login: LogIn, name: str, address: str, back: str) -> web.Response:
        secret = await asyncio.to_thread(login.sessions.begin, name)
        await self._note(login, name, address, "done")
        response = web.Response(status=303, headers={"Location": back})
        response.set_cookie(
            cookie_name(self._access),
            secret,
            max_age=int(LONGEST.total_seconds()),
            path="/",
            secure=self._access.encrypted,
            httponly=True,
            samesite="Strict",
        )
        return response

    async def _note(self, login: LogIn, name: str, address: str, outcome: str) -> None:
        """A name that nobody has is not kept: people type their password there."""
        if self._access.audit is None:
            return
        known = await asyncio.to_thread(login.accounts.role_of, name)
        who = name if known else "(unknown)"
        await asyncio.to_thread(self._access.audit.note, who, "session", address, "log-in", {}, outcome)

    def _form(self, back: str, fault: str = "", status: int = 200) -> web.Response:
        return self._templates.page("login.html", status, asked=Asked(), next=back, fault=fault, bare=True)
