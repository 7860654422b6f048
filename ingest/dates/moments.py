"""Parses times as programs write them: ISO 8601, RFC 5322, seconds since 1970, and other forms found in practice.

Text in no known form is split into a clock time, the zone after it, and a day in the rest. If a zone is given but unknown, the
text is rejected: a wrong zone would be off by hours.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from ingest.dates.days import months, named_day

LONGEST = 100
"""Characters of a date that are read."""

_SINCE_1970 = re.compile(r"([0-9]{10})(?:[0-9]{3})?")
_MONTH_ONLY = re.compile(r"((?:19|20)[0-9]{2})(?:-([0-9]{2}))?")
_CLOCK = re.compile(
    r"(?<![\d:])(오전|오후)?\s*([01]?\d|2[0-4])[:h]([0-5]\d)(?::([0-5]\d|60)(?:[.,]\d+)?)?(?![\d:])\s*([ap])?(?(5)\.?m\b\.?)",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"[\s(]*(?:(?:GMT|UTC|UT|Z)?\s*(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>[0-5]\d)?(?!\d)"
    r"|\[?(?P<place>[A-Za-z]{2,14}(?:/[A-Za-z_+-]{2,30}){1,2})\]?"  # the last: RFC 9557, section 3.1
    r"|(?P<name>[A-Za-z]{1,5})(?![A-Za-z/])\)?)"
)
_NO_ZONES = frozenset(
    {"UHR", "HRS", "HR", "H", "HS", "HOURS", "ON", "AT", "BY", "IN", "AM", "PM", "LIVE", "NEWS", "UPDATE"}
)
"""Capitalised words after a clock time that are not zones."""
_PLACES = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
"""Zone names that Americans write all year, regardless of daylight saving time."""
_OFFSET = re.compile(r"[\s(]*(?:GMT|UTC|UT|Z)?\s*[+-]\d")
_ZONES = {
    # RFC 5322, section 4.3
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    # Not in the RFC, but unambiguous in news feeds; IST is India's, as in the feeds that use it.
    "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MET": 60, "MEZ": 60, "CEST": 120, "MEST": 120, "MESZ": 120,
    "WAT": 60, "CAT": 120, "SAST": 120, "EET": 120, "EEST": 180, "EAT": 180, "MSK": 180, "TRT": 180, "PKT": 300,
    "IDT": 180, "IRST": 210, "GST": 240, "GET": 240, "AZT": 240, "AFT": 270, "UZT": 300, "SLST": 330, "BDT": 360, "MMT": 390,
    "MYT": 480, "CHST": 600, "ACST": 570, "ACDT": 630, "SAMT": 240, "YEKT": 300, "OMST": 360, "NOVT": 420, "KRAT": 420,
    "IRKT": 480, "YAKT": 540, "VLAT": 600, "MAGT": 660, "PETT": 720, "WAST": 120, "COT": -300, "PET": -300, "ECT": -300,
    "BOT": -240, "VET": -240, "CLT": -240, "CLST": -180, "UYT": -180, "SST": -660,
    "IST": 330, "NPT": 345, "ICT": 420, "WIB": 420, "WITA": 480, "WIT": 540, "HKT": 480, "SGT": 480, "PHT": 480,
    "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "BRT": -180, "ART": -180, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
"""Minutes east of UTC."""


class Moment(NamedTuple):
    """A time as it was written."""

    when: datetime
    """Aware only if a zone was given."""
    has_clock: bool
    """Whether a time of day was given."""

    def in_utc(self) -> datetime | None:
        """The time in UTC (a missing zone means UTC); None if it is outside the calendar."""
        try:
            return self.when.astimezone(UTC) if self.when.tzinfo else self.when.replace(tzinfo=UTC)
        except OverflowError:
            return None


def read_moment(text: str) -> Moment | None:
    """The time given by a text; None if it can't be read with certainty. Never raises."""
    text = text[:LONGEST].strip()
    try:
        return (_machine(text) if text[:4].isdigit() else _mail(text)) or _taken_apart(text)
    except (ValueError, OverflowError):  # the 31st of June, the year 0
        return None


def _mail(text: str) -> Moment | None:
    """RFC 5322 in the form of nearly all RSS feeds, such as `Mon, 02 Mar 2026 10:00:00 +0100`."""
    try:
        _, day, month, year, clock, zone = text.split(" ")
        zone = "Z" if zone == "GMT" else zone
        when = datetime.fromisoformat(
            f"{year}-{months().get(month.casefold(), 0):02}-{day:0>2}T{clock}{zone}"
        )
    except ValueError:
        return None
    return Moment(when, has_clock=True)


def _machine(text: str) -> Moment | None:
    """ISO 8601, a part of it (a year, a month: W3C's profile), or seconds or milliseconds since 1970."""
    if since := _SINCE_1970.fullmatch(text):
        return Moment(datetime.fromtimestamp(int(since[1]), UTC), has_clock=True)
    if month := _MONTH_ONLY.fullmatch(text):
        return Moment(datetime(int(month[1]), int(month[2] or 1), 1), has_clock=False)  # noqa: DTZ001 - no zone is known
    try:
        return Moment(datetime.fromisoformat(text), has_clock=len(text) > len("2016-03-14"))
    except ValueError:
        return None


def _taken_apart(text: str) -> Moment | None:
    """A clock time if there is one, the zone after it, and a day in the rest."""
    clock = _CLOCK.search(text)
    if clock is None:
        day = named_day(text)
        return Moment(datetime(*day), has_clock=False) if day else None  # noqa: DTZ001 - no zone is known
    behind = text[clock.end() :]
    zone = _ZONE.match(behind)
    if zone is None and _OFFSET.match(behind):
        return None
    if zone and _is_unknown(zone):
        return None
    day = named_day(f"{text[: clock.start()].removesuffix('T')} {behind[zone.end() if zone else 0 :]}")
    if day is None:
        return None
    hour, minute, second = _time(clock)
    known = _tzinfo(zone) if zone else None
    when = datetime(*day, minute=minute, second=second, tzinfo=known) + timedelta(hours=hour)
    return Moment(when, has_clock=True)


def _time(clock: re.Match[str]) -> tuple[int, int, int]:
    """Hour (24 is the end of the day), minute and second; a leap second counts as the second before it."""
    hour = int(clock[2])
    half = (clock[5] or "").lower() or {"오전": "a", "오후": "p"}.get(clock[1] or "", "")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(clock[3]), min(int(clock[4] or 0), 59)


def _is_unknown(zone: re.Match[str]) -> bool:
    """Whether an unknown zone is given. Lower-case letters after a clock time are a word: `10:00 Uhr`, `10:00 by Ann`."""
    name = zone["name"]
    looks_like_one = bool(name) and len(name) > 1 and name.isupper() and name not in _NO_ZONES
    return (looks_like_one or bool(zone["place"])) and _tzinfo(zone) is None


def _tzinfo(zone: re.Match[str]) -> tzinfo | None:
    """The zone given; None for an unknown name."""
    if zone["sign"]:
        minutes = int(zone["hours"]) * 60 + int(zone["minutes"] or 0)
        return timezone(timedelta(minutes=-minutes if zone["sign"] == "-" else minutes))
    name = (zone["name"] or "").upper()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    place = zone["place"] or _PLACES.get(name, "")
    return ZoneInfo(place) if place in _places() else None


@lru_cache
def _places() -> frozenset[str]:
    """The names of IANA's time zones: only these reach `ZoneInfo`, which caches every name."""
    return frozenset(available_timezones())
