import json
from xml.etree import ElementTree as ET

import feedparser
import pytest

from demo.addresses import linked_url
from demo.feeds import WINDOW, listed, render_feed, render_opml
from demo.world import Feed, Outlet, World, bundled

PORT = 8765
VERSIONS = {"rss2": "rss20", "rss1": "rss10", "atom": "atom10"}

WORLD = bundled()
FEEDS = [pytest.param(outlet, feed, id=outlet.key) for outlet in WORLD.outlets for feed in outlet.feeds]
XML_FEEDS = [
    pytest.param(outlet, feed, id=outlet.key)
    for outlet in WORLD.outlets
    for feed in outlet.feeds
    if feed.format != "json"
]


@pytest.fixture
def world() -> World:
    return WORLD


def entries(outlet: Outlet, feed: Feed, world: World) -> list[tuple[str, str]]:
    """Title and link of each item, as a parser reads them."""
    body = render_feed(outlet, feed, world.articles, PORT)
    if feed.format == "json":
        return [(item["title"], item["url"]) for item in json.loads(body)["items"]]
    parsed = feedparser.parse(body)
    assert parsed.version == VERSIONS[feed.format]
    assert bool(parsed.bozo) == feed.damaged
    return [(entry.title, entry.link) for entry in parsed.entries]


@pytest.mark.parametrize(("outlet", "feed"), FEEDS)
def test_every_feed_parses_and_lists_its_articles_newest_first(
    outlet: Outlet, feed: Feed, world: World
) -> None:
    own = [article for article in reversed(world.articles) if article.outlet is outlet]
    expected = [
        (article.title, linked_url(article, feed, PORT))
        for article in own
        if not feed.sections or article.section in feed.sections
    ]

    assert expected
    assert entries(outlet, feed, world) == expected


@pytest.mark.parametrize(("outlet", "feed"), FEEDS)
def test_an_empty_feed_is_still_a_feed(outlet: Outlet, feed: Feed) -> None:
    body = render_feed(outlet, feed, (), PORT)

    title = json.loads(body)["title"] if feed.format == "json" else feedparser.parse(body).feed.title
    assert title == feed.title


@pytest.mark.parametrize(("outlet", "feed"), XML_FEEDS)
def test_only_the_damaged_feed_is_not_well_formed(outlet: Outlet, feed: Feed, world: World) -> None:
    body = render_feed(outlet, feed, world.articles, PORT)

    if feed.damaged:
        with pytest.raises(ET.ParseError):
            ET.fromstring(body)
    else:
        assert ET.fromstring(body) is not None


def test_the_damaged_feed_shows_each_of_its_faults(world: World) -> None:
    outlet = world.by_host["the-broken-bugle.example"]

    text = render_feed(outlet, outlet.feeds[0], world.articles, PORT).decode()

    assert " & " in text
    assert "&ndash;" in text
    last = text.rpartition("<item>")[2]
    assert "</link>" in last
    assert "</guid>" in last
    assert "<description>" in last
    assert "</description>" not in last


def test_two_feeds_of_one_outlet_overlap(world: World) -> None:
    outlet = world.by_host["global-desk.example"]
    first, second = (
        {article.slug for article in listed(outlet, feed, world.articles)} for feed in outlet.feeds
    )

    assert first & second
    assert first != second


def test_a_feed_shows_only_the_newest(world: World) -> None:
    outlet = world.outlets[0]
    many = [article for article in world.articles if article.outlet is outlet] * 4

    shown = listed(outlet, outlet.feeds[0], many)

    assert len(shown) == WINDOW < len(many)
    assert shown == many[::-1][:WINDOW]


def test_no_outlet_has_more_articles_than_a_feed_shows(world: World) -> None:
    for outlet in world.outlets:
        assert sum(article.outlet is outlet for article in world.articles) <= WINDOW


def test_the_opml_lists_every_feed_in_two_folders(world: World) -> None:
    root = ET.fromstring(render_opml(world, PORT))
    folders = root.findall("./body/outline")
    listed_feeds = root.findall("./body/outline/outline")

    assert root.get("version") == "2.0"
    assert len(folders) == 2
    assert sorted(
        (each.get("xmlUrl"), each.get("title"), each.get("language"), each.get("country"))
        for each in listed_feeds
    ) == sorted(
        (f"http://{outlet.host}:{PORT}{feed.path}", feed.title, outlet.language, outlet.country)
        for outlet in world.outlets
        for feed in outlet.feeds
    )
