"""What a mark may be, and which of two is the same mark."""

import re
from collections.abc import Mapping

from query.tokens import terms
from query.values import value_key
from results.desk import Mark, MarkKind
from web.links import own_path

OWN: tuple[MarkKind, ...] = ("star", "read", "search")
"""Each person has their own; all others are everybody's."""
WITHOUT_VALUE: tuple[MarkKind, ...] = ("star", "read")
LONGEST: Mapping[MarkKind, int] = {
    "tag": 64,
    "note": 10_000,
    "assigned": 64,
    "not-topic": 200,
    "wrong-name": 300,
    "search": 4_000,
}
"""Characters of a mark's value."""
LONGEST_NAME = 200
MOST_ON_ARTICLE = 200
"""Marks on one article; more are refused."""
MOST_SEARCHES = 500
"""Saved searches of a person."""
_ID = re.compile(r"[0-9a-f]{1,64}")


def fault(mark: Mark) -> str:
    """Why a mark can't be, in a sentence; '' if it can."""
    if mark.kind == "search":
        return _fault_of_search(mark)
    if not _ID.fullmatch(mark.article):
        return "a mark needs the id of an article"
    if mark.kind in WITHOUT_VALUE:
        return f"a {mark.kind} has no value" if mark.value else ""
    if not mark.value.strip():
        return f"{mark.kind}: it is empty"
    if len(mark.value) > LONGEST[mark.kind]:
        return f"{mark.kind}: at most {LONGEST[mark.kind]:,} characters, and it has {len(mark.value):,}"
    if mark.kind == "tag" and not terms(mark.value):
        return "a tag needs a letter or a digit"
    return ""


def _fault_of_search(mark: Mark) -> str:
    if not 0 < len(mark.name.strip()) <= LONGEST_NAME:
        return f"a saved search needs a name, of at most {LONGEST_NAME} characters"
    if len(mark.value) > LONGEST["search"] or own_path(mark.value) != mark.value:
        return "a saved search needs the address of a view, such as /?q=syria"
    return ""


def owner_of(mark: Mark) -> str:
    """Whose mark it is; '' if it is everybody's."""
    return mark.person if mark.kind in OWN else ""


def key_of(mark: Mark) -> str:
    """What tells a mark from others of its kind, article and owner: one with the same key replaces it."""
    match mark.kind:
        case "tag" | "wrong-name" | "not-topic":
            return value_key(terms(mark.value)) or mark.value
        case "note" | "search":
            return mark.name
        case _:
            return ""
