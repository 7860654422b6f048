import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.polling.rhythm import DAY, HOUR, Rhythm, begin, expected, hour_of, learn, unpack, weekday_of

MONDAY = 4 * DAY  # 5 January 1970


def test_hours_and_weekdays() -> None:
    assert [hour_of(MONDAY + h * HOUR) for h in (0, 0.99, 13, 25)] == [0, 0, 13, 1]
    assert [weekday_of(MONDAY + d * DAY) for d in (-1, 0, 1, 6, 7)] == [6, 0, 1, 6, 0]


def test_a_backlog_tells_the_rate() -> None:
    now = MONDAY + 10 * HOUR
    assert begin([now - n * HOUR for n in range(25)], now).mean == pytest.approx(1, rel=0.15)
    assert begin([], now).mean == pytest.approx(1 / 12)
    assert begin([now + HOUR, now + 2 * HOUR], now).items == 0
    picks = begin([now - n * 100 * DAY for n in range(20)], now)
    assert picks.mean < 0.01, "a list of picks from many years"


def test_the_rate_follows_the_feed() -> None:
    now = MONDAY
    rhythm = begin([], now)
    for rate in (2, 0, 6):
        for _ in range(40 * 24):
            rhythm = learn(rhythm, [now + HOUR * n / rate for n in range(rate)], now + HOUR)
            now += HOUR
        assert rhythm.mean == pytest.approx(rate, abs=0.2)


def test_hours_and_days_are_learned() -> None:
    now, rhythm = MONDAY, begin([], MONDAY)
    for day in range(28):
        busy = weekday_of(now) < 5
        rhythm = learn(rhythm, [now + 9 * HOUR + n * 60 for n in range(20)] if busy else [], now + DAY)
        now = MONDAY + (day + 1) * DAY
    morning, night, sunday = (
        expected(rhythm, now + at, now + at + HOUR) for at in (9 * HOUR, 2 * HOUR, 6 * DAY + 9 * HOUR)
    )
    assert morning > 20 * night
    assert morning > 3 * sunday
    assert expected(rhythm, now, now + 7 * DAY) == pytest.approx(100, rel=0.15)


def test_an_hour_that_had_none_is_not_impossible() -> None:
    rhythm = begin([MONDAY + 9 * HOUR + n for n in range(30)], MONDAY + 10 * HOUR)
    assert expected(rhythm, MONDAY + 22 * HOUR, MONDAY + 23 * HOUR) > 0


def test_packed() -> None:
    rhythm = learn(begin([MONDAY - HOUR], MONDAY), [MONDAY + 5], MONDAY + 77.5)
    packed = rhythm.pack()
    assert len(packed) == 140
    again = unpack(packed)
    assert again is not None
    assert (again.at, again.pack()) == (rhythm.at, packed)
    assert unpack(b"") is unpack(b"x" * 139) is None


@given(
    st.lists(st.floats(0, 1e10), max_size=50), st.floats(0, 1e10), st.lists(st.floats(0, 1e10), max_size=5)
)
def test_whatever_the_dates_nothing_breaks(times: list[float], now: float, later: list[float]) -> None:
    rhythm = learn(begin(times, now), later, now + 100)
    assert rhythm.mean > 0
    assert unpack(rhythm.pack()) is not None
    assert isinstance(rhythm, Rhythm)
