from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ingest.formats.items import Item, ParsedFeed
from ingest.polling.coverage import (
    Share,
    has_slowed,
    health,
    is_heard,
    share_heard,
    silence,
    sparkline,
    unusual_silence,
)
from ingest.polling.decide import Failed, Gone, Read, Same, Unchanged, Validators, next_state
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
URL = "https://feeds.example/a"
POLICY = Policy(jitter=lambda _url, _poll: 0.0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fed(
    until: datetime, hours: range = range(8, 20), state: FeedState | None = None, start: datetime = START
) -> FeedState:
    """A feed with an item at each of these hours of the day, polled each hour."""
    now, state = start, state or FeedState(url=URL)
    while now < until:
        now += HOUR
        if now.hour not in hours:
            state = next_state(state, Same(Validators()), now, POLICY)
            continue
        one = Item(guid=f"{now}", url=f"https://a.example/{now:%d%H}", title=f"{now}", published=now)
        parsed = ParsedFeed(title="", language="", link="", items=(one,), read_by="lxml")
        state = next_state(
            state, Read(Validators(), parsed, news(Feed(url=URL), state, parsed, [], now)), now, POLICY
        )
    return state


def quiet(state: FeedState, since: datetime, hours: int) -> FeedState:
    for n in range(1, hours + 1):
        state = next_state(state, Unchanged(Validators()), since + n * HOUR, POLICY)
    return state


WORKING = fed(START + 14 * DAY)
MONDAY = START + 14 * DAY


def test_a_night_is_not_a_silence_but_a_day_and_a_half_is() -> None:
    assert health(quiet(WORKING, MONDAY, 8), MONDAY + 8 * HOUR).status == "well"
    late = MONDAY + 36 * HOUR
    found = health(quiet(WORKING, MONDAY, 36), late)
    assert (found.status, found.since) == ("silent", MONDAY - 5 * HOUR)
    assert found.reason.startswith("nothing new for 1 day 17 hours; ")
    assert 10 < found.per_day < 14


def test_a_feed_that_is_new_to_us_is_given_more_time() -> None:
    new = fed(START + 2 * DAY)
    assert health(quiet(new, START + 2 * DAY, 36), START + 2 * DAY + 36 * HOUR).status == "well"


def test_a_silence_stays_one_when_the_days_before_it_are_forgotten() -> None:
    state = fed(START + 14 * DAY, hours=range(9, 10))
    found = []
    for days in range(1, 60):
        now = MONDAY + days * DAY
        state = next_state(state, Same(Validators()), now, POLICY)
        found.append(health(state, now).status)
    assert found == sorted(found, reverse=True), "well, then silent for good"
    assert found[0] == "well"
    assert found[13] == "silent"


def test_bursts_make_longer_silences_usual() -> None:
    steady, bursty = WORKING, FeedState(url=URL)
    for day in range(14):
        hours = range(24) if day % 3 == 0 else range(9, 12)
        bursty = fed(START + (day + 1) * DAY, hours, bursty, START + day * DAY)
    measured = [silence(quiet(state, MONDAY, 30)) for state in (steady, bursty)]
    assert measured[0] is not None
    assert measured[1] is not None
    assert measured[0].chance < measured[1].chance


def test_a_long_silence_does_not_become_usual() -> None:
    state = WORKING
    for days in (3, 30, 300, 600):
        now = MONDAY + days * DAY
        state = next_state(state, Same(Validators()), now, POLICY)
        assert health(state, now).status == "silent", days


def test_while_it_fails_it_is_not_silent_but_failing() -> None:
    now = MONDAY + 40 * HOUR
    state = next_state(WORKING, Failed("timeout", "too slow"), MONDAY + HOUR, POLICY)
    state = next_state(state, Failed("timeout", "too slow"), now, POLICY)
    found = health(state, now)
    assert (found.status, found.since) == ("failing", MONDAY + HOUR)
    assert found.reason == "timeout, 2 times in a row: too slow"
    measured = silence(state)
    assert measured is not None
    assert not measured.is_unusual, "nobody knows whether it had news"


def test_the_quick_way_to_an_unusual_silence_gives_the_same_result() -> None:
    found = set()
    for hours in (1, 4, 8, 12, 16, 20, 40):
        state = quiet(WORKING, MONDAY, hours)
        measured = silence(state)
        assert measured is not None
        assert unusual_silence(state) == (measured if measured.is_unusual else None)
        found.add(measured.is_unusual)
    assert found == {True, False}


def test_a_rare_feed_is_not_silent() -> None:
    state = fed(START + 14 * DAY, hours=range(9, 10))
    assert health(quiet(state, MONDAY, 40), MONDAY + 40 * HOUR).status == "well"
    assert (
        health(next_state(state, Same(Validators()), MONDAY + 14 * DAY, POLICY), MONDAY + 14 * DAY).status
        == "silent"
    )


def test_a_feed_that_slowed() -> None:
    state = fed(MONDAY + 7 * DAY, range(9, 11), WORKING, MONDAY)
    now = MONDAY + 7 * DAY
    assert has_slowed(state, now) == (84, 14)
    assert health(state, now).reason == "14 items in the last week, 84 in the week before"
    assert has_slowed(WORKING, MONDAY) is None
    assert has_slowed(FeedState(url=URL), now) is None


def test_moved_gone_and_unpolled() -> None:
    moved = msgspec.structs.replace(WORKING, moved_to="https://new.example/", moves=1)
    assert health(moved, MONDAY).reason == "permanently to https://new.example/ (reported 1 time)"
    gone = next_state(WORKING, Gone("removed for good"), MONDAY, POLICY)
    assert (health(gone, MONDAY).status, health(gone, MONDAY).reason) == ("gone", "removed for good")
    assert health(None, MONDAY).status == health(FeedState(url=URL), MONDAY).status == "unpolled"


def test_a_state_of_an_older_wirewatch_is_well() -> None:
    old = FeedState(url=URL, last_polled=MONDAY, last_read=MONDAY, last_item_seen=START, items=5)
    assert health(old, MONDAY).status == "well"


def test_days_and_notes() -> None:
    state = msgspec.structs.replace(
        WORKING, overflowed=MONDAY - HOUR, renewed=MONDAY - 8 * DAY, lies=5, unusable=2
    )
    found = health(state, MONDAY + HOUR)
    assert found.daily == (*([12] * 13), 0)
    assert [note.split(":")[0] for note in found.notes] == [
        "all items were new on 2026-03-15 23",
        "its server says that nothing has changed when something has",
        "2 items left out so far, without address, title or text",
    ]


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, True),
        ({"failures": 1}, False),
        ({"gone": True}, False),
        ({"last_polled": None}, False),
        ({"last_polled": MONDAY - 3 * HOUR, "next_due": MONDAY + HOUR}, True),
        ({"last_polled": MONDAY - 3 * HOUR, "next_due": MONDAY - 2 * HOUR}, False),
    ],
)
def test_which_sources_are_heard(changes: dict[str, object], heard: bool) -> None:
    state = FeedState(url=URL, last_polled=MONDAY, next_due=MONDAY)
    assert is_heard(msgspec.structs.replace(state, **changes), MONDAY) is heard


def test_the_share_that_is_heard() -> None:
    well = FeedState(url=URL, last_polled=MONDAY)
    assert share_heard([well, None, msgspec.structs.replace(well, failures=2), well], MONDAY) == Share(4, 2)
    assert (Share(4, 2).part, Share(0, 0).part) == (0.5, 1.0)


def test_sparkline() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "  "
