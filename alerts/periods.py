"""Durations and times of day, as people write them in alerts.toml."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PERIOD = re.compile(r"([1-9]\d{0,5})([smhdw])")
_QUIET = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


class Quiet(msgspec.Struct, frozen=True):
    """Hours of the day without messages; `end` is exclusive, and may be on the next day."""

    start: time
    end: time


def period(text: str) -> timedelta:
    """`90s`, `30m`, `1h`, `2d`, `1w`; raises ValueError for anything else."""
    found = _PERIOD.fullmatch(text)
    if not found:
        raise ValueError("expected a duration such as 90s, 30m, 1h or 2d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def clock_time(text: str) -> time:
    """`08:00`; raises ValueError for anything else."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise ValueError("expected a time of day such as 08:00") from None


def quiet_hours(text: str) -> Quiet:
    """`22:00-06:00`; raises ValueError for anything else."""
    found = _QUIET.fullmatch(text)
    if not found or found[1] == found[2]:
        raise ValueError("expected hours such as 22:00-06:00")
    return Quiet(clock_time(found[1]), clock_time(found[2]))


def after_quiet(quiet: Quiet, zone: ZoneInfo, moment: datetime) -> datetime:
    """The moment itself or, within quiet hours, their end.

    They last from when the clocks first show `start` until they last show `end`: clocks that are set back don't interrupt them.
    """
    day = moment.astimezone(zone).date()
    for number in range(-2, 3):  # in order, since one night's hours may end within the next one's
        start = _shown(day + timedelta(days=number), quiet.start, zone)
        over_midnight = quiet.end < quiet.start
        end = _shown(day + timedelta(days=number + over_midnight), quiet.end, zone, last=True)
        if start <= moment < end:
            moment = end.astimezone(moment.tzinfo)
    return moment


def next_time(at: time, zone: ZoneInfo, moment: datetime) -> datetime:
    """The next moment after the given one at which a zone's clocks first show a time of day: exactly once a day."""
    day = moment.astimezone(zone).date()
    shown = (_shown(day + timedelta(days=number), at, zone) for number in range(-1, 3))
    return next(one for one in shown if one > moment).astimezone(moment.tzinfo)


def _shown(day: date, at: time, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """When (UTC) a zone's clocks first, or last, show a time on a day; if they skip it, when they jump past it."""
    early, late = sorted(
        datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    if early.astimezone(zone).time() == at:
        return late if last else early
    return _jump(early, late, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When (UTC, to the second) the clocks of a zone were changed between two moments."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def next_hour(moment: datetime) -> datetime:
    """The next full hour (UTC) after a moment."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
