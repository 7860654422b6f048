"""The tree of a query: what was understood, for every matcher and compiler.

Leaves hold terms as query/tokens.py makes them. A field is one of two kinds. In a *word field* (title, text, author) a
leaf is looked for among the words. A *value field* (source, lang, topic, entity) holds names chosen from a list, and a
leaf is compared with the whole value: `topic:syria` does not find the topic `syria-aid`. Without a field a leaf is
looked for in title and text.
"""

from typing import Literal

import msgspec

Field = Literal["title", "text", "author", "source", "lang", "topic", "entity"]

WORD_FIELDS: tuple[Field, ...] = ("title", "text", "author")
VALUE_FIELDS: tuple[Field, ...] = ("source", "lang", "topic", "entity")
FIELDS = WORD_FIELDS + VALUE_FIELDS


class Term(msgspec.Struct, frozen=True, tag=True):
    """One word."""

    field: Field | None
    term: str


class Prefix(msgspec.Struct, frozen=True, tag=True):
    """Any word that starts so; in a value field, any value."""

    field: Field | None
    prefix: str


class Phrase(msgspec.Struct, frozen=True, tag=True):
    """Two or more words, next to each other, in this order; within one field, and one value of it."""

    field: Field | None
    terms: tuple[str, ...]


class And(msgspec.Struct, frozen=True, tag=True):
    """All of two or more parts."""

    parts: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """At least one of two or more parts."""

    parts: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """Everything but the part."""

    part: "Node"


Leaf = Term | Prefix | Phrase
Node = Leaf | And | Or | Not


def show(node: Node) -> str:
    """The query of a tree, fully bracketed: it parses to the same tree again."""
    match node:
        case And(parts=parts):
            return f"({' AND '.join(map(show, parts))})"
        case Or(parts=parts):
            return f"({' OR '.join(map(show, parts))})"
        case Not(part=part):
            return f"NOT {show(part)}"
        case _:
            return _show_leaf(node)


def _show_leaf(leaf: Leaf) -> str:
    limit = f"{leaf.field}:" if leaf.field else ""
    match leaf:
        case Term(term=term):
            return f"{limit}{term}"
        case Prefix(prefix=prefix):
            return f"{limit}{prefix}*"
        case Phrase(terms=terms):
            return f'{limit}"{" ".join(terms)}"'
