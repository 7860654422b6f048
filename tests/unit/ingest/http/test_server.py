"""A server that strangers reach, against callers that are slow, many, or gone."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import pytest
import structlog
import uvloop
from aiohttp import web

from ingest.http.server import Bounds, Calls, counted_as, serve
from stream.errors import ConfigError

FEW = Bounds(connections=100, wait_seconds=0.3)
PATIENT = Bounds(connections=100, wait_seconds=600)
START = b"GET / HTTP/1.1\r\nHost: a\r\n"
WHOLE = START + b"\r\n"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def application() -> web.Application:
    async def read(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="read")

    async def fail(_: web.Request) -> web.Response:
        raise ZeroDivisionError

    app = web.Application(client_max_size=1_000_000)
    app.add_routes(
        [web.get("/", read), web.post("/", read), web.get("/bug", fail), web.post("/unread", refuse)]
    )
    return app


async def refuse(_: web.Request) -> web.Response:
    return web.Response(status=410)


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[tuple[int, Calls]]:
    async with serve("test", application(), "127.0.0.1", 0, bounds) as (port, calls):
        yield port, calls


@asynccontextmanager
async def callers(port: int, count: int, start: bytes) -> AsyncIterator[list[Connection]]:
    """Open this many connections that have sent the beginning of a request."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        for _, writer in opened:
            writer.write(start)
        yield opened
    finally:
        for _, writer in opened:
            writer.transport.abort()
        await asyncio.sleep(0)


async def cut_off(reader: asyncio.StreamReader) -> bytes:
    """The data received before the server hung up."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_six_hundred_slow_callers_never_hold_more_than_there_are_places() -> None:
    async with serving(FEW) as (port, calls), callers(port, 600, START) as slow:
        assert calls.open <= FEW.connections + 1
        await asyncio.gather(*(cut_off(reader) for reader, _ in slow))
        while calls.open:  # noqa: ASYNC110 - the server's side is closed a moment later
            await asyncio.sleep(0)
    assert sum(calls.troubles.values()) == 600


async def test_a_client_that_sends_a_header_byte_by_byte_is_disconnected() -> None:
    async with serving(FEW) as (port, _), callers(port, 1, START) as [(reader, writer)]:
        gone = asyncio.ensure_future(cut_off(reader))
        while not gone.done():
            writer.write(b"x")
            await asyncio.sleep(0.01)
        assert await gone == b""


async def test_an_honest_caller_is_answered_while_slow_ones_hold_all_places() -> None:
    async with serving(PATIENT) as (port, calls), callers(port, 150, START):
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            assert (answer.status, await answer.text()) == (200, "read")
        assert calls.open <= PATIENT.connections + 1
        assert calls.troubles["too many connections"] == 51


async def test_a_client_that_is_being_answered_is_not_disconnected() -> None:
    bounds = Bounds(connections=1, wait_seconds=600)
    start = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n12"
    async with serving(bounds) as (port, calls), callers(port, 1, start) as [(reader, writer)]:
        while calls._waited_for or not calls.open:  # noqa: ASYNC110 - until its head has arrived
            await asyncio.sleep(0)
        async with callers(port, 1, WHOLE) as [(refused, _)]:
            assert await cut_off(refused) == b""
        writer.write(b"34")
        assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
    assert calls.troubles["too many connections"] == 1


async def test_an_idle_connection_is_closed() -> None:
    async with serving(FEW) as (port, calls), callers(port, 1, WHOLE) as [(reader, _)]:
        assert (await cut_off(reader)).endswith(b"read")
    assert not calls.troubles


async def test_a_body_that_nobody_reads_is_not_waited_for_long() -> None:
    start = b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx"
    async with serving(FEW) as (port, _), callers(port, 1, start) as [(reader, _)]:
        assert (await cut_off(reader)).startswith(b"HTTP/1.1 410 Gone\r\n")


@pytest.mark.parametrize(
    "start",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf of",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"",
    ],
)
async def test_callers_that_hang_up_or_talk_nonsense_are_counted_and_logged_once(
    start: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as told, caplog.at_level(logging.DEBUG):
        async with serving(PATIENT) as (port, calls):
            for times in range(1, 10):
                async with callers(port, 1, start) as [(_, writer)]:
                    await writer.drain()
                    while not (calls.open or calls.troubles.total() >= times):  # noqa: ASYNC110
                        await asyncio.sleep(0)
                while calls.troubles.total() < times:  # noqa: ASYNC110
                    await asyncio.sleep(0)
    assert calls.troubles.total() == 9
    assert [(one["log_level"], one["times"]) for one in told] == [("warning", 1)] * len(calls.troubles)
    assert [one.message for one in caplog.records if one.name.startswith("aiohttp")] == []
    assert capfd.readouterr() == ("", "")


async def test_an_error_of_ours_is_logged_with_its_traceback() -> None:
    with structlog.testing.capture_logs() as told:
        async with serving(PATIENT) as (port, calls), aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/bug") as answer:
                assert answer.status == 500
            async with session.get(f"http://127.0.0.1:{port}/nowhere") as answer:
                assert answer.status == 404
    assert [(one["event"], one["exc_info"]) for one in told] == [("a call could not be answered", True)]
    assert not calls.troubles


def test_connections_per_public_address_are_limited() -> None:
    calls = Calls("test", Bounds(from_one_address=2))
    transports = [cast(Any, object()) for _ in range(5)]
    come = [calls.come(one, "93.184.216.34") for one in transports[:3]]
    assert come == [True, True, False]
    assert calls.come(transports[3], "93.184.216.35")
    calls.go(transports[0], "93.184.216.34")
    assert calls.come(transports[4], "93.184.216.34")
    assert calls.troubles["too many connections from one address"] == 1


def test_callers_are_counted_by_the_network_that_one_can_have() -> None:
    assert counted_as("93.184.216.34") == "93.184.216.34"
    assert counted_as("2606:2800:220:1::1") == counted_as("2606:2800:220:1:ffff::") == "2606:2800:220:1::/64"


def test_the_addresses_of_proxies_are_not_counted() -> None:
    private = ("127.0.0.1", "10.0.0.7", "172.18.0.2", "::1", "fd00::1", "::ffff:10.0.0.7", "")
    assert {counted_as(one) for one in private} == {""}
    calls = Calls("test", Bounds(from_one_address=1))
    assert all(calls.come(cast(Any, object()), "") for _ in range(5))


def test_problems_are_logged_at_powers_of_ten() -> None:
    calls = Calls("test", Bounds())
    with structlog.testing.capture_logs() as told:
        for _ in range(1234):
            calls.trouble("x")
    assert [one["times"] for one in told] == [1, 10, 100, 1000]


def test_it_serves_on_the_loop_that_wirewatch_runs_on() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test_six_hundred_slow_callers_never_hold_more_than_there_are_places())
        runner.run(test_an_honest_caller_is_answered_while_slow_ones_hold_all_places())


async def test_a_port_that_is_taken_is_named_by_its_key() -> None:
    async with serving(PATIENT) as (port, _):
        with pytest.raises(ConfigError, match=rf"^test\.port: {port} is in use by another process$"):
            async with serve("test", application(), "127.0.0.1", port, PATIENT):
                pass
    with pytest.raises(ConfigError, match=r"^test\.host: '192\.0\.2\.1' is not an address of this machine"):
        async with serve("test", application(), "192.0.2.1", 0, PATIENT):
            pass
