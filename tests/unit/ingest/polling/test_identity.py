"""Items are distinguished even if they share a page, or have none."""

import msgspec
import pytest
from samples.feeds import FEED, FRESH, NOW, URL, after, item, parsed

from ingest.formats.feeds import Item
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.sources.feed import Feed
from stream.messages import Entry

PAGE = "https://harbour.example/live"
TEXT = "<p>" + "The bridge is closed until further notice, the harbour office said. " * 12 + "</p>"


def found(state: FeedState, *items: Item, feed: Feed = FEED) -> list[Entry]:
    return list(news(feed, state, parsed(*items), [], NOW).entries)


def post(name: str, fragment: str = "", text: str = TEXT, **fields: str) -> Item:
    """One of several items of a page."""
    return item(name, url=PAGE + fragment, content_html=text and f"<p>{name}</p>{text}", **fields)


def test_items_of_one_page_that_differ_by_fragment_are_articles_at_their_fragments() -> None:
    entries = found(FRESH, post("b", "#b"), post("a", "#a"))
    assert {entry.address for entry in entries} == {f"{PAGE}#a", f"{PAGE}#b"}
    assert {entry.url for entry in entries} == {f"{PAGE}#a", f"{PAGE}#b"}
    assert {entry.key for entry in entries} == {"harbour.example"}


def test_items_of_one_page_that_differ_by_id_are_articles_at_addresses_made_for_them() -> None:
    one, two = found(FRESH, post("b"), post("a"))
    assert one.address != two.address
    assert all(entry.address.startswith(f"{PAGE}#item-") for entry in (one, two))


def test_items_of_one_page_that_differ_by_text_alone_are_several() -> None:
    entries = found(FRESH, post("b", guid=PAGE), post("a", guid=PAGE), post("c", guid=PAGE))
    assert len({entry.address for entry in entries}) == 3


@pytest.mark.parametrize("fragments", [("#a", "#b", "#c"), ("", "", "")])
def test_a_later_item_of_the_page_is_new_once(fragments: tuple[str, ...]) -> None:
    a, b, c = (post(name, fragment) for name, fragment in zip("abc", fragments, strict=True))
    state = after(FRESH, parsed(b, a))
    (entry,) = found(state, c, b, a)
    assert entry.title == "c"
    assert found(after(state, parsed(c, b, a)), c, b) == []


def test_a_later_item_is_new_also_where_it_stands_alone() -> None:
    state = after(FRESH, parsed(post("b"), post("a")))
    (entry,) = found(state, post("c"))
    assert (entry.title, bool(entry.address)) == ("c", True)


def test_the_page_is_fetched_for_the_first_item_that_has_no_text_of_its_own() -> None:
    entries = {entry.title: entry for entry in found(FRESH, post("b", text=""), post("a", text=""))}
    assert (entries["b"].url, entries["b"].address) == (PAGE, "")
    assert entries["a"].address.startswith(f"{PAGE}#item-")
    state = after(FRESH, parsed(post("b", text=""), post("a", text="")))
    (later,) = found(state, post("c", text=""), post("b", text=""), post("a", text=""))
    assert later.address.startswith(f"{PAGE}#item-")


def test_the_same_item_twice_is_one() -> None:
    again = msgspec.structs.replace(post("a"), guid="other")
    (entry,) = found(FRESH, post("a"), again)
    assert (entry.url, entry.address) == (PAGE, "")


def test_items_of_another_sites_page_live_in_their_feed() -> None:
    feed = msgspec.structs.replace(FEED, site="")
    entries = found(FRESH, post("b", "#b"), post("a"), feed=feed)
    assert len({entry.address for entry in entries}) == 2
    assert all(entry.address.startswith(f"{URL}#item-") for entry in entries)
    assert {entry.key for entry in entries} == {"feeds.example"}


def test_an_item_without_an_address_lives_in_its_feed() -> None:
    feed = msgspec.structs.replace(FEED, url="https://desk:secret@feeds.example/a?api_key=s3cret")
    (entry,) = found(FRESH, item("a", url=""), feed=feed)
    assert entry.address.startswith("https://feeds.example/a#item-")
    assert "s3cret" not in entry.address
    assert entry.key == "feeds.example"


@pytest.mark.parametrize(
    "url", ["", f"{PAGE}?q={'a' * 9_000}", "http://no host/", "mailto:desk@harbour.example"]
)
def test_an_item_whose_address_can_not_be_fetched_is_found_once(url: str) -> None:
    one = item("a", url=url)
    (entry,) = found(FRESH, one)
    assert entry.address
    assert found(after(FRESH, parsed(one)), one) == []


def test_an_item_with_a_file_is_at_its_file() -> None:
    (entry,) = found(FRESH, item("a", url="", enclosure="https://harbour.example/talks.mp3"))
    assert entry.address == entry.url == "https://harbour.example/talks.mp3"
