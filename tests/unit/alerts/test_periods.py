"""Daylight saving time: the repeated hour and the skipped hour."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.periods import after_quiet, next_time, quiet_hours

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "moment", "when"),
    [
        # 25 October 2026, 03:00 in Berlin becomes 02:00 at 01:00 UTC
        (BERLIN, "02:30", "2026-10-25T00:29", "2026-10-25T00:30"),
        (BERLIN, "02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
        (BERLIN, "02:30", "2026-10-25T01:10", "2026-10-26T01:30"),  # the second 02:10
        (BERLIN, "02:30", "2026-10-25T01:30", "2026-10-26T01:30"),  # the second 02:30
        (BERLIN, "08:00", "2026-10-25T01:10", "2026-10-25T07:00"),
        # 29 March 2026, 02:00 in Berlin becomes 03:00 at 01:00 UTC
        (BERLIN, "02:30", "2026-03-29T00:59", "2026-03-29T01:00"),
        (BERLIN, "02:30", "2026-03-29T01:00", "2026-03-30T00:30"),
        (BERLIN, "02:30", "2026-03-29T01:10", "2026-03-30T00:30"),
        # 1 November 2026, 02:00 in New York becomes 01:00 at 06:00 UTC
        (NEW_YORK, "01:30", "2026-11-01T05:00", "2026-11-01T05:30"),
        (NEW_YORK, "01:30", "2026-11-01T06:10", "2026-11-02T06:30"),
        # 8 March 2026, 02:00 in New York becomes 03:00 at 07:00 UTC
        (NEW_YORK, "02:30", "2026-03-08T06:59", "2026-03-08T07:00"),
        (NEW_YORK, "02:30", "2026-03-08T07:00", "2026-03-09T06:30"),
    ],
)
def test_a_time_of_the_day_comes_once_a_day(zone: ZoneInfo, at: str, moment: str, when: str) -> None:
    assert next_time(time.fromisoformat(at), zone, utc(moment)) == utc(when)


@pytest.mark.parametrize(
    ("zone", "hours", "moment", "when"),
    [
        (BERLIN, "22:00-06:00", "2026-10-24T21:00", "2026-10-25T05:00"),
        (BERLIN, "22:00-02:30", "2026-10-25T00:10", "2026-10-25T01:30"),
        (BERLIN, "22:00-02:30", "2026-10-25T00:45", "2026-10-25T01:30"),  # between the two 02:30
        (BERLIN, "22:00-02:30", "2026-10-25T01:10", "2026-10-25T01:30"),  # the second 02:10
        (BERLIN, "02:30-06:00", "2026-10-25T00:29", "2026-10-25T00:29"),
        (BERLIN, "02:30-06:00", "2026-10-25T01:10", "2026-10-25T05:00"),  # the second 02:10: they have begun
        (BERLIN, "22:00-02:30", "2026-03-29T00:59", "2026-03-29T01:00"),
        (BERLIN, "22:00-02:30", "2026-03-29T01:00", "2026-03-29T01:00"),  # it is 03:00
        (BERLIN, "02:30-06:00", "2026-03-29T00:59", "2026-03-29T00:59"),
        (BERLIN, "02:30-06:00", "2026-03-29T01:00", "2026-03-29T04:00"),
        (NEW_YORK, "22:00-01:30", "2026-11-01T06:10", "2026-11-01T06:30"),
        (NEW_YORK, "01:30-06:00", "2026-11-01T06:10", "2026-11-01T11:00"),
        (NEW_YORK, "22:00-02:30", "2026-03-08T06:59", "2026-03-08T07:00"),
        (NEW_YORK, "01:30-01:15", "2026-11-01T06:00", "2026-11-02T06:15"),
        (BERLIN, "12:00-13:00", "2026-05-01T11:00", "2026-05-01T11:00"),
    ],
)
def test_quiet_hours_are_quiet_from_their_first_minute_to_their_last(
    zone: ZoneInfo, hours: str, moment: str, when: str
) -> None:
    assert after_quiet(quiet_hours(hours), zone, utc(moment)) == utc(when)


minutes = st.integers(0, 24 * 60 - 1).map(lambda number: time(number // 60, number % 60))
zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia"]
).map(ZoneInfo)
moments = st.integers(0, 20 * 365 * 24 * 60).map(lambda number: utc("2010-01-01T00:00") + number * MINUTE)


@given(minutes, zones, moments)
def test_digests_are_a_day_apart_give_or_take_a_clock_change(
    at: time, zone: ZoneInfo, moment: datetime
) -> None:
    first = next_time(at, zone, moment)
    second = next_time(at, zone, first)
    assert moment < first <= moment + 2 * DAY
    assert first < second <= first + 2 * DAY
    assert second.astimezone(zone).date() > first.astimezone(zone).date()


@given(minutes, minutes, zones, moments)
def test_nothing_is_sent_while_the_clocks_show_a_quiet_time(
    start: time, end: time, zone: ZoneInfo, moment: datetime
) -> None:
    if start == end:
        return
    spoken = after_quiet(quiet_hours(f"{start:%H:%M}-{end:%H:%M}"), zone, moment)
    shown = spoken.astimezone(zone).time()
    quiet = start <= shown < end if start < end else shown >= start or shown < end
    assert spoken >= moment
    assert not quiet
