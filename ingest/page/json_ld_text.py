"""Parses JSON-LD as found in practice: in CDATA or HTML comments, with JavaScript comments, and extra commas and semicolons."""

import json
import re
from collections.abc import Iterator

_STRING_OR_FAULT = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\Z)'  # a string is skipped; what hides the script from old browsers is removed,
    r"|(?://|/\*)?[ \t]{0,9}(?:<!\[CDATA\[|\]\]>|<!--|-->)[ \t]{0,9}(?:\*/)?"
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)"  # and comments,
    r"|,(?=\s*[}\]])",  # and commas before a closing bracket
    re.DOTALL,
)
_BETWEEN = re.compile(r"[\s;,]*")
_MOST_DOCUMENTS = 20
_decoder = json.JSONDecoder(strict=False)  # real pages have raw line breaks in strings


def documents(text: str) -> Iterator[object]:
    """The JSON values in a script, in order; values after an unrepairable error are left out.

    Takes time in proportion to the text's length.
    """
    found = list(_values(text))
    yield from found or _values(_mended(text))


def _mended(text: str) -> str:
    """The text without the harmless parts that are not JSON."""
    for _ in range(2):  # a comma may stand before a comment
        text = _STRING_OR_FAULT.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    return text


def _values(text: str) -> Iterator[object]:
    place = _end_of(text, 0)
    for _ in range(_MOST_DOCUMENTS):
        if place >= len(text):
            return
        try:
            value, place = _decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield value
        place = _end_of(text, place)


def _end_of(text: str, place: int) -> int:
    """The end of the separator between two values."""
    between = _BETWEEN.match(text, place)
    return between.end() if between else place
