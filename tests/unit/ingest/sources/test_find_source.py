"""Finding what to poll at a site."""

import pytest

from ingest.http.response import Response
from ingest.sources.find_source import MAX_REQUESTS, find_source
from stream.errors import Reject, RetryLater

SITE = "https://a.example"
RSS = b"<rss><channel><title>A</title><item><title>x</title><link>https://a.example/x</link></item></channel></rss>"
EMPTY = b"<rss><channel><title>A</title></channel></rss>"
NEWS = (
    b'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/x</loc>'
    b"<n:news><n:title>x</n:title></n:news></url></urlset>"
)


class Site:
    """Answers from a table, by path; anything else is 404."""

    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def get(self, url: str) -> Response:
        path = url.removeprefix(SITE)
        self.asked.append(path)
        body = self.pages.get(path, b"")
        return Response(
            url=url,
            status=200 if body else 404,
            headers={},
            content_type="",
            charset="",
            body=body,
            permanent=False,
        )

    async def find(self, path: str = "/") -> str:
        return (await find_source(self.get, SITE + path)).url.removeprefix(SITE)


async def test_a_feed_itself() -> None:
    site = Site({"/f": RSS})
    assert await site.find("/f") == "/f"
    assert site.asked == ["/f"]


async def test_the_feeds_that_a_page_names_and_of_those_the_first_that_has_items() -> None:
    html = b"<link rel=alternate type=application/rss+xml href=/gone><link rel=feed href=/empty><link rel=feed href=/good>"
    site = Site({"/": html, "/empty": EMPTY, "/good": RSS})
    found = await find_source(site.get, f"{SITE}/")
    assert found.url == f"{SITE}/good"
    assert [url for url, _ in found.others] == [f"{SITE}/gone", f"{SITE}/empty"]
    assert site.asked == ["/", "/gone", "/empty", "/good"]


async def test_an_empty_feed_is_better_than_none() -> None:
    assert await Site({"/": b"<link rel=feed href=/empty>", "/empty": EMPTY}).find() == "/empty"


async def test_the_front_page_names_feeds_that_a_section_does_not() -> None:
    assert (
        await Site({"/politics": b"<p>x", "/": b"<link rel=feed href=/f>", "/f": RSS}).find("/politics")
        == "/f"
    )


@pytest.mark.parametrize("path", ["/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss"])
async def test_a_feed_that_nobody_names(path: str) -> None:
    assert await Site({"/": b"<p>x", path: RSS}).find() == path


async def test_a_news_sitemap_where_there_is_no_feed() -> None:
    robots = b"User-agent: *\nDisallow: /x\nSitemap: https://a.example/all.xml\nSitemap: /news.xml\nSitemap: ftp://x/"
    site = Site({"/": b"<p>x", "/robots.txt": robots, "/news.xml": NEWS, "/all.xml": NEWS})
    assert await site.find() == "/news.xml"
    assert "/all.xml" not in site.asked


async def test_an_index_of_sitemaps_is_one_source() -> None:
    index = b"<sitemapindex><sitemap><loc>https://a.example/part.xml</loc></sitemap></sitemapindex>"
    site = Site({"/": b"<p>x", "/sitemap.xml": index, "/part.xml": NEWS})
    found = await find_source(site.get, f"{SITE}/")
    assert found.url == f"{SITE}/sitemap.xml"
    assert len(found.feed.items) == 1


async def test_nothing_is_found_with_a_bounded_number_of_requests() -> None:
    many = b"<html>" + b"".join(b"<link rel=feed href=/%d>" % number for number in range(100))
    robots = b"".join(b"Sitemap: https://a.example/%d.xml\n" % number for number in range(1000))
    site = Site({"/s": many, "/": many, "/robots.txt": robots})
    with pytest.raises(Reject) as caught:
        await site.find("/s")
    assert caught.value.kind == "no-feed"
    assert "is not a feed (https://a.example/s is a web page, not a feed)" in caught.value.reason
    assert len(site.asked) <= MAX_REQUESTS + 1
    assert len(site.asked) == len(set(site.asked))


async def test_the_url_itself_must_answer() -> None:
    with pytest.raises(Reject, match="the server answered 404"):
        await Site({}).find("/nothing")


async def test_failures_on_the_way_are_skipped() -> None:
    site = Site({"/": b"<link rel=feed href=/slow><link rel=feed href=/f>", "/f": RSS})

    async def get(url: str) -> Response:
        if url.endswith("/slow"):
            raise RetryLater("timeout", "x")
        return await site.get(url)

    assert (await find_source(get, f"{SITE}/")).url == f"{SITE}/f"
