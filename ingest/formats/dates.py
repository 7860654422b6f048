"""Dates as feeds write them: RFC 3339 and ISO 8601, RFC 5322, and what else is found in practice."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feedparser.datetimes import _parse_date as parse_odd_date

MAX_DATE = 100
"""Characters of a written date that are looked at."""
_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)  # what lies before comes from a zero in a database
_NONSENSE = re.compile(r"(?:^|\s)0[0-9]{3}(?=[\s-])|[+-][0-9]{5,}$")
"""The year 0001, which RFC 5322 would have us read as 2001, and zones that are none."""
_MONTHS = {
    "Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06",
    "Jul": "07", "Aug": "08", "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12",
}  # fmt: skip
_ZONES = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
"""Hours east of UTC, of names outside RFC 822 that mean one thing in news feeds."""


def read_date(candidates: Iterable[str], latest: datetime) -> datetime | None:
    """The first of the written dates that can be read and is plausible."""
    for text in candidates:
        when = _parsed(text[:MAX_DATE].strip())
        if when and _EARLIEST <= when <= latest:
            return when
    return None


def _parsed(text: str) -> datetime | None:
    """A written date in UTC; a missing zone means UTC."""
    if not text:
        return None
    when = _in_utc(datetime.fromisoformat if text[0].isdigit() else _usual_mail_date, text)
    if when or _NONSENSE.search(text):
        return when
    return _in_utc(_mail_date, text) or _in_utc(_odd_date, text)


def _in_utc(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        when = read(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _usual_mail_date(text: str) -> datetime:
    """What nearly all RSS feeds write, such as `Mon, 02 Mar 2026 10:00:00 +0100`, in a quarter of the time of `_mail_date`."""
    _, day, month, year, clock, zone = text.split(" ")
    zone = "Z" if zone == "GMT" else zone
    return datetime.fromisoformat(f"{year}-{_MONTHS.get(month)}-{day:0>2}T{clock}{zone}")


def _mail_date(text: str) -> datetime:
    """RFC 5322 dates (RSS 2.0), with the zone names that they come with in practice."""
    head, _, zone = text.rpartition(" ")
    hours = _ZONES.get(zone.upper())
    return parsedate_to_datetime(text if hours is None else f"{head} +{hours:02}00")


def _odd_date(text: str) -> datetime:
    """What feedparser reads beyond that: asctime, Korean, Greek and Hungarian forms, and more."""
    parts = parse_odd_date(text)
    if parts is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = parts[:6]
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
