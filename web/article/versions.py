"""What was changed in an article, as its page shows it."""

from datetime import datetime
from itertools import pairwise

import msgspec

from index.edits import edits
from index.word_diff import WHOLE, Piece, in_context
from results.edits import KIND_NAMES
from stream.messages import Article
from stream.versions import texts


class Shown(msgspec.Struct, frozen=True):
    """A change: what it is in words, why (of an article as a whole), and word by word."""

    name: str
    reason: str
    pieces: tuple[Piece, ...]


class Edit(msgspec.Struct, frozen=True):
    """What led to a version.

    Attributes:
        version: its number.
        before: the number of the version before it.
        read: when the version before it was read.
        found: when the edit was found.
    """

    version: int
    before: int
    read: datetime
    found: datetime
    changes: tuple[Shown, ...]


def shown_edits(article: Article) -> tuple[Edit, ...]:
    """The edits of an article, the newest first."""
    versions = list(texts(article))[::-1]
    before = 0
    made = []
    for edit, (old, new) in zip(edits(article), pairwise(versions), strict=True):
        changes = tuple(
            Shown(
                KIND_NAMES[change.kind],
                change.after if change.kind in WHOLE else "",
                () if change.kind in WHOLE else tuple(in_context(change, old, new)),
            )
            for change in edit.changes
        )
        made.append(Edit(edit.version, before, edit.read, edit.found, changes))
        before = edit.version
    return tuple(reversed(made))
