"""A past period is worked through: a made-up site, whose requests are counted, and a real log."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from samples.alerts import article

from index.embedded.store import EmbeddedStore
from ingest.fetching.politeness import HostGate
from ingest.fetching.robots import Robots
from ingest.http.response import Response
from stream.errors import Reject
from stream.log.base import Log
from stream.messages import Entry, article_id, decode
from wirewatch.composition.backfilling import Backfiller, Period
from wirewatch.topics import BACKFILL

JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
SITE = "https://news.example"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*pages: tuple[str, str]) -> str:
    listed = "".join(f"<url><loc>{SITE}/{name}</loc><lastmod>{day}</lastmod></url>" for name, day in pages)
    return f"<urlset {NS}>{listed}</urlset>"


def index(*parts: tuple[str, str]) -> str:
    listed = "".join(
        f"<sitemap><loc>{SITE}/{name}</loc><lastmod>{day}</lastmod></sitemap>" for name, day in parts
    )
    return f"<sitemapindex {NS}>{listed}</sitemapindex>"


def atom(name: str, day: str, older: str = "") -> str:
    link = f'<link rel="prev-archive" href="{older}"/>' if older else ""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Herald</title>{link}<entry><id>{name}</id><title>{name}</title>'
        f'<link href="{SITE}/{name}"/><published>{day}T10:00:00Z</published></entry></feed>'
    )


WITH_SITEMAPS = {
    "/": "<html><body>News</body></html>",
    "/robots.txt": f"User-agent: *\nDisallow: /secret\nSitemap: {SITE}/maps.xml\nSitemap: nonsense://",
    "/maps.xml": index(
        ("dec.xml", "2025-12-31"),
        ("jan.xml", "2026-01-31"),
        ("secret.xml", "2026-01-31"),
        ("gone.xml", "2026-02-02"),
    ),
    "/dec.xml": urlset(("d", "2025-12-30")),
    "/jan.xml": urlset(
        ("a", "2026-01-01"), ("b", "2026-01-31T23:59:59Z"), ("c", "2026-02-01"), ("undated", "")
    ),
    "/secret.xml": urlset(("s", "2026-01-05")),
}
WITH_ARCHIVE = {
    "/feed": atom("new", "2026-02-10", f"{SITE}/2"),
    "/2": atom("mid", "2026-01-10", f"{SITE}/3"),
    "/3": atom("old", "2025-12-10", f"{SITE}/4"),
    "/4": atom("older", "2025-11-10"),
}


class Web:
    """A site; notes what it is asked for."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self._pages = pages
        self.asked: list[str] = []

    async def get(self, url: str) -> Response:
        self.asked.append(url.removeprefix(SITE))
        body = self._pages.get(url.removeprefix(SITE))
        return Response(
            url=url, status=200 if body is not None else 404, headers={}, content_type="", charset="",
            body=(body or "").encode(), permanent=False,
        )  # fmt: skip


def worker(
    log: Log,
    web: Web,
    store: EmbeddedStore | None = None,
    stop: asyncio.Event | None = None,
    period: Callable[[datetime], Period] = lambda _: JANUARY,
) -> Backfiller:
    return Backfiller(
        log,
        store,
        web.get,
        HostGate(0.0),
        Robots(web.get, "wirewatch"),
        100,
        period,
        "January",
        lambda *_: stop and stop.set(),
    )


def handed_over(log: Log) -> list[Entry]:
    with log.consumer("backfill", BACKFILL.name) as consumer:
        return sorted((decode(one.value, Entry) for one in consumer.poll(100, 0)), key=lambda one: one.url)


