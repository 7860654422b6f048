from datetime import datetime, timedelta

import msgspec
import pytest
from samples.feeds import FEED, FRESH, NOW, POLICY, URL, after, item, parsed

from ingest.formats.feeds import Item
from ingest.http.response import Response
from ingest.polling.decide import (
    DAYS_KEPT,
    LIE,
    LIES_BELIEVED,
    PROOFS,
    SUSPICION,
    Failed,
    Gone,
    Read,
    Same,
    Unchanged,
    Validators,
    address,
    conditions,
    days,
    next_state,
    put_off,
    rhythm_of,
    validators,
)
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.polling.rhythm import DAY
from ingest.polling.schedule import JITTER, Policy, spread
from stream.messages import decode, encode


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
    assert (len(state.known), state.unchanged) == (12, 1)


def test_a_new_version_without_validators_forgets_the_old_ones() -> None:
    state = after(after(FRESH, parsed(), etag='"1"'), parsed())
    assert conditions(state, NOW) == {}


def test_an_incomplete_feed_is_requested_without_conditions() -> None:
    assert conditions(after(FRESH, parsed(item("one"), incomplete=True), etag='"1"'), NOW) == {}


def test_conditions_are_left_out_once_a_day() -> None:
    state = after(FRESH, parsed(), etag='"1"', last_modified="x")
    expected = {"If-None-Match": '"1"', "If-Modified-Since": "x"}
    assert conditions(state, NOW + timedelta(hours=23)) == expected
    state = next_state(state, Unchanged(Validators()), NOW + timedelta(hours=23), POLICY)
    assert conditions(state, NOW + timedelta(hours=24)) == {}
    assert conditions(FRESH, NOW) == {}


def test_waits_after_errors_grow_and_a_feed_is_never_dropped() -> None:
    state, waits = FRESH, []
    for _ in range(12):
        state = next_state(state, Failed("timeout", "too slow"), NOW, POLICY)
        assert state.next_due is not None
        waits.append((state.next_due - NOW).total_seconds())
    assert waits[:4] == [300, 600, 1200, 2400]
    assert waits[-1] == 86_400
    assert (state.failures, state.error_kind, state.error_reason) == (12, "timeout", "too slow")
    assert (state.failing_since, state.why) == (NOW, "longest")
    for _ in range(5000):
        state = next_state(state, Failed("timeout", "x" * 10_000), NOW, POLICY)
    assert len(state.error_reason) == 500
    state = after(state, parsed())
    assert (state.failures, state.failing_since, state.error_kind, state.error_reason) == (0, None, "", "")


@pytest.mark.parametrize(("asked", "expected"), [(None, 1800), (60.0, 1800), (7200.0, 7200), (1e9, 86_400)])
def test_retry_after_is_honoured_within_bounds(asked: float | None, expected: float) -> None:
    state = next_state(FRESH, Failed("http-503", "busy", asked), NOW, POLICY)
    assert state.next_due == NOW + timedelta(seconds=expected)


def test_no_feed_is_delayed_while_we_are_offline() -> None:
    state = msgspec.structs.replace(FRESH, failures=9)
    state = next_state(state, Failed("dns", "no answer"), NOW, POLICY, offline=True)
    assert (state.next_due, state.why) == (NOW + timedelta(seconds=300), "offline")


