"""The HTTP client of wirewatch, built on aiohttp, with limits on everything that an untrusted server could make endless.

Errors are classified by whether a retry could help. Reject: `bad-url`, `blocked-address`, `too-large`,
`too-many-redirects`. RetryLater: `timeout`, `dns`, `connect`, `proxy`, `tls`, `broken-response`. A status is never an error.

URLs are read as browsers read them (WHATWG URL standard). Credentials in a URL are sent, but never shown: neither in an error
nor in a Response. Cookies are kept for one chain of redirects.
"""

import asyncio
import math
import time
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.http.accept import PAGES
from ingest.http.bodies import ENCODINGS, read_body
from ingest.http.cookies import Cookies
from ingest.http.failures import failure
from ingest.http.guard import BlockedAddress, Network
from ingest.http.interim import Answer
from ingest.http.proxies import NO_PROXIES, Proxies
from ingest.http.redirects import PERMANENT, REDIRECTS, SAME_METHOD, Hop, absolute, next_hop
from ingest.http.response import Response, charset, header_map, media_type
from ingest.http.routes import Routes
from ingest.http.tunnel import WANTS_LOGIN, ProxyTrouble
from ingest.urls import shown, without_credentials

MAX_POST_ANSWER = 100_000
"""Maximum bytes of the response to a form."""
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
NO_HOSTS: Final[Mapping[str, str]] = MappingProxyType({})


class ClientLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits on what a server may cost."""

    max_bytes: int = 10_000_000
    """The longest body, after decoding."""
    total_timeout: float = 30.0
    """Seconds for everything: waiting for a free connection, DNS, connecting, all redirects, the last byte."""
    connect_timeout: float = 10.0
    """Seconds for connecting to one address, TLS included."""
    max_redirects: int = 5
    max_header_bytes: int = 32_768
    """The longest status line or single header; there may be 128 headers."""
    connections: int = 100
    connections_per_host: int = 4
    dns_seconds: int = 30
    """How long DNS answers are cached."""


DEFAULT_LIMITS: Final = ClientLimits()


class Client:
    """An HTTP client, to be used as an async context manager.

    Args:
        user_agent: who we are, sent with every request.
        languages: the wanted languages, as in the header Accept-Language; `*`: whatever the site prefers.
        limits: limits on what a server may cost.
        allowed: non-public networks that may be contacted.
        ports: ports that may be contacted in addition to the usual ones of web servers.
        hosts: addresses by host name (lower case), used before DNS, as in /etc/hosts. They are guarded like all others.
        resolver: resolves all other names, and is closed with the client; None: DNS.
        proxies: which requests go through which proxy.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        languages: str = "*",
        limits: ClientLimits = DEFAULT_LIMITS,
        allowed: Sequence[Network] = (),
        ports: Collection[int] = (),
        hosts: Mapping[str, str] = NO_HOSTS,
        resolver: AbstractResolver | None = None,
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        self._user_agent = user_agent
        self._languages = languages
        self._limits = limits
        self._allowed = tuple(allowed)
        self._ports = frozenset(ports)
        self._hosts = hosts
        self._resolver = resolver
        self._proxies = proxies
        self._routes: Routes | None = None

    async def __aenter__(self) -> Self:
        self._routes = Routes(
            proxies=self._proxies,
            hosts=self._hosts,
            resolver=self._resolver or aiohttp.DefaultResolver(),
            allowed=self._allowed,
            ports=self._ports,
            open_session=self._open_session,
            bounds={
                "limit": self._limits.connections,
                "limit_per_host": self._limits.connections_per_host,
                "ttl_dns_cache": self._limits.dns_seconds,
            },
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._routes is not None:
            await self._routes.close()
            self._routes = None

    def _open_session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            response_class=Answer,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": self._user_agent,
                "Accept": PAGES,
                "Accept-Language": self._languages,
                "Accept-Encoding": ", ".join(ENCODINGS),
            },
            timeout=self._timeout(self._limits.total_timeout),
            max_line_size=self._limits.max_header_bytes,
            max_field_size=self._limits.max_header_bytes,
        )

    async def get(
        self, url: str, *, headers: Mapping[str, str] = NO_HEADERS, max_bytes: int | None = None
    ) -> Response:
        """The response to a GET, after redirects.

        Args:
            url: absolute, http or https; a fragment is ignored.
            headers: sent to every host that redirects lead to, so nothing secret.
            max_bytes: the limit for this body, instead of the general one.

        Raises Reject or RetryLater, with the URL in the reason; kinds as in the module's docstring.
        """
        limit = self._limits.max_bytes if max_bytes is None else max_bytes
        routes, start = self._opened(), absolute(url)
        try:
            return await self._follow(routes, start, headers, limit)
        except (aiohttp.ClientError, TimeoutError, BlockedAddress) as error:
            raise failure(
                error, shown(start), self._limits.connect_timeout, self._limits.total_timeout
            ) from error

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """The response to a form, after redirects that keep the method (307, 308).

        Raises as `get` does.
        """
        routes, start = self._opened(), absolute(url)
        try:
            async with asyncio.timeout(self._limits.total_timeout):
                return await self._send(routes, start, form)
        except (aiohttp.ClientError, TimeoutError, BlockedAddress) as error:
            raise failure(
                error, shown(start), self._limits.connect_timeout, self._limits.total_timeout
            ) from error

    def _opened(self) -> Routes:
        if self._routes is None:
            raise RuntimeError("the client is not open: use it in `async with`")
        return self._routes

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        """The time limit for one request. aiohttp sets a timer for it anyway, so a second one would be wasteful."""
        return aiohttp.ClientTimeout(
            total=seconds, sock_connect=self._limits.connect_timeout, ceil_threshold=math.inf
        )

    async def _send(self, routes: Routes, start: str, form: Mapping[str, str]) -> Response:
        hops, cookies = [Hop(start)], Cookies()
        while True:
            target = URL(hops[-1].url, encoded=True)
            session, options = routes.to(target)
            told = cookie_header(hops[-1])
            async with session.post(
                target, data=form, headers=told, allow_redirects=False, **options
            ) as answer:
                check_login(answer, options)
                location = answer.headers.get("Location") if answer.status in SAME_METHOD else None
                if location is None:
                    body = await read_body(answer, hops[-1].url, MAX_POST_ANSWER)
                    return response(hops, answer, body, permanent=False)
                cookies.take(answer)
            hops.append(next_hop(hops, location, cookies, self._limits.max_redirects))

    async def _follow(
        self, routes: Routes, start: str, headers: Mapping[str, str], max_bytes: int
    ) -> Response:
        """Send requests until one is not redirected, all within the time limit."""
        hops, cookies = [Hop(start)], Cookies()
        permanent = True
        deadline = time.monotonic() + self._limits.total_timeout
        timeout = self._timeout(self._limits.total_timeout)
        while True:
            target = URL(hops[-1].url, encoded=True)
            session, options = routes.to(target)
            told = {**headers, **cookie_header(hops[-1])}
            async with session.get(
                target, headers=told, allow_redirects=False, timeout=timeout, **options
            ) as answer:
                check_login(answer, options)
                location = answer.headers.get("Location") if answer.status in REDIRECTS else None
                if location is None:
                    body = await read_body(answer, hops[-1].url, max_bytes)
                    return response(hops, answer, body, permanent=permanent)
                cookies.take(answer)
                permanent = permanent and answer.status in PERMANENT
            hops.append(next_hop(hops, location, cookies, self._limits.max_redirects))
            timeout = self._timeout(_left_until(deadline))


def _left_until(deadline: float) -> float:
    """The seconds left; raises TimeoutError at zero, which aiohttp would treat as no limit."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def check_login(answer: aiohttp.ClientResponse, options: Mapping[str, Any]) -> None:
    """Raise ProxyTrouble if the response is from a forwarding proxy that requires a login."""
    if answer.status == WANTS_LOGIN and options:
        raise ProxyTrouble(f"the proxy {options['proxy']} requires a valid user name and password")


def cookie_header(hop: Hop) -> dict[str, str]:
    """The header Cookie of a request, if it has one."""
    return {"Cookie": hop.cookies} if hop.cookies else {}


def response(
    hops: Sequence[Hop], answer: aiohttp.ClientResponse, body: bytes, *, permanent: bool
) -> Response:
    """The last response, as wirewatch represents it. `permanent`: none of the redirects was temporary."""
    headers = header_map(answer.headers)
    declared = headers.get("content-type", "")
    return Response(
        url=without_credentials(hops[-1].url),
        status=answer.status,
        headers=headers,
        content_type=media_type(declared),
        charset=charset(declared),
        body=body,
        permanent=permanent and len(hops) > 1 and hops[0].url == without_credentials(hops[0].url),
    )
