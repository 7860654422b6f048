from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds import Item, ParsedFeed
from ingest.poll import (
    JITTER,
    SEEN_KEPT,
    Failed,
    Feed,
    FeedState,
    Gone,
    News,
    Policy,
    Read,
    Unchanged,
    Validators,
    address,
    conditions,
    due,
    news,
    next_state,
    put_off,
    spread,
    validators,
)
from ingest.response import Response
from wirewatch.messages import decode, encode

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
URL = "https://feeds.example/a"
FEED = Feed(url=URL, title="Harbour Courier", language="en")
FRESH = FeedState(url=URL)
POLICY = Policy(interval=600, shortest=10, longest=86_400, jitter=lambda _: 0.0)


def item(name: str, **fields: str) -> Item:
    plain = Item(guid=name, url=f"https://harbour.example/{name}", title=name)
    return msgspec.structs.replace(plain, **fields)


def parsed(*items: Item, incomplete: bool = False) -> ParsedFeed:
    return ParsedFeed(
        title="The feed", language="en-GB", link="", items=items, read_by="lxml", incomplete=incomplete
    )


def after(state: FeedState, feed: ParsedFeed, **heard: str) -> FeedState:
    """The state after one good poll."""
    found = news(FEED, state, feed, [], NOW)
    return next_state(state, Read(Validators(**heard), feed, found), NOW, POLICY)


def found_urls(state: FeedState, feed: ParsedFeed, *others: FeedState) -> list[str]:
    return [entry.url for entry in news(FEED, state, feed, others, NOW).entries]


# What is due


def test_due_feeds_come_in_the_order_of_their_times() -> None:
    feeds = [Feed(url=f"https://{n}.example/") for n in "abcde"]
    times = {
        "a": NOW - timedelta(minutes=1),
        "b": NOW - timedelta(minutes=5),
        "c": NOW + timedelta(seconds=1),
        "d": NOW,
    }
    states = {
        f"https://{n}.example/": FeedState(url=f"https://{n}.example/", next_due=when)
        for n, when in times.items()
    }
    assert [feed.url[8] for feed in due(feeds, states, NOW)] == ["e", "b", "a", "d"]


def test_what_is_gone_is_never_due() -> None:
    assert due([FEED], {URL: FeedState(url=URL, gone=True)}, NOW + timedelta(days=1000)) == []


# What is new


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


def test_feed_and_host_stand_in_for_what_the_list_does_not_say() -> None:
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
def test_either_id_or_address_make_it_known(again: Item) -> None:
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
    assert found_urls(FRESH, parsed(item("one"), item("two", url="https://harbour.example/one#b"))) == [
        "https://harbour.example/one"
    ]


def test_an_id_that_all_items_share_hides_none() -> None:
    feed = parsed(item("a", guid="0"), item("b", guid="0"))
    assert len(found_urls(FRESH, feed)) == 2
    assert found_urls(
        after(FRESH, feed), parsed(item("a", guid="0"), item("b", guid="0"), item("c", guid="0"))
    ) == ["https://harbour.example/c"]


def test_items_without_a_usable_address_are_counted_once() -> None:
    feed = parsed(item("a", url=""), item("b", url="", guid=""), item("c"))
    state = after(FRESH, feed)
    assert (state.items, state.unusable) == (3, 2)
    assert news(FEED, state, feed, [], NOW).unusable == 0