def test_an_error_keeps_what_was_known() -> None:
    good = after(FRESH, parsed(item("one")), etag='"1"')
    state = next_state(good, Failed("dns", "no such host"), NOW, POLICY)
    assert (state.etag, state.known, state.title, state.items) == (
        good.etag,
        good.known,
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


@pytest.mark.parametrize(
    ("kind", "asked"), [("timeout", "new"), ("http-503", "new"), ("http-404", "old"), ("dns", "old")]
)
def test_an_adopted_address_is_given_up_only_if_it_is_gone(kind: str, asked: str) -> None:
    state = FeedState(url=URL, moved_to="https://new.example/", moves=3)
    expected = {"new": "https://new.example/", "old": URL}[asked]
    assert address(FEED, next_state(state, Failed(kind, "x"), NOW, POLICY)) == expected


def test_only_what_could_not_be_stored_is_postponed() -> None:
    state = after(FRESH, parsed(item("one")))
    later = put_off(state, NOW + timedelta(hours=1), POLICY)
    assert later == msgspec.structs.replace(state, next_due=NOW + timedelta(seconds=4200), why="not-stored")


def test_jitter_is_small_and_differs_by_feed_and_poll() -> None:
    parts = [spread(f"https://{n}.example/", poll) for n in range(100) for poll in range(3)]
    assert parts == [spread(f"https://{n}.example/", poll) for n in range(100) for poll in range(3)]
    assert min(parts) >= -JITTER
    assert max(parts) <= JITTER
    assert max(parts) - min(parts) > JITTER
    state = next_state(FRESH, Unchanged(Validators()), NOW, Policy(every=1000))
    assert state.next_due == NOW + timedelta(seconds=1000 * (1 + spread(URL, 1)))


def test_what_a_response_says_of_itself() -> None:
    def response(url: str = URL, *, permanent: bool = False, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(
            url=url, status=200, headers=named, content_type="", charset="", body=b"", permanent=permanent
        )

    def said(answer: Response) -> Validators:
        return validators(URL, answer, NOW)

    assert said(response(etag='"1"', last_modified="x", cache_control="max-age=60")) == Validators(
        etag='"1"', last_modified="x", fresh=60
    )
    assert said(response("https://new.example/", permanent=True)).moved_to == "https://new.example/"
    assert said(response("https://new.example/")).moved_to == ""
    assert said(response(etag="x" * 5000)).etag == ""


def test_the_state_survives_encoding() -> None:
    state = after(FRESH, parsed(item("one")), etag='"1"')
    assert decode(encode(state), FeedState) == state


def test_the_same_body_again_renews_the_validators() -> None:
    state = after(FRESH, parsed(item("one")), etag='"1"', last_modified="x")
    later = NOW + timedelta(hours=1)
    state = next_state(state, Same(Validators(etag='"2"')), later, POLICY)
    assert (state.etag, state.last_modified, state.last_read, state.items) == ('"2"', "", later, 1)


# Wrong 304s


def hourly(count: int, until: datetime = NOW) -> list[Item]:
    return [
        msgspec.structs.replace(item(f"{until:%d%H}-{n}"), published=until - timedelta(hours=n))
        for n in range(count)
    ]


def answered_304(state: FeedState, now: datetime) -> FeedState:
    return next_state(state, Unchanged(Validators()), now, POLICY)


def whole_at(state: FeedState, now: datetime, *items: Item) -> FeedState:
    read = parsed(*items)
    found = news(FEED, state, read, [], now)
    return next_state(state, Read(Validators(etag='"1"'), read, found, whole=True), now, POLICY)


def test_a_304_is_doubted_when_news_are_overdue() -> None:
    state = msgspec.structs.replace(whole_at(FRESH, NOW, *hourly(20)), proven=PROOFS)
    assert conditions(state, NOW + timedelta(hours=20)) != {}
    state = answered_304(state, NOW + timedelta(hours=1))
    assert conditions(state, NOW + timedelta(hours=3)) != {}
    assert conditions(state, NOW + timedelta(hours=12)) == {}


def doubted(state: FeedState, now: datetime, hours: float) -> tuple[FeedState, datetime]:
    """After a 304 and, a minute later, the whole feed, which has had an item each hour."""
    state = answered_304(state, now + timedelta(hours=hours))
    now += timedelta(hours=hours, minutes=1)
    return whole_at(state, now, *hourly(20, now)), now


def test_a_server_whose_304s_were_wrong_three_times_gets_no_conditions() -> None:
    state, now = whole_at(FRESH, NOW, *hourly(20)), NOW
    for times in (1, 2, 3):
        state, now = doubted(state, now, 10)
        assert (state.lies, state.lied) == (times * LIE, now)
    assert conditions(state, now + timedelta(minutes=1)) == {}
    later = now + timedelta(days=31)
    assert conditions(msgspec.structs.replace(state, last_read=later), later) != {}


def test_nor_does_one_that_never_reports_news_itself() -> None:
    """Where news comes fast, no item is so much older than a 304 that the 304 must have been wrong."""
    state, now = whole_at(FRESH, NOW), NOW
    for times in range(1, LIES_BELIEVED + 1):
        assert conditions(state, now) != {}
        state = answered_304(state, now + timedelta(minutes=5))
        now += timedelta(minutes=10)
        state = whole_at(state, now, msgspec.structs.replace(item(f"new{times}"), published=now))
        assert state.lies == times * SUSPICION
    assert conditions(state, now) == {}


def test_a_server_that_reports_news_is_trusted_again() -> None:
    state, now = doubted(whole_at(FRESH, NOW, *hourly(20)), NOW, 10)
    read = parsed(item("new"), *hourly(19, now))
    told = Read(Validators(etag='"2"'), read, news(FEED, state, read, [], now))
    assert next_state(state, told, now, POLICY).lies == 0


def test_a_correct_304_does_not_count_against_a_server() -> None:
    state = answered_304(whole_at(FRESH, NOW, *hourly(20)), NOW + timedelta(hours=2))
    assert whole_at(state, NOW + timedelta(hours=2, minutes=30), *hourly(20)).lies == 0


def test_a_server_must_first_prove_that_it_detects_changes() -> None:
    state = whole_at(FRESH, NOW, *hourly(20))
    for n in range(1, PROOFS + 1):
        state = answered_304(state, NOW + timedelta(minutes=n))
        assert (state.proven, conditions(state, NOW + timedelta(minutes=n))) == (n - 1, {})
        changed = parsed(item(f"new{n}"), *hourly(20))
        found = news(FEED, state, changed, [], NOW + timedelta(minutes=n))
        answer = Read(Validators(etag='"1"'), changed, found)
        state = next_state(state, answer, NOW + timedelta(minutes=n), POLICY)
    assert conditions(answered_304(state, NOW + timedelta(minutes=6)), NOW + timedelta(minutes=6)) != {}


# What is learned


def test_days_and_rhythm_are_learned_from_the_dates() -> None:
    state = whole_at(FRESH, NOW, *hourly(48))
    today = int(NOW.timestamp() // DAY)
    assert days(state) == {today - 2: 11, today - 1: 24, today: 13}
    assert 0.9 < rhythm_of(state, NOW).mean < 1.1
    assert (state.window, state.last_published) == (48, NOW)
    for n in range(1, 40):
        state = next_state(state, Same(Validators()), NOW + n * timedelta(days=1), POLICY)
    assert days(state) == dict.fromkeys(range(today + 39 - DAYS_KEPT + 1, today + 40), 0)
    assert rhythm_of(state, NOW).mean < 0.05


def test_dates_in_the_future_are_ignored() -> None:
    state = whole_at(FRESH, NOW, msgspec.structs.replace(item("x"), published=NOW + timedelta(hours=9)))
    assert (state.last_published, sum(state.daily)) == (None, 0)
    state = whole_at(state, NOW, msgspec.structs.replace(item("y"), published=NOW + timedelta(hours=9)))
    assert (state.last_published, sum(state.daily)) == (NOW, 1)
