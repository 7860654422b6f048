"""Moments as people type them and read them."""

import os
import time
from datetime import datetime

from query import moments
from stream.errors import ConfigError


def moment(text: str, now: datetime) -> datetime:
    """See query/moments.py; raises ConfigError."""
    try:
        return moments.moment(text, now)
    except ValueError as error:
        raise ConfigError(str(error)) from None


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
