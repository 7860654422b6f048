"""The client through real proxies on loopback. 127.0.0.2 stands for a public address; 127.0.0.1 is private, and not allowed."""

import asyncio
import ssl
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvloop
from aiohttp import web
from servers import proxies
from servers.dns import dns
from servers.hostile import answer, redirect, serve
from servers.proxies import Serve, closed_port, running

from ingest.http.client import Client, ClientLimits
from ingest.http.proxies import choose_proxies
from stream.errors import Reject, RetryLater

PUBLIC = "127.0.0.2"
NAME = "news.example"
LIMITS = ClientLimits(total_timeout=20.0, connect_timeout=10.0)
KINDS: dict[str, Serve] = {"http": proxies.http, "socks5": proxies.socks5}

both = pytest.mark.parametrize("scheme", KINDS)


def client(proxy: str, *, resolves: bool = False, no_proxy: tuple[str, ...] = (), **options: Any) -> Client:
    chosen = choose_proxies(proxy, no_proxy, {}, resolves=resolves)
    options = {"allowed": [ip_network(f"{PUBLIC}/32")], "limits": LIMITS, **options}
    return Client(user_agent="test", proxies=chosen, **options)


async def failure(client: Client, url: str) -> Reject | RetryLater:
    with pytest.raises((Reject, RetryLater)) as caught:
        await client.get(url)
    error = caught.value
    assert isinstance(error, Reject | RetryLater)
    return error


@both
async def test_the_proxy_gets_the_checked_address(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serve({"/": answer(b"page")}, host=PUBLIC) as server,
        running(proxies.Proxy(), KINDS[scheme]) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC]]}) as zone,
        client(f"{scheme}://127.0.0.1:{proxy.port}") as asking,
    ):
        assert (await asking.get(server.url("/", NAME))).body == b"page"
        assert (await asking.post(server.url("/", NAME), {"hub.mode": "subscribe"})).body == b"page"
    assert proxy.asked == [f"CONNECT {PUBLIC}:{server.port}"] * 2
    assert f"Host: {NAME}:{server.port}" in server.requests[0]
    assert zone.asked == [NAME]


