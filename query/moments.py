"""Moments as people type them: a date, a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: datetime) -> datetime:
    """The moment meant by `30m`, `24h`, `7d`, `2w` (that long ago), or by an ISO 8601 date or time (UTC if it names no zone).

    Raises ValueError for anything else; the message says what was expected.
    """
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if ago:
        try:
            return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        except OverflowError:
            raise ValueError(f"{text!r}: that is before the year 1") from None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{text!r}: expected a date (2016-03-14), a time (2016-03-14T09:30) or an age (24h, 7d)"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
