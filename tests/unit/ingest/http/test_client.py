"""The HTTP client, against a hostile server on loopback."""

import asyncio
import socket
import tracemalloc
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from servers.hostile import (
    answer,
    brotli_bomb,
    deflate_bomb,
    gzip_bomb,
    in_chunks,
    many_members_bomb,
    redirect,
    repeat,
    serve,
    zstd_bomb,
)
from waiting import PATIENCE, until

from ingest.http.client import Client, ClientLimits
from ingest.http.connect import HostTable, fixed, guarded_sockets
from ingest.http.guard import BlockedAddress
from stream.errors import Reject, RetryLater

LOOPBACK = [ip_network("127.0.0.0/8")]
LIMITS = ClientLimits(max_bytes=1_000_000, total_timeout=PATIENCE, connect_timeout=PATIENCE)
AGENT = "wirewatch-test/1 (+https://example.org/)"
GZIPPED = "Content-Encoding: gzip\r\n"


class Scripted(AbstractResolver):
    """A DNS that returns one address after another, and the last one forever."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        address = self.addresses[0]
        if len(self.addresses) > 1:
            del self.addresses[0]
        return [fixed(host, address, port)]

    async def close(self) -> None:
        self.closed = True


class Several(AbstractResolver):
    """A DNS that returns all the given addresses for every name."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [fixed(host, address, port) for address in self.addresses]

    async def close(self) -> None:
        pass


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(user_agent=AGENT, limits=LIMITS, allowed=LOOPBACK) as opened:
        yield opened


async def rejected(client: Client, url: str) -> Reject:
    with pytest.raises(Reject) as caught:
        await client.get(url)
    return caught.value


async def postponed(client: Client, url: str) -> RetryLater:
    with pytest.raises(RetryLater) as caught:
        await client.get(url)
    return caught.value


# Success.


async def test_a_page(client: Client) -> None:
    page = answer(
        b"<p>caf\xe9",
        Content_Type='Text/HTML; Charset="ISO-8859-1"',
        ETag='"1"',
        Set_Cookie="secret=1",
        X_Odd="na\xefve",
    )
    async with serve({"/a?b=c": page}) as server:
        response = await client.get(server.url("/a?b=c#part"), headers={"If-None-Match": '"0"'})
    assert response.url == server.url("/a?b=c")
    assert (response.status, response.body) == (200, b"<p>caf\xe9")
    assert (response.content_type, response.charset) == ("text/html", "iso-8859-1")
    assert response.headers["etag"] == '"1"'
    assert "set-cookie" not in response.headers
    assert not response.permanent
    head = server.requests[0].lower()
    assert f"user-agent: {AGENT}\r\n" in head
    assert 'if-none-match: "0"\r\n' in head
    assert "accept-encoding: gzip, deflate, br, zstd\r\n" in head
    assert "accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" in head
    assert "accept-language: *\r\n" in head


async def test_headers_are_valid_unicode_whatever_their_bytes(client: Client) -> None:
    raw = b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nVary: a\r\nVary: b\r\nContent-Length: 0\r\n\r\n'
    async with serve({"/": raw}) as server:
        response = await client.get(server.url("/"))
    assert response.headers["etag"] == '"\ufffd"'
    assert response.headers["vary"] == "a, b"


async def test_an_error_status_is_a_response_without_a_body(client: Client) -> None:
    async with serve({"/": answer(b"sorry", "503 Busy", Retry_After="7")}) as server:
        response = await client.get(server.url("/"))
    assert (response.status, response.body, response.headers["retry-after"]) == (503, b"", "7")


async def test_the_endless_page_of_an_error_is_not_read(client: Client) -> None:
    async with serve({"/": repeat(b"HTTP/1.1 404 No\r\n\r\n", b"x" * 1000)}) as server:
        assert (await client.get(server.url("/"))).status == 404


async def test_a_name_of_the_host_table(client: Client) -> None:
    async with serve({"/": answer(b"x")}) as server:
        hosts = {"news.example": "127.0.0.1"}
        async with Client(user_agent=AGENT, limits=LIMITS, allowed=LOOPBACK, hosts=hosts) as named:
            response = await named.get(server.url("/", "News.Example"))
    assert response.url == server.url("/", "news.example")
    assert f"host: news.example:{server.port}" in server.requests[0].lower()


