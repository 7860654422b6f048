"""An HTTP server that may face the internet, built on aiohttp's, with limits on the resources that a client can hold.

The number of connections is limited, in total and per public address. A client has ten seconds to send the head of a request,
and another ten for an unwanted body. When all places are taken, the client that has kept us waiting longest is disconnected, so
that slow clients don't shut others out. Logging is limited too: each kind of problem is logged the first time, the tenth, the
hundredth, and so on.
"""

import asyncio
import errno
import logging
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network
from typing import cast

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from ingest.http.guard import is_public
from stream.errors import ConfigError

log_line = structlog.get_logger("ingest.http.server")


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Limits on what clients of a server may hold."""

    connections: int = 512
    """Open connections. They outnumber the calls answered at a time, so there is always one to disconnect."""
    from_one_address: int = 32
    """Open connections from one public address (with IPv6, from one /64, which belongs to one customer). Private addresses are
    not limited: a proxy in front of us has one address for all callers."""
    wait_seconds: float = 10.0
    """Seconds for the head of a request, from the connection or the last response, and for the unread part of a body."""
    line_bytes: int = 8_190
    """The longest request line."""


class Calls:
    """The connected clients, and their problems.

    Args:
        what: the server's name in log lines.
        bounds: limits on what clients may hold.

    Attributes:
        open: how many connections are open.
        troubles: how often each kind of problem occurred.
    """

    def __init__(self, what: str, bounds: Bounds) -> None:
        self.troubles: Counter[str] = Counter()
        self._what = what
        self._bounds = bounds
        self.open = 0
        self._by_address: Counter[str] = Counter()
        # Whether we have answered a request from it before; the client that we have waited for longest comes first.
        self._waited_for: dict[asyncio.Transport, bool] = {}

    def come(self, transport: asyncio.Transport, address: str) -> bool:
        """Register a client with the key of `counted_as`; returns whether it may stay. If so, call `go` later."""
        if address and self._by_address[address] >= self._bounds.from_one_address:
            self.trouble("too many connections from one address")
            return False
        if self.open >= self._bounds.connections and not self._make_room():
            return False
        self.open += 1
        self._by_address[address] += 1
        self._waited_for[transport] = False
        return True

    def go(self, transport: asyncio.Transport, address: str) -> None:
        """Unregister a client that was allowed to stay."""
        self.open -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        if not self._waited_for.pop(transport, True):
            self.trouble("left or was disconnected without a proper request")

    def _make_room(self) -> bool:
        """Disconnect the client that we have waited for longest; returns False if all are being answered."""
        self.trouble("too many connections")
        if not self._waited_for:
            return False
        longest = next(iter(self._waited_for))
        del self._waited_for[longest]
        longest.abort()
        return True

    def trouble(self, kind: str) -> None:
        """Count a problem, and log it at growing intervals."""
        self.troubles[kind] += 1
        times = self.troubles[kind]
        if times == 10 ** (len(str(times)) - 1):
            log_line.warning("problems with callers", server=self._what, trouble=kind, times=times)

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request; failures that are the client's fault are not logged as errors."""
        transport = request.transport
        if transport is not None:
            self._waited_for.pop(transport, None)
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except (ConnectionError, web.RequestPayloadError):
            self.trouble("hung up or sent a malformed body")
            return web.Response(status=400)
        except Exception:
            log_line.exception("a call could not be answered", server=self._what, path=request.path[:200])
            return web.Response(status=500)
        finally:
            if transport is not None and not transport.is_closing():
                self._waited_for[transport] = True


def counted_as(address: str) -> str:
    """The key to count an address's connections under; '' for addresses that are not public, which are not counted."""
    try:
        known = ip_address(address)
    except ValueError:  # a socket without an address
        return ""
    if not is_public(known):
        return ""
    return address if known.version == 4 else str(ip_network((known, 64), strict=False))


class _Connection(asyncio.Protocol):
    """A caller's connection: aiohttp's protocol, closed at once if there is no place for it."""

    def __init__(self, calls: Calls, server: web.Server) -> None:
        self._calls = calls
        self._server = server
        self._http: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tcp = cast(asyncio.Transport, transport)  # uvloop's is not a subclass of it
        self._transport = tcp
        self._address = counted_as(str((transport.get_extra_info("peername") or ("",))[0]))
        if not self._calls.come(tcp, self._address):
            tcp.abort()
            return
        self._http = self._server()
        self._http.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._http is not None:
            self._http.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._http is None else self._http.eof_received()

    def pause_writing(self) -> None:
        if self._http is not None:
            self._http.pause_writing()

    def resume_writing(self) -> None:
        if self._http is not None:
            self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._http is None or self._transport is None:
            return
        self._calls.go(self._transport, self._address)
        self._http.connection_lost(exc)
        self._http = None


@asynccontextmanager
async def serve(
    what: str,
    application: web.Application,
    host: str,
    port: int,
    bounds: Bounds,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[int, Calls]]:
    """Answer callers while the block runs.

    Args:
        what: the server's section of the configuration, which also names it in log lines.
        application: the application to serve; not yet frozen.
        host: the address to listen at.
        port: 0: any free one.
        bounds: limits on what callers may hold.
        tls: holds the certificate to show; None: callers are answered unencrypted.

    Yields the port and the connected clients. Raises ConfigError, which names the key, if it can't listen there.
    """
    calls = Calls(what, bounds)
    application.middlewares.insert(
        0, calls.answer
    )  # the outermost, so that a server's own may report a fault first
    runner = web.AppRunner(
        application,
        access_log=None,
        logger=_silent(),
        keepalive_timeout=bounds.wait_seconds,
        lingering_time=bounds.wait_seconds,
        shutdown_timeout=5.0,
        max_line_size=bounds.line_bytes,
    )
    await runner.setup()
    try:
        http = cast(web.Server, runner.server)  # set by `setup`
        loop = asyncio.get_running_loop()
        try:
            listening = await loop.create_server(lambda: _Connection(calls, http), host, port, ssl=tls)
        except OSError as error:
            raise deaf(what, host, port, error) from error
        try:
            yield listening.sockets[0].getsockname()[1], calls
        finally:
            listening.close()
    finally:
        await runner.cleanup()


def deaf(section: str, host: str, port: int, error: OSError) -> ConfigError:
    """Why a server can't listen, naming the key to change."""
    if error.errno == errno.EADDRINUSE:
        return ConfigError(f"{section}.port: {port} is in use by another process")
    if error.errno == errno.EACCES:
        return ConfigError(f"{section}.port: can't listen on {port}: {error.strerror}")
    why = error.strerror or str(error)
    return ConfigError(f"{section}.host: {host!r} is not an address of this machine: {why}")


def _silent() -> logging.Logger:
    """A logger for aiohttp, which would log a traceback for each malformed request. `Calls.answer` logs our own errors."""
    logger = logging.Logger("ingest.http.server")  # noqa: LOG001 - nobody else uses it
    logger.disabled = True
    return logger