async def test_the_sitemaps_of_a_site(log: Log) -> None:
    web = Web(WITH_SITEMAPS)
    done = await worker(log, web).run(f"{SITE}/", asyncio.Event(), anew=False)
    assert "/dec.xml" not in web.asked
    assert "/secret.xml" not in web.asked
    assert (done.entries, done.known, done.undated, done.unreadable, done.over) == (2, 0, 1, 2, True)
    found = handed_over(log)
    assert [one.url for one in found] == [f"{SITE}/a", f"{SITE}/b"]
    assert all(one.backfill and one.key == "news.example" and one.source == "news.example" for one in found)
    asked = len(web.asked)
    assert await worker(log, web).run(f"{SITE}/", asyncio.Event(), anew=False) == done
    assert len(web.asked) == asked


async def test_the_archive_of_a_feed_up_to_where_it_is_older(log: Log) -> None:
    web = Web(WITH_ARCHIVE)
    done = await worker(log, web).run(f"{SITE}/feed", asyncio.Event(), anew=False)
    assert (done.entries, done.over) == (1, True)
    (entry,) = handed_over(log)
    assert (entry.url, entry.title, entry.source, entry.published) == (
        f"{SITE}/mid",
        "mid",
        "Herald",
        datetime(2026, 1, 10, 10, tzinfo=UTC),
    )
    assert "/4" not in web.asked


async def test_what_was_stopped_goes_on_without_handing_over_twice(log: Log) -> None:
    web, stop = Web({**WITH_ARCHIVE, "/feed": atom("first", "2026-01-20", f"{SITE}/2")}), asyncio.Event()
    done = await worker(log, web, stop=stop).run(f"{SITE}/feed", stop, anew=False)
    assert (done.entries, done.over) == (1, False)
    done = await worker(log, web).run(f"{SITE}/feed", asyncio.Event(), anew=False)
    assert (done.entries, done.over) == (2, True)
    assert [one.title for one in handed_over(log)] == ["first", "mid"]


async def test_a_period_up_to_now_goes_on_as_it_was_and_is_another_one_once_it_is_over(log: Log) -> None:
    begins = iter(range(100))

    def grows(asked: datetime) -> Period:  # never the same one twice
        return Period(JANUARY.since, max(asked, JANUARY.until) + timedelta(seconds=next(begins)))

    web, stop = Web({**WITH_ARCHIVE, "/feed": atom("first", "2026-01-20", f"{SITE}/2")}), asyncio.Event()
    await worker(log, web, stop=stop, period=grows).run(f"{SITE}/feed", stop, anew=False)
    done = await worker(log, web, period=grows).run(f"{SITE}/feed", asyncio.Event(), anew=False)
    assert (done.entries, done.over) == (2, True)
    assert [one.title for one in handed_over(log)] == ["first", "mid"]
    again = worker(log, web, period=grows)
    assert again.finished(f"{SITE}/feed") is None
    assert (await again.run(f"{SITE}/feed", asyncio.Event(), anew=False)).began > done.began
    assert worker(log, web).finished(f"{SITE}/feed"), "a fixed one was made"


async def test_what_the_archive_has_is_left_out(tmp_path: Path, log: Log) -> None:
    one = article(1)
    known = msgspec.structs.replace(one.article, id=article_id(f"{SITE}/a"), url=f"{SITE}/a")
    with EmbeddedStore.open(tmp_path / "index") as store:
        store.add(msgspec.structs.replace(one, article=known))
        store.flush()
        done = await worker(log, Web(WITH_SITEMAPS), store).run(f"{SITE}/", asyncio.Event(), anew=False)
    assert (done.entries, done.known) == (1, 1)


async def test_a_site_without_either_is_reported(log: Log) -> None:
    with pytest.raises(Reject, match="names no sitemap"):
        await worker(log, Web({"/": "<html></html>"})).run(f"{SITE}/", asyncio.Event(), anew=False)


async def test_documents_that_lead_to_each_other_end(log: Log) -> None:
    pages = {"/feed": atom("a", "2026-01-10", f"{SITE}/2"), "/2": atom("b", "2026-01-09", f"{SITE}/feed")}
    done = await worker(log, Web(pages)).run(f"{SITE}/feed", asyncio.Event(), anew=False)
    assert (done.entries, done.over) == (2, True)
