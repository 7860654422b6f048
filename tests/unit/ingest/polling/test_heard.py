"""How many sources were heard in each hour, and which hours were dark."""

from datetime import UTC, datetime, timedelta

from ingest.polling.coverage import Share
from ingest.polling.heard import DarkPeriod, HeardHour, dark_periods, noted

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


def hour(number: int, heard: int, sources: int = 40, looks: int = 1) -> HeardHour:
    return HeardHour(hour=at(number), looks=looks, heard=heard * looks, sources=sources * looks)


def at(number: int) -> datetime:
    return NINE + timedelta(hours=number)


def test_looks_of_an_hour_are_summed_and_a_new_hour_begins_anew() -> None:
    first = noted(None, Share(40, 30), NINE + timedelta(minutes=5))
    second = noted(first, Share(42, 10), NINE + timedelta(minutes=50))
    assert second == HeardHour(hour=NINE, looks=2, heard=40, sources=82)
    assert second.is_dark
    assert noted(second, Share(40, 40), at(1)) == HeardHour(hour=at(1), looks=1, heard=40, sources=40)


def test_hours_with_too_few_sources_make_a_period() -> None:
    hours = [hour(0, 40), hour(1, 10), hour(2, 12, looks=3), hour(3, 20), hour(4, 40)]
    assert dark_periods(hours, at(5)) == [DarkPeriod(at(1), at(3), 12, 40)], "half of them is enough"


def test_hours_in_which_nobody_polled_are_dark_except_the_current_one() -> None:
    hours = [hour(0, 40), hour(3, 40)]
    assert dark_periods(hours, at(4)) == [DarkPeriod(at(1), at(3), 0, 0)]
    assert dark_periods(hours, at(6)) == [DarkPeriod(at(1), at(3), 0, 0), DarkPeriod(at(4), at(6), 0, 0)]


def test_nobody_polled_is_told_apart_from_few_answered() -> None:
    hours = [hour(0, 40), hour(1, 5), hour(3, 7), hour(4, 40)]
    assert dark_periods(hours, at(4)) == [
        DarkPeriod(at(1), at(2), 5, 40),
        DarkPeriod(at(2), at(3), 0, 0),
        DarkPeriod(at(3), at(4), 7, 40),
    ]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert dark_periods([], at(0)) == []
    assert dark_periods([hour(5, 40)], at(5)) == []
