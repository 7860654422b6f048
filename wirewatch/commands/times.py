"""Moments as people type them and read them."""

import os
import re
import time
from datetime import UTC, datetime, timedelta

from stream.errors import ConfigError

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: datetime) -> datetime:
    """`30m`, `24h`, `7d`, `2w` (so long ago), or an ISO 8601 date or time (UTC where it names no zone).

    Raises ConfigError for anything else.
    """
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if ago:
        try:
            return now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        except OverflowError:
            raise ConfigError(f"{text!r}: that is before the year 1") from None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            f"{text!r}: expected a date (2016-03-14), a time (2016-03-14T09:30) or an age (24h, 7d)"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def past(option: str, text: str, now: datetime) -> datetime:
    """The moment that an option such as --since names; ConfigError if it lies in the future, where nothing is yet."""
    found = moment(text, now)
    if found > now:
        raise ConfigError(f"{option} {text}: is in the future; it is {clock(now)} now")
    return found


def clock(when: datetime | None) -> str:
    """A time for a person, in the zone of the machine, which is named: `2016-03-14 09:30 CET`; a dash for none."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M %Z") if when else "-"


def day(when: datetime) -> str:
    """A day for a person: `14 March 2016`."""
    local = when.astimezone()
    return f"{local.day} {local:%B %Y}"


def use_utc() -> None:
    """Let this process show times in UTC."""
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):  # there is none for Windows
        time.tzset()
