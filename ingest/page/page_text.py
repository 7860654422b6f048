"""Short texts of a page as one line of plain text."""

import html
import re

LONGEST_TITLE = 500
"""Characters; longer text is not a title."""
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"<[^<>]{1,200}>")
UNSEEN = str.maketrans("", "", "\u00ad\u200b\ufeff")
"""Removes soft hyphens and the like, which would split words."""
INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")
"""Finds those characters; most texts have none."""


def clean(text: str) -> str:
    """Text with its white space collapsed, and without stray markup and invisible characters."""
    return _SPACE.sub(" ", _TAG.sub("", text) if "<" in text else text).translate(UNSEEN).strip()


def one_line(value: object, longest: int) -> str:
    """A value as one line of plain text; '' if it is not a string, or implausibly long."""
    text = clean(html.unescape(value)) if isinstance(value, str) else ""
    return text if len(text) <= longest else ""
