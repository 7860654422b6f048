from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.feeds import FEED, FRESH, NOW, POLICY, URL, after, item, parsed

from ingest.formats.feeds import Item, ParsedFeed
from ingest.polling.decide import Read, Validators, next_state
from ingest.polling.feed_state import HASH_BYTES, FeedState, known_hashes
from ingest.polling.item_keys import KNOWN_KEPT
from ingest.polling.news import news
from ingest.sources.feed import Feed
from stream.messages import decode, encode


def found_urls(state: FeedState, feed: ParsedFeed, *others: FeedState) -> list[str]:
    return [entry.url for entry in news(FEED, state, feed, others, NOW).entries]


def test_an_entry_says_all_that_is_known() -> None:
    feed = parsed(
        item("one", url="https://harbour.example/one?utm_source=rss#x", summary="S", author="Ann", guid="g1")
    )
    (entry,) = news(FEED, FRESH, feed, [], NOW).entries
    assert entry.url == "https://harbour.example/one"
    assert (entry.key, entry.feed, entry.source, entry.guid) == (
        "harbour.example",
        URL,
        "Harbour Courier",
        "g1",
    )
    assert (entry.title, entry.summary, entry.author, entry.language, entry.seen) == (
        "one",
        "S",
        "Ann",
        "en",
        NOW,
    )


def test_feed_and_host_fill_in_for_missing_data_in_the_list() -> None:
    bare = Feed(url=URL)
    (entry,) = news(bare, FRESH, parsed(item("one")), [], NOW).entries
    assert (entry.source, entry.language) == ("The feed", "en-GB")
    (entry,) = news(bare, FRESH, msgspec.structs.replace(parsed(item("one")), title=""), [], NOW).entries
    assert entry.source == "harbour.example"


def test_an_item_is_new_once() -> None:
    state = after(FRESH, parsed(item("one"), item("two")))
    assert state.items == 2
    assert found_urls(state, parsed(item("three"), item("one"), item("two"))) == [
        "https://harbour.example/three"
    ]


@pytest.mark.parametrize(
    "again",
    [
        item("one", url="https://harbour.example/moved"),
        item("other-id", url="https://HARBOUR.example/one?utm_campaign=x"),
        item("one", title="Changed"),
    ],
)
def test_id_or_address_makes_an_item_known(again: Item) -> None:
    assert found_urls(after(FRESH, parsed(item("one"))), parsed(again)) == []


def test_an_article_is_new_once_at_its_host() -> None:
    other = msgspec.structs.replace(
        after(FRESH, parsed(item("one", guid="x"))), url="https://feeds.example/b"
    )
    assert found_urls(FRESH, parsed(item("one"), item("two")), other) == ["https://harbour.example/two"]


def test_another_feeds_ids_mean_nothing() -> None:
    other = msgspec.structs.replace(after(FRESH, parsed(item("1"))), url="https://feeds.example/b")
    mine = item("1", url="https://harbour.example/else")
    assert found_urls(FRESH, parsed(mine), other) == ["https://harbour.example/else"]


def test_an_item_twice_in_one_feed_is_one_entry() -> None:
    again = item("two", title="one", url="https://harbour.example/one#b")
    assert found_urls(FRESH, parsed(item("one"), again)) == ["https://harbour.example/one"]


def test_an_id_shared_by_all_items_hides_none() -> None:
    feed = parsed(item("a", guid="0"), item("b", guid="0"))
    assert len(found_urls(FRESH, feed)) == 2
    assert found_urls(
        after(FRESH, feed), parsed(item("a", guid="0"), item("b", guid="0"), item("c", guid="0"))
    ) == ["https://harbour.example/c"]


def test_items_with_nothing_in_them_are_counted_once() -> None:
    feed = parsed(item("a", url="", title=""), item("b", url="", guid="", title=""), item("c"))
    state = after(FRESH, feed)
    assert (state.items, state.unusable) == (3, 2)
    assert news(FEED, state, feed, [], NOW).unusable == 0


