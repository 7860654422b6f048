from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from index.intervals import MOST_EDGES, Unit, edges

BERLIN = ZoneInfo("Europe/Berlin")


def told(since: str, until: str, unit: Unit, zone: ZoneInfo | None = None) -> list[str]:
    begin, end = (datetime.fromisoformat(one).replace(tzinfo=zone or UTC) for one in (since, until))
    return [f"{edge.astimezone(zone or UTC):%m-%d %H:%M}" for edge in edges(begin, end, unit, zone or UTC)]


def test_a_period_is_covered_to_its_last_instant() -> None:
    assert told("2026-03-01 10:20", "2026-03-01 12:00", "hour") == [
        "03-01 10:00",
        "03-01 11:00",
        "03-01 12:00",
    ]
    assert told("2026-03-01 10:20", "2026-03-01 12:01", "hour")[-1] == "03-01 13:00"
    assert told("2026-02-28 10:20", "2026-03-01 00:00", "day") == ["02-28 00:00", "03-01 00:00"]


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    assert told("2026-03-05 10:20", "2026-03-12 00:00", "week") == [
        "03-02 00:00",
        "03-09 00:00",
        "03-16 00:00",
    ]
    assert told("2026-01-31 10:20", "2026-03-02 00:00", "month") == [
        "01-01 00:00",
        "02-01 00:00",
        "03-01 00:00",
        "04-01 00:00",
    ]


def test_a_day_on_which_the_clocks_change_is_shorter_or_longer() -> None:
    spring = edges(datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC), "day", BERLIN)
    assert [b - a for a, b in pairwise(spring)] == [timedelta(hours=hours) for hours in (24, 23, 24)]
    autumn = edges(
        datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), "hour", BERLIN
    )
    assert {b - a for a, b in pairwise(autumn)} == {timedelta(hours=1)}


def test_the_machines_calendar_is_the_default() -> None:
    since = datetime(2026, 3, 1, 10, tzinfo=UTC)
    (first, *_) = edges(since, since + timedelta(hours=1), "day")
    assert (first.astimezone().hour, first <= since) == (0, True)


def test_too_many_edges_are_refused() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert len(edges(since, since + timedelta(hours=MOST_EDGES - 1), "hour", UTC)) == MOST_EDGES
    with pytest.raises(ValueError, match="more than 999 hours lie between 2026-01-01 and 2026-02-11"):
        edges(since, since + timedelta(hours=MOST_EDGES), "hour", UTC)
