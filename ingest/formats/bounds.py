"""Limits on the markup of a feed: parsing cost depends far more on tags and attributes than on bytes."""

import re
import sys
from itertools import islice

MAX_TAGS = 200_000
"""Start and end tags, each at most 200 bytes of a tree. The richest of 200 real feeds had 86,864."""
MAX_ATTRIBUTES = 90_000
"""At some 330 bytes of a tree each; those in escaped markup count too. None of 200 real feeds had over 34,459."""
MAX_REFERENCES = 200_000
"""Character references, entities of HTML and bare `&`: what may have to be mended one by one."""
MAX_IN_MEMORY, MAX_MENDED = 20_000_000, 11_000_000
"""Bytes that a document may take in memory, where one emoji makes every character take four; and one that is to be mended."""
MAX_JSON_VALUES = 300_000
"""Commas and brackets; each may be a value of some 70 bytes."""

_TAG = re.compile("<")
_ATTRIBUTE = re.compile(r"=\s?[\"']")
_REFERENCE = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_JSON_VALUE = re.compile(r"[\[{,]")


def within_bounds(text: str) -> str:
    """The part of an XML document that is within limits; if it is cut, the feed counts as truncated."""
    for sign, mark, most in (("<", _TAG, MAX_TAGS), ("=", _ATTRIBUTE, MAX_ATTRIBUTES)):
        text = _at_most(text, sign, mark, most)
    return text


def mendable(text: str) -> str:
    """As much of an XML document as may be mended: mending holds a few copies of it at a time."""
    return _at_most(in_memory(text, MAX_MENDED), "&", _REFERENCE, MAX_REFERENCES)


def in_memory(text: str, most: int = MAX_IN_MEMORY) -> str:
    """As much of a document as fits in this many bytes."""
    width = sys.getsizeof(text) / max(len(text), 1)
    return text[: int(most / width)]


def _at_most(text: str, sign: str, mark: re.Pattern[str], most: int) -> str:
    """A text, cut where a mark occurs once too often. `sign` is a character that every mark contains."""
    if text.count(sign) <= most:  # far faster than checking each one
        return text
    over = next(islice(mark.finditer(text), most, None), None)
    return text[: over.start()] if over else text


def has_too_many_values(text: str) -> bool:
    """Whether a JSON document may have more values than the limit."""
    return next(islice(_JSON_VALUE.finditer(text), MAX_JSON_VALUES, None), None) is not None
