"""Finds the day named in a text; knows month names in many languages."""

import re
import tomllib
from functools import cache
from importlib.resources import files

_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d|19\d\d)[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_WORDS = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º)?\.?[\s-]+(?:de\s+)?([^\W\d_]{3,14})\.?,?[\s-]+(?:de\s+)?(\d{4}|\d\d)(?![\d:])"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,14})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")

Day = tuple[int, int, int]
"""Year, month, day; not yet checked to exist."""


def named_day(text: str) -> Day | None:
    """The first day named in a text; None if there is none, or if it is ambiguous, such as `03/04/2020`."""
    if found := _YEAR_FIRST.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.search(text):
        return _full_year(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.search(text):
        return _either_way(int(found[1]), int(found[2]), int(found[3]))
    for pattern, day, month in ((_WORDS, 1, 2), (_MONTH_FIRST, 2, 1)):
        for found in pattern.finditer(text):
            if number := months().get(found[month].casefold()):
                return _full_year(found[3]), number, int(found[day])
    return None


def _full_year(written: str) -> int:
    """The year. Two digits are read as in POSIX: 69 to 99 mean the last century."""
    year = int(written)
    return year if len(written) > 2 else year + (1900 if year >= 69 else 2000)


def _either_way(first: int, second: int, year: int) -> Day | None:
    """Americans write the month first, others the day; this is unambiguous only if one of the two can't be a month."""
    if first == second or first > 12 >= second:
        return year, second, first
    return (year, first, second) if second > 12 >= first else None


@cache
def months() -> dict[str, int]:
    """Month numbers by name; a name that means different months in different languages is left out."""
    data = tomllib.loads(files("ingest.dates").joinpath("data/months.toml").read_text("utf-8"))
    found: dict[str, int] = {}
    doubtful = set()
    for language in data.values():
        for number, names in enumerate(language, 1):
            doubtful |= {name for name in names if found.setdefault(name, number) != number}
    return {name: number for name, number in found.items() if name not in doubtful}
