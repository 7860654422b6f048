"""What sitemaps and feeds list of their past."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from ingest.formats.catalogues import Listed, Part, older_page, read_catalogue
from ingest.formats.items import Source
from stream.errors import Reject

SOURCE = Source("https://news.example/sitemap.xml", "text/xml", datetime(2026, 3, 1, tzinfo=UTC))
MAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://news.example/a</loc><lastmod>2026-02-03T04:05:06Z</lastmod></url>
<url><loc>/b</loc><news:news><news:publication_date>2026-01-02</news:publication_date></news:news><lastmod>2026-02-09</lastmod></url>
<url><loc>https://news.example/2025/12/24/c</loc></url>
<url><loc>https://news.example/about</loc></url>
<url><loc>javascript:alert(1)</loc></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://news.example/1.xml.gz</loc>
<lastmod>2026-01-31</lastmod></sitemap><sitemap><loc>2.xml</loc></sitemap></sitemapindex>"""


@pytest.mark.parametrize("body", [MAP, gzip.compress(MAP)], ids=["plain", "gzip"])
def test_every_page_with_its_date(body: bytes) -> None:
    found = read_catalogue(body, "", SOURCE)
    assert found
    assert found.pages == (
        Listed("https://news.example/a", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
        Listed("https://news.example/b", datetime(2026, 1, 2, tzinfo=UTC)),
        Listed("https://news.example/2025/12/24/c", datetime(2025, 12, 24, tzinfo=UTC)),
        Listed("https://news.example/about", None),
    )


def test_an_index_names_its_parts() -> None:
    found = read_catalogue(INDEX, "", SOURCE)
    assert found
    assert found.parts == (
        Part("https://news.example/1.xml.gz", datetime(2026, 1, 31, tzinfo=UTC)),
        Part("https://news.example/2.xml", None),
    )


def test_a_page_is_no_sitemap() -> None:
    assert read_catalogue(b"<html><body>sitemap</body></html>", "", SOURCE) is None


def test_a_damaged_sitemap_is_refused() -> None:
    with pytest.raises(Reject, match="damaged"):
        read_catalogue(MAP[:300], "", SOURCE)


def test_no_entity_is_expanded() -> None:
    bomb = b'<!DOCTYPE urlset [<!ENTITY a "aaaa">]><urlset><url><loc>https://news.example/&a;</loc></url></urlset>'
    try:
        found = read_catalogue(bomb, "", SOURCE)
    except Reject:
        return
    assert found is None or "aaaa" not in str(found.pages)


def atom(*links: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(links)}<title>A</title></feed>'.encode()


@pytest.mark.parametrize(
    ("body", "older"),
    [
        (atom('<link rel="next" href="/n"/>', '<link rel="prev-archive" href="/2025"/>'), "https://news.example/2025"),
        (atom('<link rel="next" href="?page=2"/>'), "https://news.example/feed?page=2"),
        (atom('<link rel="self" href="/feed"/>'), ""),
        (atom('<link rel="next" href="file:///etc/passwd"/>'), ""),
        (b'<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="next" href="/2"/></channel></rss>',
         "https://news.example/2"),
        (json.dumps({"next_url": "https://news.example/feed.json?2"}).encode(), "https://news.example/feed.json?2"),
        (json.dumps({"next_url": 7}).encode(), ""),
        (b"{" * 100_000, ""),
        (b"<rss", ""),
    ],
)  # fmt: skip
def test_the_page_with_older_items(body: bytes, older: str) -> None:
    assert older_page(body, "", "https://news.example/feed") == older
