"""How much markup of a feed is read: what it costs grows with its tags and attributes far more than with its bytes."""

import re
from itertools import islice

MAX_TAGS = 200_000
"""Start and end tags, each at most 200 bytes of a tree. The richest of 200 real feeds had 86,864."""
MAX_ATTRIBUTES = 90_000
"""At some 330 bytes of a tree each; those in escaped markup count too. None of 200 real feeds had over 34,459."""
MAX_JSON_VALUES = 300_000
"""Commas and brackets; each may be a value of some 70 bytes."""

_TAG = re.compile("<")
_ATTRIBUTE = re.compile(r"=\s?[\"']")
_JSON_VALUE = re.compile(r"[\[{,]")


def within_bounds(text: str) -> str:
    """As much of an XML document as may be read; what is cut off counts as a feed that broke off."""
    for sign, mark, most in (("<", _TAG, MAX_TAGS), ("=", _ATTRIBUTE, MAX_ATTRIBUTES)):
        if text.count(sign) > most:  # far quicker than to look at each
            over = next(islice(mark.finditer(text), most, None), None)
            text = text[: over.start()] if over else text
    return text


def has_too_many_values(text: str) -> bool:
    """Whether a JSON document may have more values than may be read."""
    return next(islice(_JSON_VALUE.finditer(text), MAX_JSON_VALUES, None), None) is not None
