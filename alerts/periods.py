"""Spans of time and times of the day, as people write them in alerts.toml."""

import re
from datetime import datetime, time, timedelta
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
        raise ValueError("expected a span of time such as 90s, 30m, 1h or 2d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def clock_time(text: str) -> time:
    """`08:00`; raises ValueError for anything else."""
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of the day has no zone
    except ValueError:
        raise ValueError("expected a time of the day such as 08:00") from None


def quiet_hours(text: str) -> Quiet:
    """`22:00-06:00`; raises ValueError for anything else."""
    found = _QUIET.fullmatch(text)
    if not found or found[1] == found[2]:
        raise ValueError("expected hours such as 22:00-06:00")
    return Quiet(clock_time(found[1]), clock_time(found[2]))


def after_quiet(quiet: Quiet, zone: ZoneInfo, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into."""
    local = moment.astimezone(zone)
    inside = (
        quiet.start <= local.time() < quiet.end
        if quiet.start < quiet.end
        else local.time() >= quiet.start or local.time() < quiet.end
    )
    return next_time(quiet.end, zone, moment) if inside else moment


def next_time(at: time, zone: ZoneInfo, moment: datetime) -> datetime:
    """The next moment after the given one at which the clocks of a zone show a time."""
    local = moment.astimezone(zone)
    day = local.date() if local.time() < at else local.date() + timedelta(days=1)
    return datetime.combine(day, at, zone).astimezone(moment.tzinfo)


def next_hour(moment: datetime) -> datetime:
    """The next full hour (UTC) after a moment."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
