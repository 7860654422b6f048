"""Cookies along one chain of redirects, against a loopback server with several host names."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from servers.hostile import Behaviour, Hostile, answer, redirect, serve

from ingest.http.client import Client, ClientLimits
from ingest.http.guard import Network
from stream.errors import Reject

HOSTS = dict.fromkeys(("a.example", "www.a.example", "b.example"), "127.0.0.1")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    allowed: list[Network] = [ip_network("127.0.0.0/8")]
    async with Client(
        user_agent="test", allowed=allowed, hosts=HOSTS, limits=ClientLimits(total_timeout=20)
    ) as opened:
        yield opened


def setting(cookie: str, location: str) -> bytes:
    return answer(status="302 Found", Location=location, Set_Cookie=cookie)


def sent(server: Hostile) -> list[str]:
    """The cookies of each request."""
    heads = [head.split("\r\n") for head in server.requests]
    return ["".join(line[8:] for line in head if line.lower().startswith("cookie: ")) for head in heads]


class Gate:
    """A page that sets a cookie and redirects to itself until it gets it back."""

    def __init__(self) -> None:
        self.answers = [setting("seen=1; Path=/", "/"), answer(b"in")]

    async def __call__(self, writer: object) -> None:
        writer.write(self.answers.pop(0))  # type: ignore[attr-defined]


async def test_a_site_that_sets_a_cookie_and_redirects_to_itself(client: Client) -> None:
    async with serve({"/": Gate()}) as server:
        response = await client.get(server.url("/"))
    assert response.body == b"in"
    assert sent(server) == ["", "seen=1"]


async def test_a_wall_on_another_host_that_sends_back_with_a_cookie(client: Client) -> None:
    """To the wall, back with a parameter, and to the page itself: the same address as at first, but with the cookie."""
    gate = Gate()
    walled: dict[str, bytes | Behaviour] = {"/page": gate, "/page?passed": setting("passed=1", "/page")}
    async with (
        serve(walled) as server,
        serve({"/wall": redirect(server.url("/page?passed", "a.example"))}) as wall,
    ):
        gate.answers[0] = redirect(wall.url("/wall", "b.example"))
        response = await client.get(server.url("/page", "a.example"))
    assert response.body == b"in"
    assert response.url == server.url("/page", "a.example")
    assert sent(server) == ["", "", "passed=1"]


async def test_they_are_dropped_after_the_chain(client: Client) -> None:
    async with serve({"/a": setting("x=1", "/b"), "/b": answer(b"b")}) as server:
        await client.get(server.url("/a"))
        await client.get(server.url("/b"))
    assert sent(server) == ["", "x=1", ""]


async def test_they_go_only_to_their_hosts_and_paths(client: Client) -> None:
    async with serve({"/b": answer(b"b"), "/x/c": answer(b"c")}) as server:
        other, back = server.url("/b", "b.example"), server.url("/x/c", "www.a.example")
        first = {
            "/1": setting("host=1", other),
            "/2": setting("domain=1; Domain=a.example; Path=/x", back),
            "/3": setting("path=1; Path=/y", back),
            "/4": setting("foreign=1; Domain=b.example", other),
            "/5": setting("secure=1; Secure", server.url("/b", "a.example")),
        }
        async with serve(dict(first)) as start:
            for path in first:
                await client.get(start.url(path, "a.example"))
    assert sent(server) == ["", "domain=1", "", "", ""]


async def test_the_same_address_with_the_same_cookies_is_a_loop(client: Client) -> None:
    async with serve({"/": setting("x=1", "/")}) as server:
        with pytest.raises(Reject, match="redirects in a loop"):
            await client.get(server.url("/"))
    assert sent(server) == ["", "x=1"]


async def test_a_cookie_that_changes_each_time_makes_no_endless_chain(client: Client) -> None:
    class Counter:
        times = 0

        async def __call__(self, writer: object) -> None:
            self.times += 1
            writer.write(setting(f"x={self.times}", "/"))  # type: ignore[attr-defined]

    async with serve({"/": Counter()}) as server:
        with pytest.raises(Reject, match="redirects more than 5 times"):
            await client.get(server.url("/"))


async def test_huge_and_many_cookies_are_not_sent_back(client: Client) -> None:
    many = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 3_000) for n in range(100))
    first = (
        b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\nConnection: close\r\n" + many + b"\r\n"
    )
    async with serve({"/a": first, "/b": answer(b"b")}) as server:
        assert (await client.get(server.url("/a"))).body == b"b"
    assert 0 < len(sent(server)[1]) <= 8_192


async def test_an_invalid_cookie_is_ignored(client: Client) -> None:
    for bad in ("", "=", ";;;", "\x01=\x02", "a b c", "x=1; Domain=..; Max-Age=soon; Expires=never"):
        async with serve({"/a": setting(bad, "/b"), "/b": answer(b"b")}) as server:
            assert (await client.get(server.url("/a"))).body == b"b"


async def test_a_form_sends_its_cookies(client: Client) -> None:
    hop = answer(status="307 Again", Location="/b", Set_Cookie="x=1")
    async with serve({"/a": hop, "/b": answer(b"b")}) as server:
        await client.post(server.url("/a"), {"hub.mode": "subscribe"})
    assert sent(server) == ["", "x=1"]


async def test_a_plain_redirect_needs_no_jar(client: Client) -> None:
    async with serve({"/a": redirect("/b"), "/b": answer(b"b")}) as server:
        assert (await client.get(server.url("/a"))).body == b"b"
    assert sent(server) == ["", ""]
