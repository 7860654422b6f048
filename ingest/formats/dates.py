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
_ZONES = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
"""Hours east of UTC, of names outside RFC 822 that mean one thing in news feeds."""


def read_date(candidates: Iterable[str], latest: datetime) -> datetime | None:
    """The first of the written dates that can be read and is plausible."""
    read = (_parsed(text[:MAX_DATE].strip()) for text in candidates)
    return next((when for when in read if when and _EARLIEST <= when <= latest), None)


def _parsed(text: str) -> datetime | None:
    """A written date in UTC; a missing zone means UTC."""
    if not text or _NONSENSE.search(text):
        return None
    # What begins with a weekday is no ISO 8601, and to find that out by an exception takes a while.
    forms = _FORMS if text[0].isdigit() else _FORMS[1:]
    return next((when for form in forms if (when := _in_utc(form, text))), None)


def _in_utc(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        when = read(text)
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


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


_FORMS = (datetime.fromisoformat, _mail_date, _odd_date)
