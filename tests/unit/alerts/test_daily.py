from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.daily import LONGEST, Covered, covered, last_due, next_try
from alerts.settings import Digest

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def at(day: int, hour: int, month: int = 6, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(10, 6), at(9, 7)),
        (at(10, 7), at(10, 7)),
        (at(10, 23), at(10, 7)),
        (at(29, 12, 3), at(29, 7, 3)),  # clocks were put forward in the night
        (at(25, 12, 10), at(25, 7, 10)),  # and back
    ],
)
def test_a_digest_is_due_once_a_day_by_the_readers_clock(now: datetime, due: datetime) -> None:
    assert last_due(time(7), BERLIN, now.astimezone(UTC)) == due


def test_a_time_that_the_clocks_skip_is_the_moment_of_the_jump() -> None:
    assert last_due(time(2, 30), BERLIN, at(29, 12, 3)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_digest_covers_the_time_since_the_one_before() -> None:
    due = at(10, 7)
    assert covered(due, None) == Covered(due - DAY, due)
    assert covered(due, due - 2 * DAY) == Covered(due - 2 * DAY, due)
    assert covered(due, due - 30 * DAY) == Covered(due - LONGEST, due)


def test_tries_come_less_and_less_often() -> None:
    now = at(10, 7)
    waits = [next_try(tries, now) - now for tries in range(1, 7)]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("digest", "key"),
    [
        (Digest(at="7", channels=("mail",)), "at"),
        (Digest(at="07:00"), "channels"),
        (Digest(at="07:00", channels=("mail",), zone="Berlin"), "zone"),
    ],
)
def test_what_can_not_be_sent_is_reported_at_the_start(digest: Digest, key: str) -> None:
    assert [fault.key for fault in digest.faults()] == [key]


def test_no_digest_is_sent_unless_it_is_asked_for() -> None:
    assert not list(Digest().faults())
    assert not list(Digest(at="07:00", people={"ann": ("mail",)}).faults())
