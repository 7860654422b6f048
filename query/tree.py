"""The tree of a parsed query, for every matcher and compiler.

Leaves hold terms as query/tokens.py makes them. A field is one of three kinds. In a *word field* (title, text, author, url,
earlier) a leaf is compared with the words. A *value field* (source, lang, topic, entity, changed) holds names chosen from a
list, and a leaf is compared with the whole value: `topic:syria` does not find the topic `syria-aid`. A *time field* (published,
edited) holds one moment or none, and only a Range searches it. A leaf without a field searches title and text.

`earlier` has the passages that edits changed, as they read before; `changed` the kinds of the edits, and `any`; `edited` says
when the last one was found.

A tree has no cycles, so the garbage collector need not walk it (`gc=False`): with 100,000 queries that is a pause of 0.2 s.
"""

from datetime import datetime
from typing import Literal

import msgspec

from query.dates import show_moment

Field = Literal[
    "title",
    "text",
    "author",
    "url",
    "earlier",
    "source",
    "lang",
    "topic",
    "entity",
    "changed",
    "story",
    "published",
    "edited",
    "tag",
    "note",
    "starred",
    "read",
    "assigned",
]
TimeField = Literal["published", "edited"]

WORD_FIELDS: tuple[Field, ...] = ("title", "text", "author", "url", "earlier")
VALUE_FIELDS: tuple[Field, ...] = ("source", "lang", "topic", "entity", "changed", "story")
TIME_FIELDS: tuple[TimeField, ...] = ("published", "edited")
FIELDS: tuple[Field, ...] = (*WORD_FIELDS, *VALUE_FIELDS, *TIME_FIELDS)
MARK_FIELDS: tuple[Field, ...] = ("tag", "note", "starred", "read", "assigned")
"""Marks by people, which an article doesn't have by itself: see query/marks.py. In a tree, they are Marked leaves."""


class Term(msgspec.Struct, frozen=True, tag=True, gc=False):
    """One word."""

    field: Field | None
    term: str


class Prefix(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Any word with this prefix; in a value field, any value, in the form of `value_key`."""

    field: Field | None
    prefix: str


class Phrase(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Two or more words, next to each other, in this order; within one field, and one value of it."""

    field: Field | None
    terms: tuple[str, ...]


class Near(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Two or more words in any order, with at most `slop` (1 or more) other words between the first and the last of them.

    A word that is given twice must occur twice. Within one field, and one value of it. A value field, whose values are names
    and not texts, has no proximity.
    """

    field: Field | None
    terms: tuple[str, ...]
    slop: int


class Wildcard(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Any word (in a value field, any value) of a form: `?` stands for one character of a term, `*` for any number of them."""

    field: Field | None
    pattern: str


class Range(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A time at or after `since` and before `until`, both in UTC; None leaves that end open. No time is in no range."""

    field: TimeField
    since: datetime | None
    until: datetime | None


class Marked(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The articles that people have marked in some way: `query` says how, `ids` which they are."""

    query: str
    ids: frozenset[str]


class And(msgspec.Struct, frozen=True, tag=True, gc=False):
    """All of two or more parts."""

    parts: tuple["Node", ...]


class Or(msgspec.Struct, frozen=True, tag=True, gc=False):
    """At least one of two or more parts."""

    parts: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Everything but the part."""

    part: "Node"


WordLeaf = Term | Prefix | Phrase | Near | Wildcard
Leaf = WordLeaf | Range | Marked
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
    if isinstance(leaf, Marked):
        return leaf.query
    limit = f"{leaf.field}:" if leaf.field else ""
    match leaf:
        case Term(term=term):
            return f"{limit}{term}"
        case Prefix(prefix=prefix):
            return f"{limit}{prefix.replace(' ', '-')}*"
        case Phrase(terms=terms):
            return f'{limit}"{" ".join(terms)}"'
        case Near(terms=terms, slop=slop):
            return f'{limit}"{" ".join(terms)}"~{slop}'
        case Wildcard(pattern=pattern):
            return f"{limit}{pattern}"
        case Range(since=since, until=until):
            return f"{limit}[{_show_end(since)} TO {_show_end(until)}{'}' if until else ']'}"


def _show_end(time: datetime | None) -> str:
    return show_moment(time) if time else "*"
