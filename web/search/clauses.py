"""The parts of a query as the page shows and changes them: chips, and what a click on a facet adds."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from index.counts import CountBy
from query.marks import nobodys
from query.parse import parse
from query.tree import And, Node, Not, Or, show

FIELDS: Mapping[CountBy, str] = {
    "topic": "topic",
    "source": "source",
    "language": "lang",
    "person": "entity",
    "organisation": "entity",
    "place": "entity",
    "author": "author",
}
"""The field of the query language for what is counted."""


class Chip(msgspec.Struct, frozen=True):
    """A part of the query that stands for itself.

    Attributes:
        text: the part, as a query.
        without: the query without it.
        excludes: whether it rules articles out.
    """

    text: str
    without: str
    excludes: bool


def chips(node: Node | None) -> list[Chip]:
    """The parts that must all be met, in order."""
    if node is None:
        return []
    parts = node.parts if isinstance(node, And) else (node,)
    return [
        Chip(show(part), _all_of([*parts[:at], *parts[at + 1 :]]), isinstance(part, Not))
        for at, part in enumerate(parts)
    ]


def clause(by: CountBy, value: str) -> str:
    """The query that finds the articles of a facet's value."""
    return f'{FIELDS[by]}:"{value.replace(chr(34), " ").strip()}"'


def clauses(by: CountBy, values: Sequence[str]) -> str:
    """The query that finds the articles of any of some values."""
    parts = [clause(by, value) for value in values]
    return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]


def narrowed(query: str, added: str) -> str:
    """A query and a clause, both to be met. The query stays as its reader wrote it."""
    return f"{_first_of_two(query)} AND {added}" if query else added


@lru_cache(maxsize=16)
def _first_of_two(query: str) -> str:
    """A query as it stands before AND. A page asks it for each value of its facets."""
    return f"({query})" if isinstance(parse(query, nobodys), Or) else query


def _all_of(parts: list[Node]) -> str:
    if not parts:
        return ""
    shown = [show(part) for part in parts]
    return " AND ".join(shown)