def test_what_left_the_feed_is_remembered_within_bounds() -> None:
    many = [item(f"n{n}") for n in range(KNOWN_KEPT)]
    state = after(FRESH, parsed(*many))
    assert len(state.known) == 2 * KNOWN_KEPT * HASH_BYTES
    state = after(state, parsed(item("last")))
    assert len(state.known) == (KNOWN_KEPT + 2) * HASH_BYTES
    assert found_urls(state, parsed(many[-1], many[-KNOWN_KEPT // 2])) == []


def test_a_long_feed_that_shows_two_versions_in_turn_is_new_once() -> None:
    one, other = [item(f"a{n}") for n in range(600)], [item(f"b{n}") for n in range(600)]
    state = after(after(FRESH, parsed(*one)), parsed(*other))
    assert found_urls(state, parsed(*one)) == []


@given(st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=8))
def test_each_article_is_published_exactly_once(polls: list[list[int]]) -> None:
    state, published = FRESH, []
    for numbers in polls:
        feed = parsed(*(item(f"n{n}", guid=f"g{n}") for n in dict.fromkeys(numbers)))
        found = news(FEED, state, feed, [], NOW)
        published += [entry.url for entry in found.entries]
        state = next_state(state, Read(Validators(), feed, found), NOW, POLICY)
    assert sorted(published) == sorted(
        {f"https://harbour.example/n{n}" for numbers in polls for n in numbers}
    )
    assert state.items == len(published)


# What is news


def dated(name: str, minutes_ago: float, **fields: str) -> Item:
    return msgspec.structs.replace(item(name, **fields), published=NOW - timedelta(minutes=minutes_ago))


def found(state: FeedState, *items: Item, now: datetime = NOW) -> dict[str, bool]:
    """Whether each new item is backfill, in order of publication."""
    return {entry.title: entry.backfill for entry in news(FEED, state, parsed(*items), [], now).entries}


def test_the_backlog_of_a_first_poll_is_not_news_except_for_the_last_hour() -> None:
    backlog = [dated("now", 5), dated("recent", 50), dated("old", 70), dated("older", 1000)]
    assert list(found(FRESH, *backlog).items()) == [
        *(("recent", False), ("now", False)),
        *(("old", True), ("older", True)),
    ]


def test_undated_items_of_a_first_poll_are_backlog_newest_first() -> None:
    assert list(found(FRESH, item("c"), item("b"), item("a")).items()) == [
        ("c", True),
        ("b", True),
        ("a", True),
    ]


def test_later_items_are_news_whatever_their_dates_oldest_first() -> None:
    state = after(FRESH, parsed(dated("one", 100)))
    later = found(state, dated("three", 1), dated("two", 5000), dated("one", 100))
    assert list(later.items()) == [("two", False), ("three", False)]
    assert list(found(state, item("z"), item("y"), dated("one", 100))) == ["y", "z"]


def read_at(state: FeedState, now: datetime, *items: Item) -> FeedState:
    read = parsed(*items)
    return next_state(state, Read(Validators(), read, news(FEED, state, read, [], now)), now, POLICY)


def renamed(one: Item, **fields: object) -> Item:
    fresh = {"guid": f"new-{one.guid}", "url": f"https://harbour.example/archive/{one.title}", **fields}
    return msgspec.structs.replace(one, **fields | fresh)


def test_old_items_under_new_ids_and_addresses_are_not_news() -> None:
    items = [dated(f"n{n}", 60 * n + 10) for n in range(20)]
    state = read_at(FRESH, NOW, *items)
    soon = NOW + timedelta(minutes=30)
    new = msgspec.structs.replace(item("fresh"), published=NOW + timedelta(minutes=20))
    shown = [new, *(renamed(one) for one in items)]
    assert {title for title, backfill in found(state, *shown, now=soon).items() if not backfill} == {"fresh"}
    again = read_at(state, soon, *shown)
    assert (again.renewed, again.overflowed) == (soon, None)
    assert found(again, *shown, now=soon) == {}


def test_old_items_under_new_ids_and_new_dates_are_known_by_their_titles() -> None:
    items = [dated(f"n{n}", 60 * n + 10) for n in range(20)]
    state = read_at(FRESH, NOW, *items)
    soon = NOW + timedelta(minutes=30)
    shown = [renamed(one, published=soon) for one in items]
    assert all(found(state, *shown, now=soon).values())


def test_a_feed_that_was_not_read_for_long_has_news() -> None:
    items = [dated(f"n{n}", 60 * n + 10) for n in range(20)]
    state = read_at(FRESH, NOW, *items)
    late = NOW + timedelta(days=3)
    shown = [msgspec.structs.replace(item(f"m{n}"), published=late - timedelta(hours=n)) for n in range(20)]
    assert not any(found(state, *shown, now=late).values())
    assert read_at(state, late, *shown).overflowed == late


def test_a_state_of_an_older_wirewatch_knows_its_items() -> None:
    new = after(FRESH, parsed(item("one"), item("two")))
    hashes = [new.known[at : at + HASH_BYTES] for at in range(0, len(new.known), HASH_BYTES)]
    old = FeedState(url=URL, seen=tuple(int.from_bytes(one + b"xy") for one in hashes), last_read=NOW)
    old = decode(encode(old), FeedState)
    assert known_hashes(old) == new.known
    assert found_urls(old, parsed(item("one"), item("two"), item("three"))) == [
        "https://harbour.example/three"
    ]
    assert after(old, parsed(item("one"))).seen == ()


KNOWN = [item("one"), item("two"), item("three")]
"""What a feed showed when it was last read."""


@pytest.mark.parametrize(
    ("shown", "overflowed"),
    [
        ([item("four"), item("five"), item("three")], False),  # it still shows one that is known
        ([item("four"), item("five")], True),
        ([item("four"), item("four", guid="other")], False),  # one article twice, and it alone is new
        ([item("four")], False),  # a feed of a single item shows nothing
        ([], False),
        (KNOWN, False),
    ],
)
def test_items_may_have_been_missed_if_all_that_a_feed_shows_is_new(
    shown: list[Item], overflowed: bool
) -> None:
    state = after(FRESH, parsed(*KNOWN))
    assert news(FEED, state, parsed(*shown), [], NOW).overflowed is overflowed


def test_a_first_poll_misses_nothing() -> None:
    assert not news(FEED, FRESH, parsed(*KNOWN), [], NOW).overflowed


def read_before(shown: int, hours: float) -> tuple[FeedState, datetime]:
    """A feed with an item an hour that was read this many hours ago, and the current time."""
    items = [dated(f"n{n}", 60 * n + 10) for n in range(shown)]
    return read_at(read_at(FRESH, NOW, *items), NOW, *items), NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("new", "old", "hours", "renewed"),
    [
        (4, 1, 0.5, True),  # 80 % of five
        (4, 0, 0.5, False),  # too few to tell
        (3, 1, 0.5, False),  # 75 %
        (3, 2, 0.5, False),
        (16, 4, 0.5, True),
        (15, 5, 0.5, False),
        (20, 0, 5, True),  # a quarter of them were expected
        (20, 0, 15, False),  # three quarters were
    ],
)
def test_a_feed_is_renewed_if_far_more_is_new_than_expected(
    new: int, old: int, hours: float, renewed: bool
) -> None:
    state, now = read_before(20, hours)
    shown = [item(f"m{n}") for n in range(new)] + [dated(f"n{n}", 60 * n + 10) for n in range(old)]
    assert news(FEED, state, parsed(*shown), [], now).renewed is renewed


def test_a_feed_with_forgotten_items_has_news() -> None:
    state, now = read_before(20, 0.5)
    forgetful = msgspec.structs.replace(state, known=b"")
    found = news(FEED, forgetful, parsed(*(item(f"m{n}") for n in range(20))), [], now)
    assert not found.renewed
    assert not any(entry.backfill for entry in found.entries)


def test_the_dates_that_show_how_often_a_feed_has_news() -> None:
    first = news(FEED, FRESH, parsed(dated("one", 100), item("two")), [], NOW)
    assert first.published == ((NOW - timedelta(minutes=100)).timestamp(),)
    state, now = read_before(20, 0.5)
    later = news(FEED, state, parsed(dated("n0", 10), dated("three", 1), item("four")), [], now)
    assert later.published == ((NOW - timedelta(minutes=1)).timestamp(), now.timestamp())
