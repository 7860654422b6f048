from datetime import UTC, datetime

import pytest

from ingest.formats.feeds import parse_feed
from ingest.formats.items import Item, ParsedFeed
from stream.errors import Reject

NOW = datetime(2026, 3, 15, tzinfo=UTC)
HEAD = "<rss version='2.0'><channel><title>T</title>"
FIRST = "<item><title>One</title><link>https://a.example/1</link><guid>g1</guid></item>"


def read(text: str) -> ParsedFeed:
    return parse_feed(text.encode(), "application/rss+xml", "", "https://user:secret@a.example/feed", now=NOW)


def last_of(broken: str) -> Item | None:
    """The result for a truncated item after a complete one."""
    feed = read(HEAD + FIRST + broken)
    assert (feed.incomplete, feed.items[0].guid) == (True, "g1")
    assert len(feed.items) <= 2
    return feed.items[1] if len(feed.items) == 2 else None


@pytest.mark.parametrize(
    "broken",
    [
        "<item><title>Two</title><link>https://a.example/2</link><description>The port is clo",
        "<item><title>Two</title><link>https://a.example/2</link><description><![CDATA[The <b>port</b> is clo",
        "<item><title>Two</title><link>https://a.example/2</link><description>The <br> port</description><author>An",
        "<item><title>Two</title><link>https://a.example/2</link><!-- new --><pubDate>Mon, 14",
        "<item><title>Two</title><link>https://a.example/2</link>\n",
        "<item><title>Two</title><guid>https://a.example/2</guid><description>The",
        "<item ><title>Two</title><link>https://a.example/2</link><media:group xmlns:media='m'><media:title>x</media:title>",
        "<entry><title>Two</title><link href='https://a.example/2'/><summary>The",
    ],
)
def test_an_item_that_breaks_off_after_its_address_is_kept(broken: str) -> None:
    item = last_of(broken)
    assert item is not None
    assert (item.title, item.url, item.guid) == ("Two", "https://a.example/2", "https://a.example/2")


def test_complete_parts_of_a_truncated_item_are_read_and_the_rest_is_not() -> None:
    item = last_of(
        "<item><title>A &amp; B</title><link>https://a.example/2</link><guid>g2</guid><description>Th"
    )
    assert item == Item(guid="g2", url="https://a.example/2", title="A & B")


@pytest.mark.parametrize(
    "broken",
    [
        "<ite",
        "<item>",
        "<item><title>Tw",
        "<item><title>Two</title>",
        "<item><title>Two</title><link>https://a.example/2",
        "<item><title>Two</title><link>https://a.example/2</link><guid>g",
        "<item><title>Two</title><link>https://a.example/2</link><gu",
        "<item><title>Two</title><link>https://a.example/2</link><",
        "<item><title>Two</title><guid>https://a.example/2</guid><link>https://a.exam",
        "<item><title>Two</title><guid isPermaLink='false'>g2</guid><description>The",
        "<item><title>Two</title><guid>g2</guid><description>&lt;link&gt;https://a.example/9&lt;/link&gt; The",
        "<item><title>Two</title><description><![CDATA[<link>https://a.example/9</link>]]></description><author>An",
        "<item><title>Two</title><!-- <link>https://a.example/9</link> --><author>An",
        "<item><title>Two</title></b><link>https://a.example/2</link><author>An",
        "<item><title>Two</title><link>https://a.example/2</link><o:origLink xmlns:o='o'>https://b",
        "<entry><title>Two</title><link rel='enclosure' href='https://a.example/2.mp3'/><id>g2</id><summary>The",
    ],
)
def test_an_item_that_breaks_off_in_or_before_its_address_is_left_for_the_next_poll(broken: str) -> None:
    assert last_of(broken) is None


def test_a_feed_that_breaks_off_in_its_first_item_has_that_item() -> None:
    feed = read(HEAD + FIRST.removesuffix("</item>") + "<description>The")
    assert ([item.guid for item in feed.items], feed.incomplete) == (["g1"], True)


@pytest.mark.parametrize("text", [HEAD, HEAD + "<item><title>One", HEAD + FIRST[: FIRST.index("</link>")]])
def test_a_feed_truncated_before_its_first_address_is_unreadable(text: str) -> None:
    with pytest.raises(Reject, match=r"https://a\.example/feed is cut off before its first item") as caught:
        read(text)
    assert caught.value.kind == "feed-unreadable"
