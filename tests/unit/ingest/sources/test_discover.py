import pytest
from endless import must_end
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.discover import MAX_FOUND, FoundFeed, find_feeds

URL = "https://site.example/news/"


def urls(page: str) -> list[str]:
    return [feed.url for feed in find_feeds(page.encode(), URL)]


def test_a_declared_feed_is_found() -> None:
    page = b"""<?xml version="1.0" encoding="UTF-8"?><!doctype html>
    <html><head>
    <link rel="ALTERNATE stylesheet" type="application/rss+xml; charset=utf-8" title="Caf&eacute; news" href="../rss">
    </head></html>"""
    assert find_feeds(page, URL) == [
        FoundFeed(url="https://site.example/rss", title="Café news", declared=True)
    ]


@pytest.mark.parametrize(
    "kind", ["application/rss+xml", "application/atom+xml", "application/feed+json", "text/xml"]
)
def test_the_types_of_feeds(kind: str) -> None:
    assert urls(f'<link rel="alternate" type="{kind}" href="/f">') == ["https://site.example/f"]


@pytest.mark.parametrize(
    "other",
    [
        '<link rel="stylesheet" href="/rss.css">',
        '<link rel="alternate" hreflang="de" href="/de">',
        '<link rel="alternate" type="application/json" href="/wp-json/1">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:x">',
        '<a href="/about">About</a>',
        '<a href="mailto:rss@site.example">RSS</a>',
        '<a href="/feedback">Feedback</a>',
        "",
        "just text",
    ],
)
def test_other_links_are_not_feeds(other: str) -> None:
    assert urls(other) == []


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="/feed">here</a>', "https://site.example/feed"),
        ('<a href="/feed/?x=1">here</a>', "https://site.example/feed/?x=1"),
        ('<a href="https://feeds.example/world.rss">World</a>', "https://feeds.example/world.rss"),
        ('<a href="/blog/index.xml">x</a>', "https://site.example/blog/index.xml"),
        ('<a href="/service/17"><img alt=""> RSS</a>', "https://site.example/service/17"),
    ],
)
def test_plain_links_to_feeds(link: str, expected: str) -> None:
    assert urls(link) == [expected]


def test_the_likeliest_comes_first_and_each_once() -> None:
    page = """<link rel=alternate type=application/rss+xml title="Comments" href="/comments/feed">
    <a href="/rss.xml">RSS</a>
    <link rel=alternate type=application/rss+xml title="News" href="/news.rss"><a href="/news.rss#x">RSS</a>"""
    assert urls(page) == [
        f"https://site.example{path}" for path in ("/news.rss", "/rss.xml", "/comments/feed")
    ]


def test_the_base_of_the_page_counts() -> None:
    assert urls('<base href="https://other.example/x/"><a href="feed">x</a>') == [
        "https://other.example/x/feed"
    ]
    assert urls('<base href="javascript:x"><a href="feed">x</a>') == ["https://site.example/news/feed"]


def test_a_hostile_page_stalls_nothing() -> None:
    with must_end():
        assert len(urls("".join(f'<a href="/{n}.rss">RSS</a>' for n in range(20_000)))) == MAX_FOUND
        assert urls("<div>" * 300_000) == []
        assert urls("<" * 3_000_000) == []


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(page: bytes) -> None:
    assert all(feed.url.startswith("http") for feed in find_feeds(page + b'<a href="/feed">x', URL))
