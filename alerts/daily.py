"""When a daily digest is due, and what it covers. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from alerts.periods import next_time

LATE = timedelta(hours=12)
"""A digest that could not be sent for so long is given up: the next one covers its time."""
LONGEST = timedelta(days=7)
"""What a digest covers at most, after days without one."""
_DAY = timedelta(days=1)
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


class Covered(msgspec.Struct, frozen=True):
    """The time of a digest; `until` is when it was due."""

    since: datetime
    until: datetime


def last_due(at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """When the newest digest was due, which may be now."""
    due = next_time(at, zone, now - 2 * _DAY)
    while (following := next_time(at, zone, due)) <= now:
        due = following
    return due


def covered(due: datetime, before: datetime | None) -> Covered:
    """What the digest of a moment covers.

    Args:
        due: the moment.
        before: until when the one before went; None if there was none.
    """
    since = due - _DAY if before is None else max(before, due - LONGEST)
    return Covered(min(since, due), due)


def next_try(tries: int, now: datetime) -> datetime:
    """When sending is tried again after so many failures."""
    return now + _WAITS[min(tries, len(_WAITS)) - 1]
