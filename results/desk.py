"""What people mark at their desk: what `wirewatch marks` prints, exports and imports, and the API's answers about it."""

from typing import Literal

import msgspec

from results.parts import Time

MarkKind = Literal["star", "read", "tag", "note", "assigned", "not-topic", "wrong-name", "search"]


class Mark(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/mark/1"):
    """Something that a person has added to an article, or a search that they saved.

    Stars, read marks and saved searches are personal; the rest is shared, and says who set it.
    """

    kind: MarkKind
    article: str = ""
    """The article's id; empty for a search."""
    person: str
    """Who set it."""
    value: str = ""
    """The tag, the text of the note, who is assigned, the topic's id, the name that is wrong, or the search's address."""
    name: str = ""
    """A search's name; a note's id; otherwise empty."""
    time: Time


class Marks(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/marks/1"):
    """Marks, the newest first."""

    marks: tuple[Mark, ...]
