"""The record that is kept of an article, in a compacted topic of the log."""

from datetime import datetime

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The record that is kept of an article. `key` is its id."""

    key: str
    story: str
    """The id of the first article of its story. For the first article itself, if its story was merged into another: the story
    that it and its whole story now belong to."""
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
