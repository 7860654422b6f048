"""Connections through a proxy: HTTP's CONNECT, or SOCKS5. The guard checks every address that the proxy gets."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio import Proxy as Handshake

from ingest.http.proxies import Proxy

TYPES = {"http": ProxyType.HTTP, "socks5": ProxyType.SOCKS5}
WANTS_LOGIN = 407
"""Proxy Authentication Required, RFC 9110, section 15.5.8."""
REFUSALS = frozenset({403, 405})

Judge = Callable[[str, int], None]
"""Raises BlockedAddress if a host and port must not be reached; a name can only be judged by its port."""


class ProxyTrouble(aiohttp.ClientError):
    """The proxy itself is at fault: it is down, or denies access. The message names the proxy, never its password."""


class Unreached(OSError):
    """The proxy could not connect, or refused to."""


class Names(AbstractResolver):
    """A resolver that leaves names as they are, for a proxy that looks them up."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - of the base class
    ) -> list[ResolveResult]:
        """The name itself."""
        return [
            ResolveResult(
                hostname=host,
                host=host,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Does nothing: it holds no resources."""


class TunnelConnector(aiohttp.TCPConnector):
    """aiohttp's pool of connections, each made through a proxy.

    Args:
        proxy: the proxy to connect through.
        judge: checks each host and port before connecting.
        bounds: those of aiohttp's TCPConnector.
    """

    def __init__(self, proxy: Proxy, judge: Judge, **bounds: Any) -> None:
        super().__init__(**bounds)
        self._proxy = proxy
        self._judge = judge

    async def _wrap_create_connection(
        self,
        *factory: Any,
        addr_infos: list[Any],
        req: aiohttp.ClientRequest,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - of the base class
        client_error: type[Exception] = aiohttp.ClientConnectorError,
        **tls: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Replaces TCPConnector's connecting to an address: goes through the proxy."""
        host, port = addr_infos[0][4][:2]
        try:
            self._judge(host, port)
            tunnel = await open_tunnel(self._proxy, host, port, timeout.sock_connect)
            return await self._loop.create_connection(*factory, **tls, sock=tunnel)
        except ssl.SSLCertVerificationError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise client_error(req.connection_key, error) from error


async def open_tunnel(proxy: Proxy, host: str, port: int, seconds: float | None) -> socket.socket:
    """A socket that leads through a proxy to a host.

    Raises ProxyTrouble if the proxy can't be used, Unreached if it could not connect, TimeoutError.
    """
    handshake = Handshake(
        TYPES[proxy.scheme], proxy.host, proxy.port, proxy.user or None, proxy.password or None, rdns=True
    )
    try:
        return await handshake.connect(host, port, timeout=seconds)
    except ProxyTimeoutError:
        raise TimeoutError(f"through the proxy {proxy.name}") from None
    except ProxyConnectionError as error:
        why = getattr(error.__cause__, "strerror", None) or error.strerror
        raise ProxyTrouble(f"the proxy {proxy.name} can't be reached: {why}") from None
    except ProxyError as error:
        raise refusal(proxy, port, error) from None


def refusal(proxy: Proxy, port: int, error: ProxyError) -> ProxyTrouble | Unreached:
    """The error for a proxy that did not connect."""
    said = str(error)
    if error.error_code == WANTS_LOGIN or "auth" in said.lower() or "username" in said.lower():
        return ProxyTrouble(f"the proxy {proxy.name} requires a valid user name and password: {said}")
    hint = ""
    if proxy.scheme == "http" and error.error_code in REFUSALS and port != 443 and not proxy.resolves:
        hint = f" (it may not allow CONNECT to port {port}: see [fetch] proxy_resolves)"
    return Unreached(f"the proxy {proxy.name} did not connect: {said}{hint}")