def test_what_left_the_feed_is_remembered_within_bounds() -> None:
    many = [item(f"n{n}") for n in range(SEEN_KEPT)]
    state = after(FRESH, parsed(*many))
    assert len(state.seen) == 2 * SEEN_KEPT
    state = after(state, parsed(item("last")))
    assert len(state.seen) == SEEN_KEPT + 2
    assert found_urls(state, parsed(many[-1], many[-SEEN_KEPT // 2])) == []


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


# What follows


def test_after_items() -> None:
    state = after(FRESH, parsed(item("one")), etag='"1"', last_modified="Sun, 15 Mar 2026 11:00:00 GMT")
    assert (state.title, state.etag, state.polls, state.items) == ("The feed", '"1"', 1, 1)
    assert (state.last_polled, state.last_read, state.last_item_seen) == (NOW, NOW, NOW)
    assert state.next_due == NOW + timedelta(seconds=600)


def test_no_news_leaves_the_time_of_the_last() -> None:
    state = after(after(FRESH, parsed()), parsed())
    assert (state.last_item_seen, state.polls) == (None, 2)


def test_after_not_modified() -> None:
    state = after(FRESH, parsed(item("one")), etag='"1"', last_modified="x")
    later = NOW + timedelta(hours=1)
    state = next_state(state, Unchanged(Validators(etag='"2"')), later, POLICY)
    assert (state.etag, state.last_modified, state.last_read, state.last_polled) == ('"2"', "x", NOW, later)
    assert len(state.seen) == 2


def test_a_new_version_without_validators_forgets_the_old_ones() -> None:
    state = after(after(FRESH, parsed(), etag='"1"'), parsed())
    assert conditions(state, NOW) == {}


def test_an_incomplete_feed_is_asked_for_whole_again() -> None:
    assert conditions(after(FRESH, parsed(item("one"), incomplete=True), etag='"1"'), NOW) == {}


def test_conditions_are_left_out_once_a_day() -> None:
    state = after(FRESH, parsed(), etag='"1"', last_modified="x")
    expected = {"If-None-Match": '"1"', "If-Modified-Since": "x"}
    assert conditions(state, NOW + timedelta(hours=23)) == expected
    state = next_state(state, Unchanged(Validators()), NOW + timedelta(hours=23), POLICY)
    assert conditions(state, NOW + timedelta(hours=24)) == {}
    assert conditions(FRESH, NOW) == {}


def test_errors_double_the_interval_and_never_kill() -> None:
    state, waits = FRESH, []
    for _ in range(12):
        state = next_state(state, Failed("timeout", "too slow"), NOW, POLICY)
        assert state.next_due is not None
        waits.append((state.next_due - NOW).total_seconds())
    assert waits[:4] == [600, 1200, 2400, 4800]
    assert waits[-1] == 86_400
    assert (state.failures, state.error_kind, state.error_reason) == (12, "timeout", "too slow")
    for _ in range(5000):
        state = next_state(state, Failed("timeout", "x" * 10_000), NOW, POLICY)
    assert len(state.error_reason) == 500
    state = after(state, parsed())
    assert (state.failures, state.error_kind, state.error_reason) == (0, "", "")


@pytest.mark.parametrize(("asked", "expected"), [(None, 600), (60.0, 600), (7200.0, 7200), (1e9, 86_400)])
def test_retry_after_is_honoured_within_bounds(asked: float | None, expected: float) -> None:
    state = next_state(FRESH, Failed("http-503", "busy", asked), NOW, POLICY)
    assert state.next_due == NOW + timedelta(seconds=expected)


def test_an_error_keeps_what_was_known() -> None:
    good = after(FRESH, parsed(item("one")), etag='"1"')
    state = next_state(good, Failed("dns", "no such host"), NOW, POLICY)
    assert (state.etag, state.seen, state.title, state.items) == (
        good.etag,
        good.seen,
        good.title,
        good.items,
    )


def test_gone() -> None:
    state = next_state(FRESH, Gone("was removed"), NOW, POLICY)
    assert (state.gone, state.next_due, state.error_kind, state.error_reason) == (
        True,
        None,
        "http-410",
        "was removed",
    )


def test_a_move_is_adopted_after_three_in_a_row() -> None:
    state, new = FRESH, "https://new.example/feed"
    for expected in (URL, URL, URL, new):
        assert address(FEED, state) == expected
        state = after(state, parsed(), moved_to="" if expected == new else new)
    assert (address(FEED, state), state.url) == (new, URL)


def test_a_move_that_is_taken_back_is_not_adopted() -> None:
    state = FRESH
    for target in (
        "https://new.example/",
        "https://new.example/",
        "",
        "https://new.example/",
        "https://other.example/",
    ):
        state = after(state, parsed(), moved_to=target)
        assert address(FEED, state) == URL
    assert (state.moved_to, state.moves) == ("https://other.example/", 1)


def test_an_adopted_address_that_fails_is_given_up() -> None:
    state = FeedState(url=URL, moved_to="https://new.example/", moves=3)
    assert address(FEED, next_state(state, Failed("http-404", "x"), NOW, POLICY)) == URL


def test_what_could_not_be_stored_is_put_off_and_nothing_else() -> None:
    state = after(FRESH, parsed(item("one")))
    later = put_off(state, NOW + timedelta(hours=1), POLICY)
    assert later == msgspec.structs.replace(state, next_due=NOW + timedelta(seconds=3600 + 600))


def test_jitter_is_small_and_stays_the_same() -> None:
    parts = [spread(f"https://{n}.example/") for n in range(300)]
    assert parts == [spread(f"https://{n}.example/") for n in range(300)]
    assert min(parts) >= -JITTER
    assert max(parts) <= JITTER
    assert max(parts) - min(parts) > JITTER
    state = next_state(FRESH, Unchanged(Validators()), NOW, Policy(interval=1000))
    assert state.next_due == NOW + timedelta(seconds=1000 * (1 + spread(URL)))


def test_the_shortest_interval_holds() -> None:
    state = next_state(
        FRESH, Unchanged(Validators()), NOW, Policy(interval=0.001, shortest=10, jitter=lambda _: 0.0)
    )
    assert state.next_due == NOW + timedelta(seconds=10)


def test_what_a_response_says_of_itself() -> None:
    def response(url: str = URL, *, permanent: bool = False, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(
            url=url, status=200, headers=named, content_type="", charset="", body=b"", permanent=permanent
        )

    assert validators(URL, response(etag='"1"', last_modified="x")) == Validators(
        etag='"1"', last_modified="x"
    )
    assert (
        validators(URL, response("https://new.example/", permanent=True)).moved_to == "https://new.example/"
    )
    assert validators(URL, response("https://new.example/")).moved_to == ""
    assert validators(URL, response(etag="x" * 5000)).etag == ""


def test_the_state_survives_encoding() -> None:
    state = after(FRESH, parsed(item("one")), etag='"1"')
    assert decode(encode(state), FeedState) == state
    assert decode(encode(News(seen=(2**64 - 1, 0))), News).seen == (2**64 - 1, 0)
