"""JSON Feeds that break the rules, as found in practice."""

import json
from typing import Any

import pytest

from ingest.formats.feeds import ParsedFeed, parse_feed

HEAD = {"version": "https://jsonfeed.org/version/1.1", "title": "T"}


def read(text: str) -> ParsedFeed:
    return parse_feed(text.encode(), "application/feed+json", "", "https://harbour.example/feed")


def feed(*items: dict[str, Any], **head: Any) -> str:
    numbered = [
        {"id": str(number), "url": f"https://harbour.example/{number}", **one}
        for number, one in enumerate(items)
    ]
    return json.dumps({**HEAD, **head, "items": numbered})


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (r"a\ud800b", "a\ufffdb"),
        (r"a\udc00b", "a\ufffdb"),
        (r"a\ud83d\ude00b", "a\U0001f600b"),
        (r"a\\ud800b", r"a\ud800b"),
    ],
)
def test_half_a_character_loses_only_that_character(written: str, title: str) -> None:
    (item,) = read(feed({"title": "?"}).replace('"?"', f'"{written}"')).items
    assert item.title == title


@pytest.mark.parametrize("number", ["1e999999", "-1e999999", "NaN", "123456789012345678901234567890"])
def test_a_number_beyond_all_bounds_spoils_nothing(number: str) -> None:
    (item,) = read(feed({"title": "a"}, extra="?").replace('"?"', number)).items
    assert item.title == "a"


def test_a_raw_line_break_in_a_string_spoils_nothing() -> None:
    assert read(feed({"title": "a?b"}).replace("?", "\n")).items[0].title == "a b"


@pytest.mark.parametrize("cut", [1, 2, 20, 60])
def test_complete_items_of_a_truncated_feed_are_read(cut: int) -> None:
    text = feed({"title": "a"}, {"title": "b"}, {"title": "c" * 100})
    found = read(text[:-cut])
    titles = [item.title for item in found.items]
    assert titles[:2] == ["a", "b"]
    assert found.incomplete


def test_a_feed_truncated_in_its_first_item_is_refused() -> None:
    with pytest.raises(Exception, match="damaged JSON"):
        read(feed({"title": "a"})[:-20])


@pytest.mark.parametrize("authors", [{"name": "Ann"}, [{"name": "Ann"}], [{"name": "Ann"}, {"url": "x"}]])
@pytest.mark.parametrize("at", ["feed", "item"])
def test_authors_as_one_object(authors: Any, at: str) -> None:
    text = feed({"title": "a"}, authors=authors) if at == "feed" else feed({"title": "a", "authors": authors})
    assert read(text).items[0].author == "Ann"
