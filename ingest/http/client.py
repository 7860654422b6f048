"""The one HTTP client of wirewatch, over aiohttp, with everything bounded that a stranger's server could make endless.

What fails is told apart by whether another try could help. Reject: `bad-url`, `blocked-address`, `too-large`,
`too-many-redirects`. RetryLater: `timeout`, `dns`, `connect`, `tls`, `broken-response`. A status code is never an error here.

URLs are read as browsers read them (WHATWG URL standard). Credentials in a URL are sent, but never shown: neither in an error
nor in a Response. Cookies are kept for one chain of redirects, and proxies named by the environment are not used.
"""

import asyncio
import math
import time
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Final, Self

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.http.accept import PAGES
from ingest.http.bodies import ENCODINGS, read_body
from ingest.http.connect import HostTable, guarded_connector
from ingest.http.cookies import Cookies
from ingest.http.guard import BlockedAddress, Network
from ingest.http.interim import Answer
from ingest.http.redirects import PERMANENT, REDIRECTS, SAME_METHOD, Hop, absolute, next_hop
from ingest.http.response import Response, charset, header_map, media_type
from ingest.urls import SHOWN_LENGTH, shown, without_credentials
from stream.errors import Reject, RetryLater

MAX_POST_ANSWER = 100_000
"""Bytes of an answer to a form."""
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
NO_HOSTS: Final[Mapping[str, str]] = MappingProxyType({})


class ClientLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a server may cost."""

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
    """How long an answer of the DNS is remembered."""


DEFAULT_LIMITS: Final = ClientLimits()


class Client:
    """An HTTP client, to be used as an async context manager.

    Args:
        user_agent: who we are, sent with every request.
        languages: those that are wanted, as in the header Accept-Language; `*` is whichever the site prefers.
        limits: how much a server may cost.
        allowed: networks that may be reached although they are not public.
        ports: those that may be connected to besides the usual ones of web servers.
        hosts: addresses of host names (lower case), asked before the DNS, as in /etc/hosts. They are guarded like all others.
        resolver: asked for all other names, and closed with the client; None is the DNS.
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
    ) -> None:
        self._user_agent = user_agent
        self._languages = languages
        self._limits = limits
        self._allowed = tuple(allowed)
        self._ports = frozenset(ports)
        self._hosts = hosts
        self._resolver = resolver
        self._table: HostTable | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = self._resolver or aiohttp.DefaultResolver()
        self._table = HostTable(self._hosts, resolver, self._allowed, self._ports)
        connector = guarded_connector(
            self._allowed,
            self._table,
            ports=self._ports,
            limit=self._limits.connections,
            limit_per_host=self._limits.connections_per_host,
            ttl_dns_cache=self._limits.dns_seconds,
        )
        self._session = aiohttp.ClientSession(
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
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._table is not None:
            await self._table.close()
            self._table = None

    async def get(
        self, url: str, *, headers: Mapping[str, str] = NO_HEADERS, max_bytes: int | None = None
    ) -> Response:
        """What the server answers to a GET, after redirects.

        Args:
            url: absolute, http or https; a fragment is ignored.
            headers: sent to every host that redirects lead to, so nothing secret.
            max_bytes: for this body, instead of the limit of all.

        Raises Reject or RetryLater, with the URL in the reason; kinds as in the module's docstring.
        """
        limit = self._limits.max_bytes if max_bytes is None else max_bytes
        session, start = self._opened(), absolute(url)
        try:
            return await self._follow(session, start, headers, limit)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise failure(error, shown(start), self._limits) from error

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """What the server answers to a form, after redirects that keep the method (307, 308).

        Raises as `get` does.
        """
        session, start = self._opened(), absolute(url)
        try:
            async with asyncio.timeout(self._limits.total_timeout):
                return await self._send(session, start, form)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise failure(error, shown(start), self._limits) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is not open: use it in `async with`")
        return self._session

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        """The time for one request. aiohttp sets a timer for it anyway, so one of our own would only cost."""
        return aiohttp.ClientTimeout(
            total=seconds, sock_connect=self._limits.connect_timeout, ceil_threshold=math.inf
        )

    async def _send(self, session: aiohttp.ClientSession, start: str, form: Mapping[str, str]) -> Response:
        hops, cookies = [Hop(start)], Cookies()
        while True:
            target = URL(hops[-1].url, encoded=True)
            told = cookie_header(hops[-1])
            async with session.post(target, data=form, headers=told, allow_redirects=False) as answer:
                location = answer.headers.get("Location") if answer.status in SAME_METHOD else None
                if location is None:
                    body = await read_body(answer, hops[-1].url, MAX_POST_ANSWER)
                    return response(hops, answer, body, permanent=False)
                cookies.take(answer)
            hops.append(next_hop(hops, location, cookies, self._limits.max_redirects))

    async def _follow(
        self, session: aiohttp.ClientSession, start: str, headers: Mapping[str, str], max_bytes: int
    ) -> Response:
        """One request after the other, until one is not redirected, all within the time that there is."""
        hops, cookies = [Hop(start)], Cookies()
        permanent = True
        deadline = time.monotonic() + self._limits.total_timeout
        timeout = session.timeout
        while True:
            target = URL(hops[-1].url, encoded=True)
            told = {**headers, **cookie_header(hops[-1])}
            async with session.get(target, headers=told, allow_redirects=False, timeout=timeout) as answer:
                location = answer.headers.get("Location") if answer.status in REDIRECTS else None
                if location is None:
                    body = await read_body(answer, hops[-1].url, max_bytes)
                    return response(hops, answer, body, permanent=permanent)
                cookies.take(answer)
                permanent = permanent and answer.status in PERMANENT
            hops.append(next_hop(hops, location, cookies, self._limits.max_redirects))
            timeout = self._timeout(_left_until(deadline))


def _left_until(deadline: float) -> float:
    """Seconds; raises TimeoutError if there are none, which aiohttp would take for time without end."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def cookie_header(hop: Hop) -> dict[str, str]:
    """The header Cookie of a request, if it has one."""
    return {"Cookie": hop.cookies} if hop.cookies else {}


def response(
    hops: Sequence[Hop], answer: aiohttp.ClientResponse, body: bytes, *, permanent: bool
) -> Response:
    """The last answer, as wirewatch knows it. `permanent`: none of the redirects was temporary."""
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


def failure(error: Exception, url: str, limits: ClientLimits) -> Reject | RetryLater:
    """What an error of aiohttp means to wirewatch. `url` is fit to be shown."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return RetryLater("timeout", f"{url}: no connection within {limits.connect_timeout:g} s")
        case TimeoutError():
            return RetryLater("timeout", f"{url} was not answered in full within {limits.total_timeout:g} s")
        case aiohttp.InvalidURL():
            return Reject("bad-url", f"{url} leads to a URL that can't be used: {detail(error)}")
        case aiohttp.ClientConnectorDNSError():
            return RetryLater("dns", f"{url}: the host was not found: {detail(error.os_error)}")
        case aiohttp.ClientSSLError():
            return RetryLater("tls", f"{url}: no secure connection: {detail(error)}")
        case aiohttp.ClientConnectorError(os_error=BlockedAddress(target=target)):
            return Reject("blocked-address", f"{url} leads to {target}")
        case aiohttp.ClientConnectorError():
            return RetryLater("connect", f"{url}: no connection: {detail(error.os_error)}")
        case _:
            return RetryLater("broken-response", f"{url} answered what is not proper HTTP: {detail(error)}")


def detail(error: BaseException) -> str:
    """The message of a library's error, on one line of bounded length."""
    message = (
        getattr(error, "message", None)
        or getattr(error, "strerror", None)
        or str(error)
        or type(error).__name__
    )
    return " ".join(str(message).split())[:SHOWN_LENGTH]
