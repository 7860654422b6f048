"""When an article was published: reading dates as pages write them, and choosing among those that a page offers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from wirewatch.messages import PublishedFrom

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""The web's first year: an older date is no date of publishing on it."""
TOLERANCE = timedelta(days=1)
"""How far in the future a date may lie: clocks and time zones differ."""

_IN_URL = re.compile(r"[/_-]((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?!\d)")
_SPACE_BEFORE_ZONE = re.compile(r"\s+(?=[+-]\d\d:?\d\d$|Z$)")
_LONGEST = 64  # characters of a date


@dataclass(frozen=True)
class Dated:
    """A date as it was found, and where."""

    value: str | datetime
    source: PublishedFrom


def choose(candidates: Iterable[Dated], now: datetime) -> tuple[datetime | None, PublishedFrom]:
    """The first candidate that can be a time of publishing, in UTC, with its source; (None, '') if there is none.

    A date before 1990 or more than a day in the future of `now` is refused.
    """
    for candidate in candidates:
        when = candidate.value if isinstance(candidate.value, datetime) else parse(candidate.value)
        if when is not None and EARLIEST <= when <= now + TOLERANCE:
            return when.astimezone(UTC), candidate.source
    return None, ""


def parse(text: str) -> datetime | None:
    """An ISO 8601 or RFC 5322 date as an aware datetime; None if it is neither.

    A date without a time is midnight, one without a zone is UTC.
    """
    text = _SPACE_BEFORE_ZONE.sub("", text.strip()[:_LONGEST])
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = read(text)
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def in_url(url: str) -> str:
    """The day that a URL names, as in /2016/03/14/ or -2016-03-14, as an ISO date; '' if it names none."""
    found = _IN_URL.search(url)
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else ""
