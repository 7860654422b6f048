"""The command behind a proxy: it obeys the environment, and names a proxy that is down."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, urls
from servers import proxies
from servers.newsroom import Newsroom, newsroom
from servers.proxies import closed_port, running

TEXT = "".join(
    f"<p>The harbour board met for the {n}th time, and spoke of the ferry at length.</p>" for n in range(12)
)


@contextmanager
def proxy(**options: str) -> Iterator[proxies.Proxy]:
    """An HTTP proxy in its own thread, which resolves news.example."""
    served = proxies.Proxy(names={"news.example": "127.0.0.1"}, **options)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with running(served, proxies.http):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield served
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def desk(tmp_path: Path, room: Newsroom) -> Wirewatch:
    """A wirewatch whose only feed has a host name that only a proxy can resolve."""
    base = f"http://news.example:{room.port}"
    item = f"<item><title>Ferry</title><link>{base}/1</link></item>"
    room.pages["/feed"] = ("application/rss+xml", f"<rss version='2.0'><channel>{item}</channel></rss>")
    room.pages["/1"] = (
        "text/html",
        f"<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1>{TEXT}</article></body></html>",
    )
    (tmp_path / "feeds.opml").write_text(
        f"<opml version='2.0'><body><outline xmlUrl='{base}/feed'/></body></opml>"
    )
    config = tmp_path / "wirewatch.toml"
    config.write_text("[fetch]\ngap_seconds = 0\nproxy_resolves = true\n")
    return Wirewatch(tmp_path / "data", config, tmp_path / "feeds.opml")


def test_the_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with newsroom() as room, proxy(login="me:secret") as served:
        monkeypatch.setitem(os.environ, "HTTP_PROXY", f"http://me:secret@127.0.0.1:{served.port}")
        wirewatch = desk(tmp_path, room)
        done = wirewatch.run("run", "--once")
        assert "secret" not in done.stdout + done.stderr
        assert urls(wirewatch.search("ferry")) == [f"http://news.example:{room.port}/1"]
    assert f"GET http://news.example:{room.port}/feed" in served.asked


def test_a_proxy_that_is_down_is_named_and_its_password_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = closed_port()
    monkeypatch.setitem(os.environ, "HTTP_PROXY", f"http://me:secret@127.0.0.1:{port}")
    with newsroom() as room:
        wirewatch = desk(tmp_path, room)
        wirewatch.run("run", "--once", code=1)
        failing = wirewatch.run("sources", "--json").stdout
    assert f"the proxy http://127.0.0.1:{port} can't be reached" in failing
    assert "secret" not in failing
