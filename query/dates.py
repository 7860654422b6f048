"""Dates in queries: the period meant by `2016`, `2016-03` or `2016-03-14T09:30`. UTC unless a zone is given."""

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
EXPECTED = "expected a date such as 2016, 2016-03, 2016-03-14 or 2016-03-14T09:30Z"


def stretch(text: str) -> tuple[datetime, datetime]:
    """The first moment of a date, and the first one after it; raises ValueError if the text is not a date."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(EXPECTED)
    try:
        start = datetime.fromisoformat(_completed(found)).astimezone(UTC)
        return start, _end(found, start)
    except (ValueError, OverflowError):
        raise ValueError(EXPECTED) from None


def _completed(found: re.Match[str]) -> str:
    day = f"{found['year']}-{found['month'] or '01'}-{found['day'] or '01'}"
    return f"{day}T{found['clock'] or '00:00'}{found['zone'] or 'Z'}"


def _end(found: re.Match[str], start: datetime) -> datetime:
    if found["clock"]:
        units = {5: timedelta(minutes=1), 8: timedelta(seconds=1)}
        return start + units.get(len(found["clock"]), timedelta(microseconds=1))
    if found["day"]:
        return start + timedelta(days=1)
    if found["month"]:
        return (start + timedelta(days=31)).replace(day=1)
    return start.replace(year=start.year + 1)


def show_moment(time: datetime) -> str:
    """A time in UTC, in the shortest form whose `stretch` begins there."""
    if time == time.replace(hour=0, minute=0, second=0, microsecond=0):
        return f"{time:%Y-%m-%d}".zfill(10)
    return time.replace(tzinfo=None).isoformat().zfill(19) + "Z"