@both
@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"])
async def test_the_proxy_never_gets_a_private_address(
    scheme: str, private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a redirect, after DNS rebinding, by name, as a literal, from the host table."""
    literal = f"http://[{private}]:8080/" if ":" in private else f"http://{private}:8080/"
    async with (
        serve({"/": redirect(literal)}, host=PUBLIC) as server,
        running(proxies.Proxy(), KINDS[scheme]) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC], [private]], "inside.example": [[private]]}),
        client(
            f"{scheme}://127.0.0.1:{proxy.port}",
            hosts={"table.example": private},
            limits=ClientLimits(dns_seconds=0, total_timeout=20.0),
        ) as asking,
    ):
        urls = [server.url("/", NAME)] * 2
        urls += ["http://inside.example:8080/", literal, "http://table.example:8080/", "http://[::]:8080/"]
        kinds = [(await failure(asking, url)).kind for url in urls]
    assert kinds == ["blocked-address"] * len(urls)
    assert proxy.asked == [f"CONNECT {PUBLIC}:{server.port}"]


@both
async def test_of_several_addresses_the_next_is_tried(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    both_allowed = [ip_network("127.0.0.2/31")]
    async with (
        serve({"/": answer(b"page")}, host=PUBLIC) as server,
        running(proxies.Proxy(), KINDS[scheme]) as proxy,
        dns(monkeypatch, {NAME: [["127.0.0.3", PUBLIC, "10.0.0.1"]]}),
        client(f"{scheme}://127.0.0.1:{proxy.port}", allowed=both_allowed) as asking,
    ):
        assert (await asking.get(server.url("/", NAME))).body == b"page"
    assert proxy.asked == [f"CONNECT {address}:{server.port}" for address in ("127.0.0.3", PUBLIC)]


@both
async def test_a_proxy_that_resolves_gets_names_but_no_private_address(scheme: str) -> None:
    async with (
        serve({"/a?b": answer(b"page")}, host=PUBLIC) as server,
        running(proxies.Proxy(names={NAME: PUBLIC}), KINDS[scheme]) as proxy,
        client(
            f"{scheme}://127.0.0.1:{proxy.port}", resolves=True, hosts={"t.example": "10.0.0.1"}
        ) as asking,
    ):
        bad = ["http://127.0.0.1:8080/", "http://[::1]:8080/", "http://t.example:8080/", f"http://{NAME}:25/"]
        assert {(await failure(asking, url)).kind for url in bad} == {"blocked-address"}
        assert proxy.asked == []
        assert (await asking.get(server.url("/a?b", NAME))).body == b"page"
    way = f"GET {server.url('/a?b', NAME)}" if scheme == "http" else f"CONNECT {NAME}:{server.port}"
    assert proxy.asked == [way]
    assert server.requests[0].startswith("GET /a?b HTTP/1.1\r\n")


@both
async def test_without_proxy_resolves_a_name_that_only_the_proxy_knows_is_not_found(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        running(proxies.Proxy(names={NAME: PUBLIC}), KINDS[scheme]) as proxy,
        dns(monkeypatch, {}),
        client(f"{scheme}://127.0.0.1:{proxy.port}") as asking,
    ):
        error = await failure(asking, f"http://{NAME}:8080/")
    assert (error.kind, proxy.asked) == ("dns", [])


@both
async def test_exempt_hosts_and_our_own_networks_are_reached_directly(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        serve({"/": answer(b"page")}, host=PUBLIC) as server,
        dns(monkeypatch, {"www.a.example": [[PUBLIC]]}),
        client(
            f"{scheme}://127.0.0.1:{closed_port()}", no_proxy=("a.example",), hosts={"demo.example": PUBLIC}
        ) as asking,
    ):
        for host in ("www.a.example", "demo.example", PUBLIC):
            assert (await asking.get(server.url("/", host))).body == b"page"


@both
@pytest.mark.parametrize("resolves", [False, True])
async def test_a_proxy_that_is_down_is_named_without_its_password(
    scheme: str, resolves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = closed_port()
    async with (
        dns(monkeypatch, {NAME: [[PUBLIC]]}),
        client(f"{scheme}://me:secret@127.0.0.1:{port}", resolves=resolves) as asking,
    ):
        error = await failure(asking, f"http://{NAME}:8080/")
    assert (type(error), error.kind) == (RetryLater, "proxy")
    assert f"the proxy {scheme}://127.0.0.1:{port} can't be reached: " in error.reason
    assert "secret" not in error.reason


@both
@pytest.mark.parametrize("resolves", [False, True])
@pytest.mark.parametrize("given", ["", "me:wrong@"])
async def test_a_login_that_a_proxy_rejects_is_reported(
    scheme: str, resolves: bool, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        running(proxies.Proxy(login="me:secret", names={NAME: PUBLIC}), KINDS[scheme]) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC]]}),
        client(f"{scheme}://{given}127.0.0.1:{proxy.port}", resolves=resolves) as asking,
    ):
        error = await failure(asking, f"http://{NAME}:8080/")
    assert (type(error), error.kind) == (RetryLater, "proxy")
    assert (
        f"the proxy {scheme}://127.0.0.1:{proxy.port} requires a valid user name and password" in error.reason
    )
    assert "wrong" not in error.reason


@both
@pytest.mark.parametrize("resolves", [False, True])
async def test_a_proxy_with_a_login(scheme: str, resolves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serve({"/": answer(b"page")}, host=PUBLIC) as server,
        running(proxies.Proxy(login="me:s:cret", names={NAME: PUBLIC}), KINDS[scheme]) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC]]}),
        client(f"{scheme}://me:s%3Acret@127.0.0.1:{proxy.port}", resolves=resolves) as asking,
    ):
        assert (await asking.get(server.url("/", NAME))).body == b"page"
    assert "s:cret" not in server.requests[0]


async def test_a_proxy_that_allows_no_connect_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        running(proxies.Proxy(refusal="403 \x1b[31mForbidden"), proxies.http) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC]]}),
        client(f"http://127.0.0.1:{proxy.port}") as asking,
    ):
        error = await failure(asking, f"http://{NAME}/")
    assert (type(error), error.kind) == (RetryLater, "connect")
    assert f"the proxy http://127.0.0.1:{proxy.port} did not connect: 403 " in error.reason
    assert "[fetch] proxy_resolves" in error.reason
    assert error.reason.isprintable()


async def test_a_host_that_a_proxy_can_not_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        running(proxies.Proxy(refusal="4"), proxies.socks5) as proxy,
        dns(monkeypatch, {NAME: [[PUBLIC]]}),
        client(f"socks5://127.0.0.1:{proxy.port}") as asking,
    ):
        error = await failure(asking, f"http://{NAME}/")
    assert error.kind == "connect"
    assert "did not connect: Host unreachable" in error.reason


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of news.example, with its key."""
    pem = tmp_path_factory.mktemp("tls") / "news.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    make += [
        "-addext",
        f"subjectAltName=DNS:{NAME}",
        "-keyout",
        str(pem.with_suffix(".key")),
        "-out",
        str(pem),
    ]
    subprocess.run(make, check=True, capture_output=True)
    pem.write_text(pem.read_text() + pem.with_suffix(".key").read_text())
    return pem


@both
@pytest.mark.parametrize("resolves", [False, True])
async def test_tls_goes_through_the_proxy_and_names_the_host(
    scheme: str, resolves: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="page")

    application = web.Application()
    application.add_routes([web.get("/", page)])
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, PUBLIC, 0, ssl_context=served).start()
        port = runner.addresses[0][1]
        names = {NAME: PUBLIC, "other.example": PUBLIC}
        async with (
            running(proxies.Proxy(names=names), KINDS[scheme]) as proxy,
            dns(monkeypatch, {name: [[PUBLIC]] for name in names}),
            client(f"{scheme}://127.0.0.1:{proxy.port}", resolves=resolves) as asking,
        ):
            assert (await asking.get(f"https://{NAME}:{port}/")).body == b"page"
            error = await failure(asking, f"https://other.example:{port}/")
        assert error.kind == "tls"
        assert proxy.asked[0] == f"CONNECT {NAME if resolves else PUBLIC}:{port}"
    finally:
        await runner.cleanup()


@both
def test_on_the_loop_that_wirewatch_runs_on(
    scheme: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop has sockets and TLS of its own."""
    test = test_tls_goes_through_the_proxy_and_names_the_host(scheme, True, certificate, monkeypatch)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test)
