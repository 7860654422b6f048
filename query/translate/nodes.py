"""The tree that each language is read into, and notes on a translation."""

from typing import Literal

import msgspec

from query.tree import Field as FieldName


class Note(msgspec.Struct, frozen=True):
    """A difference between a translation and its original.

    Attributes:
        kind: `differs` where a part was translated into something that finds more or less; `left-out` where it was not
            translated.
        position: its place in the original, in code points.
        message: a sentence for the analyst.
    """

    kind: Literal["differs", "left-out"]
    position: int
    message: str


class Words(msgspec.Struct, frozen=True):
    """One word, or several side by side. `*` and `?` in them are wildcards of this language; each is free of quotes."""

    words: tuple[str, ...]
    position: int


class Range(msgspec.Struct, frozen=True):
    """A time of publication, as it is written in this language after `published:`."""

    text: str
    position: int


class Near(msgspec.Struct, frozen=True):
    """Two parts that stand near each other: the second is at most the `distance`-th word after, or before, the first."""

    left: "Node"
    right: "Node"
    distance: int
    ordered: bool
    position: int


class In(msgspec.Struct, frozen=True):
    """A part that is searched in a field."""

    field: FieldName
    part: "Node"


class And(msgspec.Struct, frozen=True):
    """All of some parts."""

    parts: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True):
    """Any of some parts."""

    parts: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True):
    """Everything but the part, which is at `position` to before `end` in the original."""

    part: "Node"
    position: int
    end: int


class Lost(msgspec.Struct, frozen=True):
    """A part that has no counterpart here; a note says why."""


Node = Words | Range | Near | In | And | Or | Not | Lost