async def test_a_body_of_exactly_the_limit(client: Client) -> None:
    async with serve({"/": answer(b"x" * 500)}) as server:
        assert len((await client.get(server.url("/"), max_bytes=500)).body) == 500


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip_bomb(1)),
        ("deflate", deflate_bomb(1)),
        ("br", brotli_bomb(1)),
        ("zstd", zstd_bomb(1)),
        ("GZIP", many_members_bomb(1)),
    ],
)
async def test_encodings_are_decoded(client: Client, encoding: str, body: bytes) -> None:
    async with serve({"/": answer(body, Content_Encoding=encoding)}) as server:
        assert (await client.get(server.url("/"))).body == bytes(1_000_000)


@pytest.mark.parametrize("encoding", ["", "identity", "UTF-8", "none"])
async def test_an_invalid_content_coding_is_ignored(client: Client, encoding: str) -> None:
    async with serve({"/": answer(b"plain", Content_Encoding=encoding)}) as server:
        assert (await client.get(server.url("/"))).body == b"plain"


async def test_the_resolver_is_closed_with_the_client() -> None:
    resolver = Scripted("127.0.0.1")
    async with Client(user_agent=AGENT, resolver=resolver):
        assert not resolver.closed
    assert resolver.closed


# Addresses.


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0177.0.0.1",
            "2130706433",
            "0x7f000001",
            "localhost",
            "0",
            "①②⑦.0.0.1",
            "１２７.０.０.１",
            "127。0。0。1",
            "%31%32%37.0.0.1",
            "0x7F.0X0.0.01",
            "017700000001",
            "127.0.1",
        ),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "127.0.0.1."),
        *(
            "[::ffff:7f00:1]",
            "[::ffff:0:127.0.0.1]",
            "[0:0:0:0:0:0:0:1]",
            "[2002:7f00:1::]",
            "[64:ff9b:1::7f00:1]",
        ),
    ],
)
async def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    async with serve({"/": answer(b"secret")}) as server, Client(user_agent=AGENT, limits=LIMITS) as client:
        error = await rejected(client, server.url("/", host))
    assert error.kind == "blocked-address"
    assert "not a public address" in error.reason
    assert server.requests == []


async def test_a_redirect_into_the_local_network_is_refused() -> None:
    allowed = [ip_network("127.0.0.1/32")]
    async with (
        serve({"/": redirect("http://169.254.169.254/latest/meta-data/")}) as server,
        Client(user_agent=AGENT, limits=LIMITS, allowed=allowed) as client,
    ):
        error = await rejected(client, server.url("/"))
    assert error.kind == "blocked-address"
    assert "169.254.169.254" in error.reason
    assert server.url("/") in error.reason


async def test_a_redirect_to_an_odd_spelling_is_refused() -> None:
    allowed = [ip_network("127.0.0.1/32")]
    async with serve({}, host="0.0.0.0") as inner:
        outer_answers = {
            f"/{host}": redirect(inner.url("/", host)) for host in ("127.2", "0x7f.2", "2130706434")
        }
        async with (
            serve(dict(outer_answers)) as outer,
            Client(user_agent=AGENT, limits=LIMITS, allowed=allowed) as client,
        ):
            kinds = {(await rejected(client, outer.url(path))).kind for path in outer_answers}
    assert kinds == {"blocked-address"}
    assert inner.requests == []


async def test_the_host_table_is_guarded() -> None:
    async with serve({}) as server, Client(user_agent=AGENT, hosts={"a.example": "127.0.0.1"}) as client:
        assert (await rejected(client, server.url("/", "a.example"))).kind == "blocked-address"


async def test_a_name_with_only_private_addresses_is_refused() -> None:
    async with Client(user_agent=AGENT, resolver=Several("10.0.0.1", "::1", "192.168.0.1")) as client:
        assert (await rejected(client, "http://intranet.example/")).kind == "blocked-address"


async def test_of_a_name_with_mixed_addresses_only_the_allowed_ones_are_tried() -> None:
    async with serve({"/": answer(b"x")}) as server:
        resolver = Several("::1", "10.0.0.1", "127.0.0.1")
        async with Client(user_agent=AGENT, allowed=LOOPBACK, resolver=resolver) as client:
            assert (await client.get(server.url("/", "mixed.example"))).body == b"x"


async def test_a_name_without_an_address(client: Client) -> None:
    async with Client(user_agent=AGENT, resolver=Several()) as lost:
        error = await postponed(lost, "http://nowhere.example/")
    assert error.kind == "dns"
    assert "nowhere.example has no address" in error.reason


