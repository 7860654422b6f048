from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.dates import show_moment, stretch
from query.match import matches, prepare
from query.parse import parse


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2016", datetime(2016, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-02", datetime(2016, 2, 1, tzinfo=UTC), datetime(2016, 3, 1, tzinfo=UTC)),
        ("2016-12", datetime(2016, 12, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-02-29", datetime(2016, 2, 29, tzinfo=UTC), datetime(2016, 3, 1, tzinfo=UTC)),
        ("2016-02-29T23:59", datetime(2016, 2, 29, 23, 59, tzinfo=UTC), datetime(2016, 3, 1, tzinfo=UTC)),
        (
            "2016-02-29T23:59:59",
            datetime(2016, 2, 29, 23, 59, 59, tzinfo=UTC),
            datetime(2016, 3, 1, tzinfo=UTC),
        ),
        (
            "2016-01-01T00:30+01:00",
            datetime(2015, 12, 31, 23, 30, tzinfo=UTC),
            datetime(2015, 12, 31, 23, 31, tzinfo=UTC),
        ),
        ("2016-01-01T00:30:00.5Z", datetime(2016, 1, 1, 0, 30, 0, 500_000, tzinfo=UTC), None),
    ],
)
def test_a_date_is_a_stretch_of_time(text: str, first: datetime, after: datetime | None) -> None:
    assert stretch(text) == (first, after or first + timedelta(microseconds=1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "16",
        "2016-1",
        "2016-13",
        "2015-02-29",
        "2016-01-01T25:00",
        "9999",
        "9999-12-31",
        "٢٠١٦",
        "now",
        "0000",
    ],
)
def test_invalid_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a date such as"):
        stretch(text)


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - hypothesis wants it naive
def test_a_shown_moment_begins_at_the_moment(time: datetime) -> None:
    assert stretch(show_moment(time))[0] == time


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("published:2016-03-14", True),
        ("published:[2016-03-01 TO 2016-03-14]", True),
        ("published:[2016-03-01 TO 2016-03-14}", False),
        ("published:{2016-03-14 TO *]", False),
        ("published:[2016-03-14 TO *]", True),
        ("published:>2016-03-14T22:59", True),
        ("published:>2016-03-14T23:00", False),
        ("published:>=2016-03-14T23:00", True),
        ("published:<2016-03-14T23:00Z", False),
        ("published:(>2015 <2017)", True),
        ("published:*", True),
    ],
)
def test_ranges(query: str, found: bool) -> None:
    time = datetime(2016, 3, 15, tzinfo=timezone(timedelta(hours=1)))  # 23:00 of the 14th in UTC
    assert matches(parse(query), prepare("", "", {}, [time])) == found
    assert not matches(parse(query), prepare("", "", {}))


def test_each_of_two_dates_is_found() -> None:
    doubted = prepare("", "", {}, [datetime(2012, 5, 1, tzinfo=UTC), datetime(2016, 3, 15, tzinfo=UTC)])
    assert matches(parse("published:2012"), doubted)
    assert matches(parse("published:2016 published:<2013"), doubted)
    assert not matches(parse("published:2014"), doubted)
    assert not matches(parse("NOT published:2016"), doubted)
