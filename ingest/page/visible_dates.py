"""The date that a page shows beside its headline: a <time> element, or a short line such as `Stand: 28.04.2020 18:02 Uhr`.

Only dates near the headline, and outside sentences, count: elsewhere stand events, comments and other articles.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice

from lxml.html import HtmlElement

from ingest.page.page_text import clean

_BEFORE = 12  # texts before the headline that are looked at
_AFTER = 30
_LONGEST_LINE = 120
_UNSEEN = ("script", "style", "noscript", "template", "option")
_ISO = re.compile(r"(?<!\d)(20\d\d|19\d\d)[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)(?!\d)")
_WORDS = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+)?([^\W\d_]{3,14})\.?,?\s+(?:de\s+)?(\d{4})(?!\d)"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,14})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_NOT_PUBLISHED = re.compile(
    r"updat|modif|aktualis|geändert|actualizad|mis à jour|обновл|aggiornat|release|termin|event|©"
    r"|copyright|born|comment|visited",
    re.IGNORECASE,
)


def visible_date(tree: HtmlElement) -> str:
    """The day beside the headline as an ISO date; '' if there is none, or if it could be read in two ways."""
    headline = next((one for one in tree.iter("h1") if len(clean(one.text_content())) > 10), None)
    if headline is None:
        return ""
    before = islice(_texts(_before(headline)), _BEFORE)
    after = islice(_texts(_behind(headline)), _AFTER)
    for text in (*after, *before):
        if len(text) <= _LONGEST_LINE and not _NOT_PUBLISHED.search(text) and (day := written_day(text)):
            return day
    return ""


def written_day(text: str) -> str:
    """The first day that a line names, as an ISO date; '' if there is none. `03/04/2020` can be read in two ways: none."""
    if found := _ISO.search(text):
        return _iso(found[1], found[2], found[3])
    if found := _DAY_FIRST.search(text):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        return _iso(year, found[2], found[1])
    for pattern, day, month in ((_WORDS, 1, 2), (_MONTH_FIRST, 2, 1)):
        for found in pattern.finditer(text):
            if number := months().get(found[month].casefold()):
                return _iso(found[3], str(number), found[day])
    return ""


def _iso(year: str, month: str, day: str) -> str:
    """An ISO date; digits of any script."""
    return f"{int(year):04}-{int(month):02}-{int(day):02}"


@cache
def months() -> dict[str, int]:
    """The number of each month by its names; a name that means two months in two languages is left out."""
    data = tomllib.loads(files("ingest.page").joinpath("data/months.toml").read_text("utf-8"))
    found: dict[str, int] = {}
    doubtful = set()
    for language in data.values():
        for number, names in enumerate(language, 1):
            doubtful |= {name for name in names if found.setdefault(name, number) != number}
    return {name: number for name, number in found.items() if name not in doubtful}


def _behind(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element, and all elements behind it, in the order of the page."""
    root = element.getroottree().getroot()
    seen = False
    for one in root.iter():
        seen = seen or one is element
        if seen:
            yield one


def _before(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements before it, the nearest first: its ancestors' earlier siblings, and what is in them."""
    for ancestor in (element, *islice(element.iterancestors(), 3)):
        for sibling in islice(ancestor.itersiblings(preceding=True), 4):
            yield from islice(sibling.iter(), 20)


def _texts(elements: Iterator[HtmlElement]) -> Iterator[str]:
    """The texts of elements; of a <time>, first what it says to machines."""
    for element in elements:
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            continue
        if element.tag == "time" and (machine := element.get("datetime", "").strip()):
            yield machine[:10]
        for text in (element.text, element.tail):
            if text and (line := clean(text)):
                yield line