async def test_a_port_of_another_protocol_is_refused() -> None:
    async with Client(user_agent=AGENT, resolver=Several("93.184.216.34")) as client:
        error = await rejected(client, "http://mail.example:25/")
    assert error.kind == "blocked-address"
    assert "port 25 of 93.184.216.34" in error.reason


def test_a_port_of_another_protocol_can_be_opened_by_name() -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("203.0.114.1", 25))
    with pytest.raises(BlockedAddress):
        guarded_sockets([], ())(found)
    guarded_sockets([], [25])(found).close()


async def test_the_host_table_answers_with_and_without_a_last_dot() -> None:
    table = HostTable({"a.example": "::1", "b.example": "127.0.0.1"}, Several("10.9.8.7"), [])
    assert [one["host"] for one in await table.resolve("a.example.", 80)] == ["::1"]
    assert [one["family"] for one in await table.resolve("b.example", 80)] == [socket.AF_INET]
    assert [one["host"] for one in await table.resolve("c.example", 80)] == ["10.9.8.7"]


# URLs.


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not a URL"),
        ("/news", "not a URL"),
        ("//example.org/", "not a URL"),
        ("http://", "not a URL"),
        ("http://a b/", "not a URL"),
        ("http://example.org:99999/", "not a URL"),
        ("http://[fe80::1%25eth0]/", "not a URL"),
        ("http://\ud800/", "not a URL"),
        ("ftp://example.org/x", "not an http or https URL"),
        ("file:///etc/passwd", "not an http or https URL"),
        ("javascript:alert(1)", "not an http or https URL"),
        ("http://a..b/", "not a host that can exist"),
        (f"http://{'a' * 64}.example/", "not a host that can exist"),
        ("http://example.org/" + "a" * 8000, "more than 8000 characters"),
        ("http://example.org/" + "\ud800" * 8000, "more than 8000 characters"),
    ],
)
async def test_bad_urls(client: Client, url: str, said: str) -> None:
    error = await rejected(client, url)
    assert error.kind == "bad-url"
    assert said in error.reason
    assert len(error.reason) < 1500
    assert error.reason.encode()


SECRET = "s3cret"


async def test_credentials_are_sent_to_their_host_but_never_shown(client: Client) -> None:
    answers = {"/a": redirect("/b"), "/b": redirect("http://localhost:1/")}
    async with serve(answers) as server:
        error = await postponed(client, server.url("/a", f"me:{SECRET}@127.0.0.1"))
    assert error.kind == "connect"
    assert SECRET not in str(error)
    assert all("authorization: basic" in head.lower() for head in server.requests)
    assert len(server.requests) == 2


async def test_credentials_are_not_sent_to_another_host(client: Client) -> None:
    async with serve({"/": answer(b"x")}) as other, serve({"/": redirect(other.url("/"), 301)}) as server:
        response = await client.get(server.url("/", f"me:{SECRET}@127.0.0.1"))
    assert "authorization" not in other.requests[0].lower()
    assert not response.permanent


async def test_the_address_of_a_response_has_no_credentials(client: Client) -> None:
    async with serve({"/": answer(b"x")}) as server:
        response = await client.get(server.url("/", f"me:{SECRET}@127.0.0.1"))
    assert response.url == server.url("/")


# Redirects.


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ([], False),
        ([301], True),
        ([308, 301], True),
        ([301, 302], False),
        ([303], False),
        ([307, 308], False),
    ],
)
async def test_redirects_are_permanent_if_all_of_them_are(
    client: Client, statuses: list[int], permanent: bool
) -> None:
    answers = {f"/{hop}": redirect(f"{hop + 1}#x", status) for hop, status in enumerate(statuses)}
    answers[f"/{len(statuses)}"] = answer(b"there")
    async with serve(dict(answers)) as server:
        response = await client.get(server.url("/0"))
    assert response.url == server.url(f"/{len(statuses)}")
    assert (response.body, response.permanent) == (b"there", permanent)


async def test_five_redirects_are_followed_and_a_sixth_is_not(client: Client) -> None:
    answers: dict[str, bytes] = {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(6)} | {
        "/6": answer(b"x")
    }
    async with serve(dict(answers)) as server:
        assert (await client.get(server.url("/1"))).body == b"x"
        error = await rejected(client, server.url("/0"))
    assert error.kind == "too-many-redirects"
    assert "/0 redirects more than 5 times, the last time to" in error.reason


