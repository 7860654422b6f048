"""The demo world over HTTP: one server for all outlets, told apart by the Host header.

async with serve(port=8765, head_start=40, every=2.0) as world:
    ...  # GET http://127.0.0.1:{world.port}/ with `Host: harbour-courier.example`
"""

import errno
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import MappingProxyType

import msgspec
from aiohttp import web

from demo.edits import NO_EDITS, bundled_edits
from demo.feeds import render_opml
from demo.newsstand import Clock, Newsstand
from demo.timetable import Timetable
from demo.world import bundled


class Serving(msgspec.Struct, frozen=True):
    """A running demo world."""

    port: int
    hosts: Mapping[str, str]
    """The address to connect to for each outlet's host."""
    opml: str
    """The list of all feeds, OPML 2.0."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@asynccontextmanager
async def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    head_start: int | None = None,
    every: float = 1.0,
    clock: Clock = utc_now,
    edits: bool = False,
) -> AsyncIterator[Serving]:
    """Serve the bundled world until the block ends. Each start begins with `head_start` articles again.

    Args:
        host: the IPv4 address to listen on.
        port: the port to listen on; 0 picks a free one.
        head_start: how many articles are published from the start, in publishing order; None for all.
        every: seconds from one later article to the next, more than 0.
        clock: tells the time, in UTC.
        edits: whether outlets change some articles after they have published them.

    Raises:
        OSError: the port can't be listened on; the message names it.
        ValueError: `head_start` or `every` make no sense.
    """
    world, timetable = bundled(), Timetable(clock(), head_start, every)
    listener = _listen(host, port)
    taken = int(listener.getsockname()[1])
    changed = bundled_edits(world) if edits else NO_EDITS
    runner = _runner(Newsstand(world, timetable, clock, taken, changed))
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        hosts = MappingProxyType({outlet.host: host for outlet in world.outlets})
        yield Serving(taken, hosts, render_opml(world, taken))
    finally:
        await runner.cleanup()
        listener.close()


def _runner(newsstand: Newsstand) -> web.AppRunner:
    application = web.Application()
    application.router.add_get("/{path:.*}", newsstand.answer)
    return web.AppRunner(application, access_log=None, shutdown_timeout=1.0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        message = f"port {port} on {host} is already in use: stop what listens there, or choose another port"
        raise OSError(errno.EADDRINUSE, message) from error
