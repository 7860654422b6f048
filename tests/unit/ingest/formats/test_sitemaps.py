"""Sitemaps read as feeds."""

import gzip
from datetime import UTC, datetime

import pytest

from ingest.formats.feeds import parse_feed
from ingest.formats.items import ParsedFeed
from stream.errors import Reject

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://news.example/maps/news.xml"
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/map.xsl"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url>
    <loc>https://news.example/bridge?a=1&amp;b=2</loc>
    <image:image><image:loc>https://news.example/bridge.jpg</image:loc><image:title>Picture</image:title></image:image>
    <news:news>
      <news:publication><news:name>The Example &amp; Times</news:name><news:language>en</news:language></news:publication>
      <news:publication_date>2026-11-24T09:30:00+02:00</news:publication_date>
      <news:title>Council &lt;votes&gt; for bridge</news:title>
    </news:news>
  </url>
  <url><loc>/relative</loc>
    <news:news><news:publication_date>2026-11-23</news:publication_date><news:title>Second</news:title></news:news></url>
  <url><loc>https://news.example/about</loc></url>
</urlset>"""


def read(text: str | bytes, url: str = URL) -> ParsedFeed:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, "application/xml", "", url, now=NOW)


def test_a_news_sitemap() -> None:
    feed = read(NEWS)
    assert (feed.read_by, feed.title, feed.language) == ("sitemap", "The Example & Times", "en")
    first, second = feed.items
    assert first.url == first.guid == "https://news.example/bridge?a=1&b=2"
    assert first.title == "Council <votes> for bridge"
    assert first.published == datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert (second.url, second.title) == ("https://news.example/relative", "Second")
    assert not feed.incomplete


def test_one_that_is_a_gzip_file() -> None:
    assert read(gzip.compress(NEWS.encode())) == read(NEWS)


def test_a_gzip_file_that_is_a_bomb_or_damaged() -> None:
    with pytest.raises(Reject) as caught:
        read(gzip.compress(bytes(20_000_000)))
    assert caught.value.kind == "too-large"
    with pytest.raises(Reject, match="damaged gzip"):
        read(b"\x1f\x8b\x08" + b"x" * 100)


def test_one_that_broke_off_is_read_up_to_the_break() -> None:
    feed = read(NEWS[: NEWS.index("<url><loc>/relative") + 30])
    assert [item.title for item in feed.items] == ["Council <votes> for bridge"]
    assert feed.incomplete


def test_one_with_bare_ampersands() -> None:
    assert read(NEWS.replace("a=1&amp;b", "a=1&b")).items == read(NEWS).items


def test_recent_changes_of_a_plain_sitemap() -> None:
    pages = "".join(
        f"<url><loc>https://news.example/{day}</loc><lastmod>2026-11-{day}</lastmod></url>"
        for day in (1, 20, 22, 24)
    )
    feed = read(f"<urlset>{pages.replace('-1<', '-01<')}</urlset>")
    assert [item.url[-2:] for item in feed.items] == ["22", "24"]
    assert [item.published for item in feed.items] == [None, None]


def test_a_plain_sitemap_without_dates_is_not_a_source() -> None:
    with pytest.raises(Reject) as caught:
        read("<urlset><url><loc>https://news.example/a</loc></url></urlset>")
    assert caught.value.kind == "sitemap-without-news"


def test_an_index_names_its_latest_parts_those_of_news_first() -> None:
    def index(*names: str) -> str:
        maps = "".join(
            f"<sitemap><loc>/{name}.xml</loc><lastmod>2026-11-{24 - n // 3}</lastmod></sitemap>"
            for n, name in enumerate(names)
        )
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'

    feed = read(index("pages", "news-2", "authors", "news-1"))
    assert feed.parts == ("https://news.example/news-2.xml", "https://news.example/news-1.xml")
    feed = read(index(*"abcdefg"))
    assert feed.parts == tuple(f"https://news.example/{name}.xml" for name in "abcde")
    assert read("<sitemapindex></sitemapindex>").parts == ()


def test_damaged_sitemaps_are_reported() -> None:
    with pytest.raises(Reject, match="a sitemap that is damaged or cut off"):
        read("<urlset><url><loc>https://news.example/")