async def test_a_loop_of_redirects_is_named(client: Client) -> None:
    async with serve({"/a": redirect("/b"), "/b": redirect("/c"), "/c": redirect("/b#x")}) as server:
        error = await rejected(client, server.url("/a"))
    assert error.kind == "too-many-redirects"
    loop = f"{server.url('/b')} -> {server.url('/c')} -> {server.url('/b')}"
    assert error.reason == f"{server.url('/a')} redirects in a loop: {loop}"
    assert len(server.requests) == 3


@pytest.mark.parametrize("location", ["ftp://example.org/", "file:///etc/passwd", "http://[", "javascript:1"])
async def test_a_redirect_to_something_other_than_http(client: Client, location: str) -> None:
    async with serve({"/": redirect(location)}) as server:
        assert (await rejected(client, server.url("/"))).kind == "bad-url"


async def test_a_redirect_without_a_target_is_a_response(client: Client) -> None:
    async with serve({"/": answer(b"x", "302 Found")}) as server:
        assert (await client.get(server.url("/"))).status == 302


async def test_a_redirect_with_an_endless_body_is_followed(client: Client) -> None:
    endless = repeat(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"x" * 1000)
    async with serve({"/a": endless, "/b": answer(b"there")}) as server:
        assert (await client.get(server.url("/a"))).body == b"there"


# Time.


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 ", b"O"),
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n" + brotli_bomb(1)[:-20], b""),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "header", "body", "chunks", "silence", "continue"],
)
async def test_a_slow_drip_ends_with_the_total_time(first: bytes, again: bytes) -> None:
    limits = ClientLimits(total_timeout=0.4)
    async with (
        serve({"/": repeat(first, again, pause=0.02)}) as server,
        Client(user_agent=AGENT, limits=limits, allowed=LOOPBACK) as client,
    ):
        async with asyncio.timeout(PATIENCE):
            error = await postponed(client, server.url("/"))
    assert (error.kind, error.after) == ("timeout", None)
    assert error.reason == f"{server.url('/')} did not answer in full within 0.4 s"


async def test_all_redirects_share_the_total_time() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)  # a slow server
        writer.write(redirect(f"/{len(server.requests)}"))

    limits = ClientLimits(total_timeout=0.4)
    async with (
        serve({f"/{hop}": slow for hop in range(9)}) as server,
        Client(user_agent=AGENT, limits=limits, allowed=LOOPBACK) as client,
    ):
        assert (await postponed(client, server.url("/0"))).kind == "timeout"
    assert len(server.requests) <= 3


