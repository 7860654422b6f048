"""Finds the day named in a text; knows month names in many languages."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_BETWEEN = r"\s\d.,:;/|()\[\]·•–—_-"
_NAME = rf"([^{_BETWEEN}]{{2,14}})"  # of a month; \w would stop at a vowel mark, in the middle of a word
_YEAR_FIRST = re.compile(
    r"(?<!\d)(20\d\d|19\d\d)(?:[-/.]|\s?[年년])\s?(\d{1,2})(?:[-/.]|\s?[月월])\s?(\d{1,2})(?!\d)"
)
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)(?!\d)")
_SLASHED = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?![\d/-])")
_WORDS = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º|°)?\.?[\s/-]+(?:de\s+)?{_NAME}(?:/{_NAME})?\.?,?[\s/-]+(?:del?\s+)?"
    r"(\d{4}|\d\d)(?![\d:])"
)
_MONTH_FIRST = re.compile(rf"(?<![^{_BETWEEN}]){_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)")
_YEAR_AND_NAME = re.compile(rf"(?<!\d)(\d{{4}})\.?\s+{_NAME}\.?\s+(\d{{1,2}})(?![\d:])")
_IN_TWO_WORDS = {
    "كانون الثاني": "يناير",
    "تشرين الأول": "أكتوبر",
    "تشرين الثاني": "نوفمبر",
    "كانون الأول": "ديسمبر",
}
"""Arabic month names of two words, as in the Levant, and the one word for each elsewhere."""
_HEBREW_IN = "ב"
"""`in`, which Hebrew joins to the month's name as a prefix."""
_DAY_FIRST = frozenset({
    *("ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fa", "fi", "fr", "gl", "he", "hr", "hy", "id", "it", "ka"),
    *("mk", "ms", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "tr", "uk", "vi"),
})  # fmt: skip
"""Languages whose writers put the day before the month in numbers, wherever they live."""

Day = tuple[int, int, int]
"""Year, month, day. There is such a month; whether it has that many days is not yet checked."""


def named_day(text: str, language: str = "") -> Day | None:
    """The first day named in a text; None if there is none, or if it is ambiguous, such as `03/04/2020`.

    Args:
        text: a line, or a short passage.
        language: of the text (ISO 639-1), which may tell what comes first in `03/04/2020`; '' if unknown.
    """
    return next((day for day in _days(text, language) if 1 <= day[1] <= 12 and 1 <= day[2] <= 31), None)


def _days(text: str, language: str) -> Iterator[Day]:
    """The candidates for days, the clearest forms first."""
    for found in _YEAR_FIRST.finditer(text):
        yield int(found[1]), int(found[2]), int(found[3])
    for found in _DOTTED.finditer(text):
        first, second, year = int(found[1]), int(found[2]), _full_year(found[3])
        yield (year, first, second) if second > 12 else (year, second, first)
    for found in _SLASHED.finditer(text):
        yield from _either_way(int(found[1]), int(found[3]), int(found[4]), language)
    yield from _with_names(text)


def _with_names(text: str) -> Iterator[Day]:
    for two, one in _IN_TWO_WORDS.items():
        text = text.replace(two, one)
    for pattern, year, month, day in ((_WORDS, 4, 2, 1), (_MONTH_FIRST, 3, 1, 2), (_YEAR_AND_NAME, 1, 2, 3)):
        for found in pattern.finditer(text):
            if number := _month(found[month]):
                yield _full_year(found[year]), number, int(found[day])


def _month(name: str) -> int:
    """The number of the month with a name; 0 if no month has it."""
    name = name.casefold()
    return months().get(name) or months().get(name.removeprefix(_HEBREW_IN)) or 0


def _full_year(written: str) -> int:
    """The year. Two digits are read as in POSIX: 69 to 99 mean the last century."""
    year = int(written)
    return year if len(written) > 2 else year + (1900 if year >= 69 else 2000)


def _either_way(first: int, second: int, year: int, language: str) -> Iterator[Day]:
    """Americans write the month first, others the day: nothing if neither the language nor the numbers tell which."""
    if second <= 12 and (first == second or first > 12 or language in _DAY_FIRST):
        yield year, second, first
    elif first <= 12 < second:
        yield year, first, second


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
