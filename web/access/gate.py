"""Lets requests through from those who may make them, and notes what they changed."""

import asyncio
import math
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from web.access.admission import ADMISSION, Admission
from web.access.identify import cookie_name, identify
from web.access.limits import Limit
from web.access.needed import needed
from web.access.person import LOCAL, Person, Scope, asked_by
from web.access.proxy import caller
from web.access.services import Access
from web.access.shared_address import is_link, is_same, parts_of
from web.access.shares import Share
from web.errors import Refused, is_for_a_program
from web.links import with_next

ABOUT = web.RequestKey("about", dict[str, str])
"""What a handler says of its change, for the audit log; never a secret."""


class Gate:
    """The middleware.

    Args:
        access: who may use the page.
        clock: seconds, which never go back.
    """

    def __init__(self, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._clock = clock
        per_minute = access.login.per_minute if access.login else 0
        self._limit = Limit(per_minute, per_minute / 60, clock) if per_minute else None

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request from someone who may make it; else raise Refused, or redirect to the log-in page."""
        if is_link(request.path):
            return await self._by_link(request, handler)
        scope = needed(request.method, request.path)
        if scope is None:
            return await handler(request)
        asking = await self._who(request)
        if asking is None:
            raise _unknown(request, self._access)
        self._check_pace(asking.name)
        if not asking.may(scope):
            await self._note(request, asking, "403")
            raise Refused(403, _not_allowed(asking, scope))
        request[ADMISSION] = Admission(lambda: self._who(request), scope, self._clock)
        with asked_by(asking):
            return await self._answered(request, handler, asking)

    async def _who(self, request: web.Request) -> Person | None:
        login = self._access.login
        if login is None:
            return LOCAL
        peer = request.remote or ""
        return await asyncio.to_thread(
            identify, self._access, login, peer, request.headers, dict(request.cookies)
        )

    async def _by_link(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Show the one view that a link is good for, as its owner sees it; it changes nothing."""
        found = await self._shared(request)
        if found is None:
            raise Refused(404, "This link has expired or was revoked, or it is not complete.")
        asking, share = found
        self._check_pace(f"link {share.id}")

        async def who() -> Person | None:
            again = await self._shared(request)
            return again[0] if again else None

        request[ADMISSION] = Admission(who, "read", self._clock)
        with asked_by(asking):
            return await handler(request)

    async def _shared(self, request: web.Request) -> tuple[Person, Share] | None:
        login, parts = self._access.login, parts_of(str(request.rel_url))
        if login is None or login.shares is None or parts is None or request.method not in ("GET", "HEAD"):
            return None
        secret, address = parts
        found = await asyncio.to_thread(login.shares.whose, secret)
        return found if found and is_same(found[1].address, address) else None

    def _check_pace(self, whose: str) -> None:
        if self._limit and (wait := self._limit.take(whose)):
            seconds = math.ceil(wait)
            raise Refused(429, f"Too many requests; try again in {seconds} s.", {"Retry-After": str(seconds)})

    async def _answered(self, request: web.Request, handler: Handler, asking: Person) -> web.StreamResponse:
        if request.method in ("GET", "HEAD"):
            return await handler(request)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            await self._note(request, asking, _outcome(error.status))
            raise
        except Exception as error:
            await self._note(request, asking, f"failed: {type(error).__name__}")
            raise
        await self._note(request, asking, _outcome(response.status))
        return response

    async def _note(self, request: web.Request, asking: Person, outcome: str) -> None:
        audit = self._access.audit
        if audit is None or request.method in ("GET", "HEAD"):
            return
        address = address_of(request, self._access)
        what, about = f"{request.method} {request.path[:300]}", request.get(ABOUT, {})
        await asyncio.to_thread(audit.note, asking.name, asking.by, address, what, about, outcome)


def address_of(request: web.Request, access: Access) -> str:
    """The address that a request came from."""
    return caller(request.remote or "", request.headers.get("X-Forwarded-For", ""), access.proxy)


def _unknown(request: web.Request, access: Access) -> Exception:
    """What an unknown caller gets: a program an error, a reader the log-in page."""
    if is_for_a_program(request.path) or request.method not in ("GET", "HEAD"):
        return Refused(
            401, "Log in, or give a valid token.", {"WWW-Authenticate": 'Bearer realm="wirewatch"'}
        )
    from_elsewhere = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    if from_elsewhere and cookie_name(access) not in request.cookies:
        # A browser that follows a link from another site keeps the cookie to itself (SameSite); from our own page it sends it.
        return Refused(200, "", again=str(request.rel_url))
    return web.HTTPSeeOther(with_next("/login", str(request.rel_url)))


def _not_allowed(asking: Person, scope: Scope) -> str:
    kind = "This token" if asking.by == "token" else "Your role"
    return f"{kind} does not allow this: it needs the scope {scope}, and has {asking.scope}."


def _outcome(status: int) -> str:
    return "done" if status < 400 else str(status)