async def test_a_host_that_does_not_accept_connections(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        limits = ClientLimits(connect_timeout=0.3, total_timeout=5.0)
        held = [socket.socket() for _ in range(8)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        async with Client(user_agent=AGENT, limits=limits, allowed=LOOPBACK) as hasty:
            error = await postponed(hasty, f"http://127.0.0.1:{port}/")
        for one in held:
            one.close()
    assert (error.kind, error.reason) == ("timeout", f"http://127.0.0.1:{port}/: no connection within 0.3 s")


async def test_the_task_can_be_cancelled(client: Client) -> None:
    begun = asyncio.Event()

    async def silent(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        begun.set()
        await asyncio.sleep(60)

    async with serve({"/": silent}) as server:
        task = asyncio.create_task(client.get(server.url("/")))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


# Size.

BOMB_MEGABYTES = 64
BOMBS = {
    "gzip": ("gzip", gzip_bomb(BOMB_MEGABYTES)),
    "gzip members": ("gzip", many_members_bomb(BOMB_MEGABYTES)),
    "deflate": ("deflate", deflate_bomb(BOMB_MEGABYTES)),
    "brotli": ("br", brotli_bomb(BOMB_MEGABYTES)),
    "zstd": ("zstd", zstd_bomb(BOMB_MEGABYTES)),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_costs_little_more_than_the_limit(client: Client, name: str) -> None:
    encoding, bomb = BOMBS[name]
    async with serve({"/": answer(bomb, Content_Encoding=encoding)}) as server:
        tracemalloc.start()
        error = await rejected(client, server.url("/"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert error.kind == "too-large"
    assert error.reason == f"{server.url('/')} has more than 1000000 bytes"
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", b"x"),
    ],
    ids=["until close", "chunked", "announced"],
)
async def test_an_endless_body(client: Client, first: bytes, again: bytes) -> None:
    async with serve({"/": repeat(first, again)}) as server:
        assert (await rejected(client, server.url("/"))).kind == "too-large"


async def test_an_endless_body_in_the_tiniest_pieces() -> None:
    limits = ClientLimits(max_bytes=1_000_000, total_timeout=20.0)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with (
        serve({"/": repeat(head, b"1\r\nx\r\n" * 1000)}) as server,
        Client(user_agent=AGENT, limits=limits, allowed=LOOPBACK) as client,
    ):
        error = await rejected(client, server.url("/"))
    assert error.kind == "too-large"
    assert error.reason == f"{server.url('/')} comes in more than 100000 pieces"


async def test_a_body_over_the_limit_of_one_call(client: Client) -> None:
    async with serve({"/": answer(b"x" * 501)}) as server:
        with pytest.raises(Reject, match="has more than 500 bytes"):
            await client.get(server.url("/"), max_bytes=500)


@pytest.mark.parametrize(
    "again",
    [b"X-A: a\r\n", b"a" * 1000, b"X-B: " + b"b" * 1000 + b"\r\n"],
    ids=["many", "one long", "many long"],
)
async def test_endless_headers(client: Client, again: bytes) -> None:
    async with serve({"/": repeat(b"HTTP/1.1 200 OK\r\nX-C: ", again)}) as server:
        assert (await postponed(client, server.url("/"))).kind == "broken-response"


async def test_a_header_may_be_longer_than_eight_kilobytes(client: Client) -> None:
    async with serve({"/": answer(b"x", Content_Security_Policy="a" * 20_000)}) as server:
        assert (await client.get(server.url("/"))).body == b"x"


# Broken answers.

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"<html>no HTTP at all</html>",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        OK,
        OK + b"Content-Length: 10\r\n\r\nshort",
        OK + b"Content-Length: 3\r\n\r\nlonger",
        OK + b"Content-Length: -1\r\n\r\nx",
        OK + b"Content-Length: 1e3\r\n\r\nx",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhello",
        OK + b"X\0Y: z\r\n\r\nx",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\n\xff\xff\xff\xff\xff",
        OK + b"Content-Encoding: deflate\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: zstd\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: compress\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
async def test_invalid_http(client: Client, raw: bytes) -> None:
    async with serve({"/": raw}) as server:
        error = await postponed(client, server.url("/"))
    assert error.kind == "broken-response"
    assert error.reason.startswith(server.url("/"))
    assert "\n" not in error.reason
    assert len(error.reason) < 400


async def test_chunks_of_any_size(client: Client) -> None:
    payload = bytes(range(256)) * 40
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serve({f"/{size}": head + in_chunks(payload, size) for size in (1, 7, 4096, 99999)}) as server:
        for size in (1, 7, 4096, 99999):
            assert (await client.get(server.url(f"/{size}"))).body == payload


async def test_a_few_interim_responses_are_skipped(client: Client) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    async with serve({"/": hints * 15 + answer(b"x")}) as server:
        assert (await client.get(server.url("/"))).body == b"x"


async def test_endless_interim_responses_are_given_up(client: Client) -> None:
    endless = repeat(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    async with serve({"/": endless}) as server:
        error = await postponed(client, server.url("/"))
    assert error.kind == "broken-response"
    assert "more than 16 interim responses" in error.reason


async def test_a_switch_of_protocols_is_a_response(client: Client) -> None:
    raw = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n\x81\x05hello"
    async with serve({"/": raw}) as server:
        assert (await client.get(server.url("/"))).status == 101


async def test_no_connection(client: Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await postponed(client, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert error.kind == "connect"


async def test_no_tls(client: Client) -> None:
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer(status="400 This port speaks plain HTTP"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        error = await postponed(client, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert error.kind == "tls"
    assert "no secure connection" in error.reason


async def test_a_client_must_be_open() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Client(user_agent=AGENT).get("http://example.org/")


# Many at once.


async def test_a_hostile_host_does_not_hold_up_another() -> None:
    limits = ClientLimits(total_timeout=10 * PATIENCE, connections_per_host=2)
    bad = repeat(b"HTTP/1.1 200 OK\r\n\r\n", b"", pause=0.05)
    async with (
        serve({"/": bad}) as dripping,
        serve({"/": answer(b"x")}) as good,
        Client(user_agent=AGENT, limits=limits, allowed=LOOPBACK) as client,
    ):
        slow = [asyncio.create_task(client.get(dripping.url("/"))) for _ in range(5)]
        await until(lambda: len(dripping.requests) == 2)
        async with asyncio.timeout(PATIENCE):
            bodies = await asyncio.gather(*(client.get(good.url("/")) for _ in range(20)))
        assert len(dripping.requests) == 2
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    assert {one.body for one in bodies} == {b"x"}


# Content-Type.
