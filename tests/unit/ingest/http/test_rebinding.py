"""DNS rebinding: a name that first resolves to a public address, and later to one of our own network.

The whole way is real: the client, aiohttp's resolver and its cache, a DNS server, sockets. On loopback 127.0.0.2 stands for the
public address (it is allowed by name); the servers at 127.0.0.1 and ::1 stand for our own network, and must never be reached.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from servers.dns import dns
from servers.hostile import Hostile, answer, redirect, serve
from yarl import URL

from ingest.http.client import Client, ClientLimits
from stream.errors import Reject

PUBLIC = "127.0.0.2"
NAME = "rebind.example"
KEPT_ALIVE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npublic"

PRIVATE = {
    "IPv4": ["127.0.0.1"],
    "the unspecified address": ["0.0.0.0"],
    "IPv6": ["::1"],
    "IPv4-mapped": ["::ffff:127.0.0.1"],
    "IPv4-mapped, of the public one": ["::ffff:127.0.0.2"],
    "NAT64": ["64:ff9b::127.0.0.1"],
    "both families": ["127.0.0.1", "::1"],
    "many": ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"],
}


@dataclass
class Inside:
    """Our own network: it listens at the same port as the public server, and counts connections."""

    port: int
    reached: int = 0

    def arrive(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        writer.close()


@asynccontextmanager
async def inside(port: int) -> AsyncIterator[Inside]:
    here = Inside(port)
    async with (
        await asyncio.start_server(here.arrive, "127.0.0.1", port),
        await asyncio.start_server(here.arrive, "::1", port),
    ):
        yield here


@asynccontextmanager
async def world(answers: dict[str, bytes]) -> AsyncIterator[tuple[Hostile, Inside]]:
    """The public server, and our own network at the same port."""
    async with AsyncExitStack() as held:
        yield await at_one_port(answers, held)


async def at_one_port(
    answers: dict[str, bytes], held: AsyncExitStack, tries: int = 20
) -> tuple[Hostile, Inside]:
    """A port that is free in the one may be another process's in the other: then another port is tried."""
    server = await held.enter_async_context(serve(dict(answers), host=PUBLIC))
    try:
        return server, await held.enter_async_context(inside(server.port))
    except OSError:
        if not tries:
            raise
        return await at_one_port(answers, held, tries - 1)


def client(dns_seconds: int = 0) -> Client:
    limits = ClientLimits(dns_seconds=dns_seconds, total_timeout=20.0)
    return Client(user_agent="test", limits=limits, allowed=[ip_network(f"{PUBLIC}/32")])


async def refused(client: Client, url: str) -> None:
    with pytest.raises(Reject) as caught:
        await client.get(url)
    assert caught.value.kind == "blocked-address"


async def test_the_stand_in_for_our_network_can_be_reached() -> None:
    """Otherwise the tests below could not fail."""
    async with world({}) as (server, private):
        for host in ("127.0.0.1", "::1"):
            reader, writer = await asyncio.open_connection(host, server.port)
            await reader.read()
            writer.close()
    assert private.reached == 2


@pytest.mark.parametrize("second", PRIVATE.values(), ids=PRIVATE)
async def test_a_second_dns_answer_is_checked_like_the_first(
    monkeypatch: pytest.MonkeyPatch, second: Sequence[str]
) -> None:
    async with (
        world({"/": answer(b"public")}) as (server, private),
        dns(monkeypatch, {NAME: [[PUBLIC], second]}) as zone,
        client() as asking,
    ):
        assert (await asking.get(server.url("/", NAME))).body == b"public"
        await refused(asking, server.url("/", NAME))
    assert zone.asked == [NAME, NAME]
    assert (len(server.requests), private.reached) == (1, 0)


@pytest.mark.parametrize("second", PRIVATE.values(), ids=PRIVATE)
async def test_a_redirect_to_the_same_name_is_checked_again(
    monkeypatch: pytest.MonkeyPatch, second: Sequence[str]
) -> None:
    async with (
        world({"/": redirect("/inside")}) as (server, private),
        dns(monkeypatch, {NAME: [[PUBLIC], second]}) as zone,
        client() as asking,
    ):
        await refused(asking, server.url("/", NAME))
    assert zone.asked == [NAME, NAME]
    assert (len(server.requests), private.reached) == (1, 0)


async def test_a_redirect_to_another_name_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, list[Sequence[str]]] = {NAME: [[PUBLIC]], "inside.example": [["127.0.0.1", "::1"]]}
    async with (
        world({}) as (server, private),
        serve({"/": redirect(server.url("/", "inside.example"))}, host=PUBLIC) as outside,
        dns(monkeypatch, names) as zone,
        client() as asking,
    ):
        await refused(asking, outside.url("/", NAME))
    assert zone.asked == [NAME, "inside.example"]
    assert private.reached == 0


async def test_of_mixed_addresses_only_the_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = ["127.0.0.1", "::1", "::ffff:127.0.0.1", PUBLIC, "10.0.0.1"]
    async with (
        world({"/": answer(b"public")}) as (server, private),
        dns(monkeypatch, {NAME: [mixed]}),
        client() as asking,
    ):
        for _ in mixed:
            assert (await asking.get(server.url("/", NAME))).body == b"public"
    assert private.reached == 0


async def test_if_the_public_one_of_mixed_addresses_is_down_no_other_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The classic attack: the browser's fall-back from a dead public address to a living private one."""
    with socket.create_server((PUBLIC, 0)) as closed:
        port = closed.getsockname()[1]
    async with (
        inside(port) as private,
        dns(monkeypatch, {NAME: [[PUBLIC, "127.0.0.1", "::1"]]}),
        client() as asking,
    ):
        with pytest.raises(Exception, match="no connection"):
            await asking.get(f"http://{NAME}:{port}/")
    assert private.reached == 0


async def test_a_cached_dns_answer_is_used_and_a_later_one_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        world({"/": answer(b"public")}) as (server, private),
        dns(monkeypatch, {NAME: [[PUBLIC], ["127.0.0.1"]]}) as zone,
        client(dns_seconds=1000) as asking,
    ):
        for _ in range(2):
            assert (await asking.get(server.url("/", NAME))).body == b"public"
        assert zone.asked == [NAME]
        connector = asking._routes.to(URL(server.url("/", NAME))).session.connector  # type: ignore[union-attr]
        connector.clear_dns_cache()  # type: ignore[union-attr]
        await refused(asking, server.url("/", NAME))
    assert private.reached == 0


async def test_a_connection_that_is_kept_alive_keeps_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used again without asking the DNS; once it is gone the next answer is judged."""
    ready = asyncio.Event()

    async def two_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(KEPT_ALIVE)
        await ready.wait()
        writer.close()

    async with await asyncio.start_server(two_answers, PUBLIC, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with (
            inside(port) as private,
            dns(monkeypatch, {NAME: [[PUBLIC], ["127.0.0.1", "::1"]]}) as zone,
            client() as asking,
        ):
            for _ in range(2):
                assert (await asking.get(f"http://{NAME}:{port}/")).body == b"public"
            assert zone.asked == [NAME]
            ready.set()
            await refused(asking, f"http://{NAME}:{port}/")
    assert private.reached == 0


async def test_a_form_goes_to_no_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        world({"/": redirect("/again", status=307)}) as (server, private),
        dns(monkeypatch, {NAME: [[PUBLIC], ["127.0.0.1", "::1"]]}),
        client() as asking,
    ):
        with pytest.raises(Reject, match="not a public address"):
            await asking.post(server.url("/", NAME), {"secret": "x"})
    assert (len(server.requests), private.reached) == (1, 0)
