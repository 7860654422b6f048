import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape

import aiohttp
import feedparser
import pytest
from multidict import CIMultiDictProxy

from demo.addresses import article_url, feed_url, linked_url
from demo.newsstand import PUBLISHED_PATH
from demo.server import Serving, serve
from demo.world import Article, World, bundled

HARBOUR = "harbour-courier.example"
START = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
WORLD = bundled()


@pytest.fixture
def world() -> World:
    return WORLD


class FakeClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Reader:
    """Sends requests like an HTTP client that knows the hosts' addresses."""

    def __init__(self, session: aiohttp.ClientSession, world: Serving) -> None:
        self._session = session
        self._world = world

    async def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        host, _, path = url.removeprefix("http://").partition("/")
        address = self._world.hosts.get(host.partition(":")[0], "127.0.0.1")
        async with self._session.get(
            f"http://{address}:{self._world.port}/{path}",
            headers={"Host": host, "Accept-Encoding": "identity", **(headers or {})},
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def published(self) -> list[dict[str, str]]:
        address = f"http://127.0.0.1:{self._world.port}{PUBLISHED_PATH}"
        async with self._session.get(address) as response:
            assert response.status == 200
            listed: list[dict[str, str]] = await response.json()
            return listed


@asynccontextmanager
async def reading(
    clock: FakeClock, head_start: int | None, every: float = 1.0
) -> AsyncIterator[tuple[Reader, Serving]]:
    async with (
        serve(port=0, head_start=head_start, every=every, clock=clock) as world,
        aiohttp.ClientSession() as session,
    ):
        yield Reader(session, world), world


def with_fault(fault: str) -> Article:
    (found,) = (article for article in WORLD.articles if article.fault == fault)
    return found


async def test_every_article_without_fault_is_reachable_by_its_link_and_its_canonical_url(
    world: World,
) -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        for article in world.articles:
            if article.fault:
                continue
            for url in (
                article_url(article, serving.port),
                linked_url(article, article.outlet.feeds[0], serving.port),
            ):
                answer = await reader.get(url)
                assert answer.status == 200
                assert answer.headers["Content-Type"] == f"text/html; charset={article.outlet.charset}"
                assert article.blocks[-1].text in unescape(answer.body.decode(article.outlet.charset))


async def test_each_feed_is_sent_with_its_type_and_lists_the_promised_articles(world: World) -> None:
    types = {"rss2": "rss+xml", "rss1": "rdf+xml", "atom": "atom+xml", "json": "feed+json"}
    async with reading(FakeClock(), None) as (reader, serving):
        for outlet in world.outlets:
            for feed in outlet.feeds:
                answer = await reader.get(feed_url(outlet, feed, serving.port))
                assert answer.status == 200
                assert answer.headers["Content-Type"] == f"application/{types[feed.format]}; charset=utf-8"


async def test_the_lost_articles_answer_as_documented() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        missing = await reader.get(article_url(with_fault("not-found"), serving.port))
        file = await reader.get(article_url(with_fault("pdf"), serving.port))
        empty = await reader.get(article_url(with_fault("empty"), serving.port))

    assert missing.status == 404
    assert (file.status, file.headers["Content-Type"], file.body[:5]) == (200, "application/pdf", b"%PDF-")
    assert (empty.status, empty.body) == (200, b"")


async def test_the_redirects_end_well() -> None:
    article = with_fault("redirects")
    async with reading(FakeClock(), None) as (reader, serving):
        site = f"http://{article.outlet.host}:{serving.port}"
        short = await reader.get(linked_url(article, article.outlet.feeds[0], serving.port))
        former = await reader.get(site + short.headers["Location"])
        page = await reader.get(site + former.headers["Location"])

    assert (short.status, former.status, page.status) == (302, 301, 200)
    assert article.title in unescape(page.body.decode())


async def test_the_unavailable_page_comes_at_the_third_request() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        url = article_url(with_fault("unavailable-twice"), serving.port)
        answers = [await reader.get(url) for _ in range(4)]

    assert [answer.status for answer in answers] == [503, 503, 200, 200]
    assert answers[0].headers["Retry-After"] == "1"


async def test_the_slow_page_takes_two_seconds() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        started = asyncio.get_running_loop().time()
        answer = await reader.get(article_url(with_fault("slow"), serving.port))

    assert answer.status == 200
    assert asyncio.get_running_loop().time() - started >= 1.9


async def test_articles_come_out_over_time(world: World) -> None:
    clock = FakeClock()
    later = next(
        number
        for number, article in enumerate(world.articles)
        if number > 20 and article.outlet.host == HARBOUR
    )
    article = world.articles[later]
    async with reading(clock, later, every=5.0) as (reader, serving):
        url, feed = (
            article_url(article, serving.port),
            feed_url(article.outlet, article.outlet.feeds[0], serving.port),
        )
        before = (await reader.get(url)).status, article.title.encode() in (await reader.get(feed)).body
        clock.advance(4.9)
        nearly = (await reader.get(url)).status, len(await reader.published())
        clock.advance(0.1)
        after = (
            (await reader.get(url)).status,
            feedparser.parse((await reader.get(feed)).body).entries[0].title,
        )
        out = await reader.published()

    assert before == (404, False)
    assert nearly == (404, later)
    assert after == (200, article.title)
    assert len(out) == later + 1
    assert (out[-1]["url"], out[-1]["title"]) == (url, article.title)
    assert datetime.fromisoformat(out[-1]["appeared"]) == START + timedelta(seconds=5)
    assert datetime.fromisoformat(out[0]["appeared"]) == START


async def test_a_restart_begins_with_the_head_start_again() -> None:
    clock = FakeClock()
    async with reading(clock, 5) as (reader, _):
        clock.advance(10)
        assert len(await reader.published()) == 15
    async with reading(clock, 5) as (reader, _):
        assert len(await reader.published()) == 5


async def test_the_published_list_gives_the_expected_result_of_each_article(world: World) -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        out = await reader.published()

    lost = {article_url(with_fault(fault), serving.port) for fault in ("not-found", "pdf", "empty")}
    assert [each["url"] for each in out] == [article_url(article, serving.port) for article in world.articles]
    assert {each["url"] for each in out if each["expected"] == "quarantined"} == lost
    assert {each["expected"] for each in out} == {"indexed", "quarantined"}
    assert {each["outlet"] for each in out} == {outlet.name for outlet in world.outlets}


async def test_an_unchanged_feed_answers_304_to_its_validators() -> None:
    clock = FakeClock()
    async with reading(clock, 30, every=60.0) as (reader, serving):
        url = f"http://{HARBOUR}:{serving.port}/rss.xml"
        clock.advance(2)
        first = await reader.get(url)
        by_tag = await reader.get(url, {"If-None-Match": first.headers["ETag"]})
        by_date = await reader.get(url, {"If-Modified-Since": first.headers["Last-Modified"]})
        other_tag = await reader.get(
            url, {"If-None-Match": 'W/"other"', "If-Modified-Since": first.headers["Last-Modified"]}
        )

    assert first.headers["Last-Modified"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    assert (by_tag.status, by_tag.body) == (304, b"")
    assert by_tag.headers["ETag"] == first.headers["ETag"]
    assert (by_date.status, by_date.body) == (304, b"")
    assert other_tag.status == 200


async def test_a_changed_feed_answers_200_to_its_old_validators(world: World) -> None:
    clock = FakeClock()
    later = next(
        number
        for number, article in enumerate(world.articles)
        if number > 20 and article.outlet.host == HARBOUR
    )
    async with reading(clock, later, every=3.0) as (reader, serving):
        url = f"http://{HARBOUR}:{serving.port}/rss.xml"
        clock.advance(2)
        first = await reader.get(url)
        clock.advance(1)
        by_tag = await reader.get(url, {"If-None-Match": first.headers["ETag"]})
        by_date = await reader.get(url, {"If-Modified-Since": first.headers["Last-Modified"]})

    assert by_tag.status == by_date.status == 200
    assert by_tag.headers["ETag"] != first.headers["ETag"]


async def test_a_feed_that_changed_within_this_second_has_no_last_modified() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        answer = await reader.get(f"http://{HARBOUR}:{serving.port}/rss.xml")

    assert "Last-Modified" not in answer.headers
    assert "ETag" in answer.headers


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate;q=0.5", "gzip"), ("br", None), ("identity", None)]
)
async def test_gzip_is_used_where_it_is_accepted(accepted: str, coding: str | None) -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        for path in ("rss.xml", "", "news/2016/02/09/herring-quota"):
            answer = await reader.get(
                f"http://{HARBOUR}:{serving.port}/{path}", {"Accept-Encoding": accepted}
            )
            assert answer.status == 200
            assert answer.headers.get("Content-Encoding") == coding
            assert b"Harbour Courier" in answer.body


async def test_robots_front_page_and_pictures_are_there() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        robots = await reader.get(f"http://{HARBOUR}:{serving.port}/robots.txt")
        front = await reader.get(f"http://{HARBOUR}:{serving.port}/")
        picture = await reader.get(f"http://{HARBOUR}:{serving.port}/images/sea-wall.svg")

    assert robots.body.startswith(b"User-agent: *\nDisallow: ")
    assert b'rel="alternate"' in front.body
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")


async def test_unknown_hosts_and_paths_are_named() -> None:
    async with reading(FakeClock(), None) as (reader, serving):
        path = await reader.get(f"http://{HARBOUR}:{serving.port}/nowhere")
        host = await reader.get(f"http://nobody.example:{serving.port}/")

    assert (path.status, path.body) == (404, b"Not found: /nowhere\n")
    assert host.status == 404
    assert b"nobody.example" in host.body
    assert HARBOUR.encode() in host.body


async def test_a_host_is_found_without_port_and_in_any_case() -> None:
    async with reading(FakeClock(), None) as (reader, _):
        assert (await reader.get("http://HARBOUR-courier.example/robots.txt")).status == 200


async def test_the_world_says_where_to_connect_and_what_to_read(world: World) -> None:
    async with reading(FakeClock(), None) as (_, serving):
        assert dict(serving.hosts) == {outlet.host: "127.0.0.1" for outlet in world.outlets}
        assert f'xmlUrl="http://{HARBOUR}:{serving.port}/rss.xml"' in serving.opml


async def test_a_port_in_use_is_named() -> None:
    async with reading(FakeClock(), None) as (_, serving):
        with pytest.raises(OSError, match=f"port {serving.port} on 127.0.0.1 is already in use"):
            async with serve(port=serving.port):
                pass
