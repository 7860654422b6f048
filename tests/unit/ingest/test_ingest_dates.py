from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import Dated, choose, in_url, parse

NOW = datetime(2016, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-03-14T18:05:00+03:00", "2016-03-14T15:05"),
        ("2016-03-14T18:05:00.000Z", "2016-03-14T18:05"),
        ("2016-03-14 18:05:00 +0300", "2016-03-14T15:05"),
        ("2016-03-14 18:05", "2016-03-14T18:05"),
        ("2016-03-14", "2016-03-14T00:00"),
        ("Mon, 14 Mar 2016 18:05:00 GMT", "2016-03-14T18:05"),
        ("Mon, 14 Mar 2016 18:05:00 +0100", "2016-03-14T17:05"),
    ],
)
def test_dates_as_pages_write_them(text: str, expected: str) -> None:
    assert parse(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2016-13-45", "14/03/2016", "0001-01-01T00:00+14:00", "9" * 1000]
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=80))
def test_any_text_is_a_date_in_utc_or_none(text: str) -> None:
    when = parse(text)
    assert when is None or when.utcoffset() == timedelta(0)


def test_first_possible_candidate_is_chosen() -> None:
    candidates = [
        Dated("2031-01-01", "json-ld"),
        Dated("1989-12-31", "meta"),
        Dated("?", "meta"),
        Dated(NOW, "feed"),
    ]
    assert choose(candidates, NOW) == (NOW, "feed")
    assert choose(candidates[:3], NOW) == (None, "")


def test_a_day_ahead_is_allowed_for_clocks_and_zones() -> None:
    assert choose([Dated(NOW + timedelta(hours=24), "feed")], NOW)[0] == NOW + timedelta(hours=24)
    assert choose([Dated(NOW + timedelta(hours=24, seconds=1), "feed")], NOW) == (None, "")


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://news.example/2016/3/4/story", "2016-03-04"),
        ("https://news.example/story-2016-03-14.html", "2016-03-14"),
        ("https://news.example/2016/03/story", ""),
        ("https://news.example/id/20160314", ""),
    ],
)
def test_day_in_a_url(url: str, day: str) -> None:
    assert in_url(url) == day
