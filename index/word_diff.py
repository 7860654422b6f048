"""An edit word by word: what stayed, what went, what came."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from results.edits import Change
from stream.delta import Hunk, hunks

AROUND = 60
"""Characters before and after a change."""
_WORD = 20  # characters of a word that is left out rather than cut
WHOLE = frozenset({"withdrawn", "paywalled", "restored"})
"""Kinds of changes that concern an article as a whole: there are no words to compare."""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of two texts that are shown as one."""

    kind: Literal["same", "removed", "added"]
    text: str


def compared(old: str, new: str) -> list[Piece]:
    """Two texts in one."""
    found, at = [], 0
    for hunk in hunks(new, old):
        found += [Piece("same", new[at : hunk.start]), *_replaced(hunk, old, new)]
        at = hunk.end
    return [piece for piece in (*found, Piece("same", new[at:])) if piece.text]


def in_context(change: Change, old: str, new: str) -> list[Piece]:
    """A change with the words around it; of a headline, all of it.

    Args:
        change: not one of WHOLE.
        old: the text of the version before it.
        new: the text of the version after it.
    """
    if change.field == "title":
        return compared(change.before, change.after)
    start, end = change.is_at.start, change.is_at.end
    shown = compared(_flat(old[change.was_at.start : change.was_at.end]), _flat(new[start:end]))
    gap = " " if start == end and new[end : end + 1].isalnum() else ""
    pieces = (Piece("same", _before(new, start)), *shown, Piece("same", gap + _after(new, end)))
    return [piece for piece in pieces if piece.text]


def _replaced(hunk: Hunk, old: str, new: str) -> Iterator[Piece]:
    """What went and what came, with the spaces that keep them apart from the words around."""
    went, came = old[hunk.other_start : hunk.other_end], new[hunk.start : hunk.end]
    if went.strip():
        yield Piece("removed", went.strip())
        yield Piece("same", " " if came.strip() or went.endswith(" ") else "")
    if came.strip():
        yield Piece("same", " " if came[0].isspace() and not went.strip() else "")
        yield Piece("added", came.strip())
        yield Piece("same", " " if came.endswith(" ") else "")


def _before(text: str, end: int) -> str:
    """The words before a place; the first one is whole, if it is not very long."""
    start = max(end - AROUND, 0)
    if start and not text[start - 1].isspace():
        start = next((at + 1 for at in range(start, min(start + _WORD, end)) if text[at].isspace()), start)
    return ("…" if start else "") + _flat(text[start:end])


def _after(text: str, start: int) -> str:
    """The words after a place; the last one is whole, if it is not very long."""
    end = start + AROUND
    if end < len(text) and not text[end].isspace():
        end = next((at for at in range(end, max(end - _WORD, start), -1) if text[at - 1].isspace()), end)
    return _flat(text[start:end]).rstrip() + ("…" if text[end:].strip() else "")


def _flat(text: str) -> str:
    return text.replace("\n", " ")
