from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates.moments import read_moment


def utc(text: str) -> str | None:
    """A date read as feeds' dates are: in UTC, if no known zone is given."""
    moment = read_moment(text)
    if moment is None:
        return None
    when = moment.when.astimezone(UTC) if moment.when.tzinfo else moment.when.replace(tzinfo=UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 03 Jun 2025 10:00:00 GMT",
        "Tue,03 Jun 2025 10:00:00 GMT",
        "Tue, 03 Jun 2025 10:00:00.000 +0000",
        "Tuesday, 3 June 2025 10:00:00 Z",
        "Tue, 03 Jun 2025, 10:00 GMT",
        "Tue, 03 Jun 25 12:00:00 +0200",
        "Tue, 03 Jun 2025 12:00:00 +02:00",
        "Tue, 03 Jun 2025 12:00:00 +02",
        "Tue, 03 Jun 2025 12:00:00 GMT+2",
        "Tue, 03 Jun 2025 12:00:00 GMT+0200",
        "Tue, 03 Jun 2025 12:00:00 UTC+02:00",
        "Tue, 03 Jun 2025 12:00:00 +0200 (CEST)",
        "Tue, 03 Jun 2025 12:00:00 CEST",
        "Tue, 03 Jun 2025 06:00:00 EDT",
        "Tue, 03 Jun 2025 15:30:00 IST",
        "Tue Jun 3 12:00:00 CEST 2025",
        "Tue Jun 3 12:00:00 +0200 2025",
        "Tue Jun  3 10:00:00 2025",
        "June 3, 2025 10:00 AM",
        "Jun 3, 2025 6:00 a.m. EDT",
        "2025-06-03T10:00:00Z",
        "2025-06-03T10:00:00.123456789Z",
        "2025-06-03T12:00:00 +02:00",
        "2025-06-03 10:00:00 UTC",
        "2025/06/03 10:00:00",
        "2025-6-3 10:00",
        "20250603T100000Z",
        "03.06.2025 10:00",
        "13:00 Вт, 03 июн 2025",
        "mar., 03 juin 2025 12:00:00 +0200",
        "Di, 03 Juni 2025 12:00 MESZ",
        "3 giugno 2025 10:00",
        "2025年6月3日 10:00",
        "2025-06-03 오전 10:00:00",
        "1748944800",
        "1748944800000",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    expected = "2025-06-03 13:00:00" if text.startswith("13") else "2025-06-03 10:00:00"
    assert utc(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 03 Jun 2025 10:30 PM", "2025-06-03 22:30:00"),
        ("Tue, 03 Jun 2025 12:30 am", "2025-06-03 00:30:00"),
        ("2004-05-25 오후 11:23:17", "2004-05-25 23:23:17"),
        ("Tue, 03 Jun 2025 24:00:00 GMT", "2025-06-04 00:00:00"),
        ("2025-06-03T10:00:60Z", "2025-06-03 10:00:59"),
        ("Tue, 03 Jun 2025 10:00:60 GMT", "2025-06-03 10:00:59"),
        ("2025-06-03T10:00:00-05", "2025-06-03 15:00:00"),
        ("2025-06", "2025-06-01 00:00:00"),
        ("2025", "2025-01-01 00:00:00"),
        ("June 3, 2025", "2025-06-03 00:00:00"),
    ],
)
def test_other_forms_of_moments(text: str, expected: str) -> None:
    assert utc(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10:00",
        "06/03/2025 10:00:00",  # June or March?
        "Tue, 31 Jun 2025 10:00:00 GMT",
        "Tue, 03 Jun 2025 10:00:00 +999999",
        "Tue, 03 Jun 2025 10:00:00 +2500",
        "Tue, 03 Jun 2025 10:00:00 XYZ",  # an unknown zone
        "Tue, 03 Jun 2025 10:00:00 Europe/Atlantis",
        "2025-154",
        "2025-13",
        "9" * 1000,
    ],
)
def test_ambiguous_dates_are_none(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("text", "zoned", "clock"),
    [
        ("Tue, 03 Jun 2025 10:00:00 GMT", True, True),
        ("Tue, 03 Jun 2025 10:00:00", False, True),
        ("Tue, 03 Jun 2025 10:00:00 Uhr", False, True),
        ("Tue, 03 Jun 2025 10:00:00 ET", True, True),
        ("2025-06-03", False, False),
        ("3 June 2025", False, False),
        ("Tue, 03 Jun 2025 25:00:00 GMT", False, False),  # no such hour: the day is known all the same
    ],
)
def test_whether_zone_and_clock_were_written(text: str, zoned: bool, clock: bool) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert ((moment.when.tzinfo is not None), moment.has_clock) == (zoned, clock)


@given(st.text(alphabet=st.sampled_from("0123456789:-+./ TZaApPmMJunGMT,年오후"), max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    moment = read_moment(text)
    assert moment is None or isinstance(moment.when, datetime)


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("Tue, 03 Mar 2026 10:00:00 ET", "15:00"),
        ("Fri, 03 Jul 2026 10:00:00 ET", "14:00"),
        ("Tue, 03 Mar 2026 10:00 a.m. PT", "18:00"),
        ("Tue, 03 Mar 2026 10:00:00 CT", "16:00"),
        ("Tue, 03 Mar 2026 10:00:00 MYT", "02:00"),
        ("Tue, 03 Mar 2026 10:00:00 GST", "06:00"),
        ("Tue, 03 Mar 2026 10:00:00 Europe/Berlin", "09:00"),
        ("Fri, 03 Jul 2026 10:00:00 Europe/Berlin", "08:00"),
        ("2026-03-03T10:00:00[Europe/Berlin]", "09:00"),
        ("2026-03-03T10:00:00+02:00[Europe/Berlin]", "08:00"),
        ("Tue, 03 Mar 2026 10:00:00 America/New_York", "15:00"),
        ("Tue, 03 Mar 2026 10:00:00 America/Argentina/Ushuaia", "13:00"),
    ],
)
def test_zones_by_name(text: str, in_utc: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert f"{moment.in_utc():%H:%M}" == in_utc
