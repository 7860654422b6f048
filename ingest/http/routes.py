"""The route of a request: direct or through a proxy; either way over connections that the guard has checked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingest.http.connect import HostTable, guarded_sockets, judge
from ingest.http.guard import Network, check_port, is_within
from ingest.http.proxies import Proxies, Proxy
from ingest.http.tunnel import Names, TunnelConnector

OpenSession = Callable[[aiohttp.TCPConnector], aiohttp.ClientSession]


class Route(NamedTuple):
    """A session, and the options that it gets with each request."""

    session: aiohttp.ClientSession
    options: Mapping[str, Any]


DIRECT: Final[Mapping[str, Any]] = {}


class Routes:
    """The sessions of a client, opened when they are first needed, and closed together.

    Args:
        proxies: which requests go through which proxy.
        hosts: the host table.
        resolver: for all other names.
        allowed: networks that may be reached although they are not public; hosts known to be in them are reached directly.
        ports: ports that may be connected to besides the usual ones of web servers.
        open_session: makes a session of a pool of connections.
        bounds: limits on each pool, as for aiohttp's TCPConnector.
    """

    def __init__(
        self,
        *,
        proxies: Proxies,
        hosts: Mapping[str, str],
        resolver: AbstractResolver,
        allowed: Sequence[Network],
        ports: Collection[int],
        open_session: OpenSession,
        bounds: Mapping[str, Any],
    ) -> None:
        self._proxies = proxies
        self._hosts = hosts
        self._resolver = resolver
        self._allowed = allowed
        self._ports = ports
        self._open_session = open_session
        self._bounds = bounds
        self._sessions: dict[object, aiohttp.ClientSession] = {}

    def to(self, url: URL) -> Route:
        """The route to a URL. Raises BlockedAddress if a proxy would resolve the name and the port is not for web pages."""
        host, port = url.raw_host or "", url.port or 0
        proxy = None if self._is_ours(host) else self._proxies.to(url.scheme, host, port)
        if proxy is None:
            return Route(self._session(None, self._direct), DIRECT)
        if proxy.resolves and proxy.scheme == "http" and url.scheme == "http" and not self._address(host):
            check_port(host, port, self._ports)
            return Route(self._session((proxy, "forward"), self._forwarding), forward_options(proxy))
        return Route(self._session(proxy, lambda: self._tunnels(proxy)), DIRECT)

    async def close(self) -> None:
        """Close all sessions, and the resolver."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        await self._resolver.close()

    def _address(self, host: str) -> str:
        """The address of a host if it is known without a lookup; else ''."""
        known = self._hosts.get(host.rstrip("."), host)
        try:
            return str(ip_address(known))
        except ValueError:
            return ""

    def _is_ours(self, host: str) -> bool:
        address = self._address(host)
        return bool(address) and is_within(ip_address(address), self._allowed)

    def _session(self, key: object, connector: Callable[[], aiohttp.TCPConnector]) -> aiohttp.ClientSession:
        if key not in self._sessions:
            self._sessions[key] = self._open_session(connector())
        return self._sessions[key]

    def _direct(self) -> aiohttp.TCPConnector:
        sockets = guarded_sockets(self._allowed, self._ports)
        return aiohttp.TCPConnector(
            resolver=self._table(self._resolver), socket_factory=sockets, **self._bounds
        )

    def _tunnels(self, proxy: Proxy) -> aiohttp.TCPConnector:
        names = Names() if proxy.resolves else self._resolver
        return TunnelConnector(proxy, self._judge, resolver=self._table(names), **self._bounds)

    def _forwarding(self) -> aiohttp.TCPConnector:
        """Connects to nothing but the proxy, which the configuration names."""
        return aiohttp.TCPConnector(**self._bounds)

    def _table(self, resolver: AbstractResolver) -> HostTable:
        return HostTable(self._hosts, resolver, self._allowed, self._ports)

    def _judge(self, host: str, port: int) -> None:
        judge(host, port, self._allowed, self._ports)


def forward_options(proxy: Proxy) -> Mapping[str, Any]:
    """The options that make aiohttp send a request through a forwarding proxy."""
    if not proxy.user:
        return {"proxy": proxy.name}
    # aiohttp makes Proxy-Authorization of it, and sends it to the proxy only.
    return {
        "proxy": proxy.name,
        "proxy_headers": {"Authorization": aiohttp.encode_basic_auth(proxy.user, proxy.password)},
    }
