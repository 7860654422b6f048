"""Servers that choose a format by our Accept header, and refuse requests with too narrow a one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp import web

from ingest.http.accept import for_feeds
from ingest.http.client import Client

RSS = "application/rss+xml"


async def choose(request: web.Request) -> web.Response:
    """Serves the feed if the client prefers it to HTML; 406 if the client does not accept HTML."""
    wanted = {}
    for part in request.headers.get("Accept", "*/*").split(","):
        name, _, q = part.strip().partition(";q=")
        wanted[name] = float(q or 1)
    if "text/html" not in wanted:
        return web.Response(status=406)
    kind = RSS if wanted.get(RSS, 0) > wanted["text/html"] else "text/html"
    return web.Response(body=request.headers["Accept-Language"].encode(), content_type=kind)


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    application = web.Application()
    application.add_routes([web.get("/", choose)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_the_same_address_is_a_feed_to_the_poller_and_a_page_to_the_fetcher() -> None:
    loopback = [ip_network("127.0.0.0/8")]
    async with site() as url, Client(user_agent="test", allowed=loopback, languages="fr, en;q=0.5") as client:
        page, feed = await client.get(url), await for_feeds(client.get)(url)
    assert (page.status, page.content_type, page.body) == (200, "text/html", b"fr, en;q=0.5")
    assert (feed.status, feed.content_type) == (200, RSS)


@pytest.mark.parametrize("header", ["If-None-Match", "accept"])
async def test_other_headers_are_sent_as_well(header: str) -> None:
    async def get(url: str, *, headers: dict[str, str]) -> dict[str, str]:
        return headers

    sent = await for_feeds(get)("http://a.example/", headers={"If-None-Match": '"1"'})  # type: ignore[arg-type]
    assert set(sent) == {"Accept", "If-None-Match"}
