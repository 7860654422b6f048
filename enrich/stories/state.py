"""The records that are kept of an article, in compacted topics of the log."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The record that is kept of an article. `key` is its id."""

    key: str
    story: str
    """The id of the first article of its story, as it was when it came: see `Moved`."""
    seen: datetime
    time: datetime | None = None
    """Its place in time (`Article.time`); None if an older wirewatch wrote it: then `seen`."""
    signature: bytes
    """See signature.py; empty if the text is too short to compare. 128 bytes if an older wirewatch wrote it."""
    copies: str = ""
    """The id of the first article with nearly the same text; '' if an older wirewatch wrote it, to which that was the story."""
    sketch: bytes = b""
    """See signature.py."""
    vector: bytes = b""
    """See vector.py; empty if an older wirewatch wrote it."""
    language: str = ""
    """ISO 639-1, or `unknown`; '' if an older wirewatch wrote it."""
    url: str = ""
    marks: tuple[str, ...] = ()
    """See `Article.marks`."""
    hearsay: bool = False
    """See `Article.hearsay`."""


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An article went to another story, since two were merged or one was split. `key` is its id."""

    key: str
    story: str


def in_their_stories(told: Iterable[Told], moved: Mapping[str, str]) -> list[Told]:
    """The records with the stories that the articles belong to now.

    Args:
        told: the records as they were written.
        moved: by articles that went to another story since: that story.
    """
    return [msgspec.structs.replace(one, story=moved.get(one.key, one.story)) for one in told]
