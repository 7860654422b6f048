"""How much markup of a feed is read."""

import pytest

from ingest.formats.bounds import (
    MAX_ATTRIBUTES,
    MAX_JSON_VALUES,
    MAX_MENDED,
    MAX_REFERENCES,
    MAX_TAGS,
    has_too_many_values,
    in_memory,
    mendable,
    within_bounds,
)
from ingest.formats.fallback import MAX_FOR_FEEDPARSER
from ingest.formats.feeds import parse_feed
from stream.errors import Reject

ITEM = "<item><title>News</title><link>http://a.example/{}</link></item>"


def test_a_feed_within_bounds_is_read_as_it_is() -> None:
    text = "<a/>" * MAX_TAGS
    assert within_bounds(text) is text


def test_anything_over_the_bounds_is_cut_off() -> None:
    assert within_bounds("<a/>" * (MAX_TAGS + 2)) == "<a/>" * MAX_TAGS
    assert within_bounds("a='' " * (MAX_ATTRIBUTES + 1)) == "a='' " * MAX_ATTRIBUTES + "a"


def test_references_are_counted_where_a_feed_must_be_mended() -> None:
    known = "&amp;" * (MAX_REFERENCES + 2)
    assert mendable(known) == known
    for reference in ("&foo;", "&#233;", "&eacute;", "& "):
        assert mendable(reference * (MAX_REFERENCES + 2)) == reference * MAX_REFERENCES


def test_a_document_is_measured_by_its_memory() -> None:
    assert in_memory("a" * 1000, 2000) == "a" * 1000
    assert 400 < len(in_memory("😀" + "a" * 1000, 2000)) <= 500
    assert len(mendable("a" * (MAX_MENDED + 100))) <= MAX_MENDED


def test_the_first_items_of_a_feed_that_is_too_much_to_mend() -> None:
    items = "".join(map(ITEM.format, range(10))) + "<item><title>" + "&foo;" * 250_000 + "</title></item>"
    feed = parse_feed(
        f"<rss><channel>\x01{items}</channel></rss>".encode(), "text/xml", "utf-8", "http://a.example/"
    )
    assert (feed.read_by, feed.incomplete) == ("repaired", True)
    assert [item.url for item in feed.items] == [f"http://a.example/{n}" for n in range(10)]


def test_an_element_with_more_kinds_of_children_than_a_feed_has() -> None:
    many = "".join(f"<t{n}/>" for n in range(5_000))
    body = f"<rss><channel><item><link>http://a.example/1</link>{many}</item></channel></rss>"
    feed = parse_feed(body.encode(), "text/xml", "utf-8", "http://a.example/")
    assert [item.url for item in feed.items] == ["http://a.example/1"]


def test_the_first_items_of_a_feed_with_too_many_tags_are_read_and_the_rest_reported_missing() -> None:
    body = "<rss><channel>" + "".join(map(ITEM.format, range(40_000))) + "</channel></rss>"
    feed = parse_feed(body.encode(), "text/xml", "utf-8", "http://a.example/")
    assert feed.incomplete
    assert feed.items[0].url == "http://a.example/0"
    assert len(feed.items) == 10_000


def test_the_first_items_of_a_long_feed_that_only_feedparser_reads() -> None:
    faulty = "<item><title>a</b>b</title><link>http://a.example/{}</link></item>"
    count = 2 * MAX_FOR_FEEDPARSER // len(faulty)
    body = "<rss><channel>" + "".join(map(faulty.format, range(count))) + "</channel></rss>"
    feed = parse_feed(body.encode(), "text/xml", "utf-8", "http://a.example/")
    assert feed.read_by == "feedparser"
    assert feed.incomplete
    assert count // 3 < len(feed.items) < count
    assert {item.url for item in feed.items} == {f"http://a.example/{n}" for n in range(len(feed.items))}


def test_json_with_too_many_values_is_refused() -> None:
    assert not has_too_many_values("," * MAX_JSON_VALUES)
    assert has_too_many_values("," * (MAX_JSON_VALUES + 1))
    body = '{"version":"https://jsonfeed.org/version/1","items":[' + "[]," * MAX_JSON_VALUES + "[]]}"
    with pytest.raises(Reject, match="JSON with too many values"):
        parse_feed(body.encode(), "application/json", "utf-8", "http://a.example/")
