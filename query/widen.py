"""Wider queries for one that finds little: a word becomes a prefix, so that its other forms are found as well."""

from collections.abc import Iterator
from itertools import islice

from query.tree import WORD_FIELDS, And, Node, Or, Prefix, Term

SHORTEST = 4
"""Letters of a word that is widened."""
LONG = 6
"""Letters of a word whose last may be an ending (`sanctions`)."""
MOST = 8
"""Queries that are offered to be counted."""


def wider(node: Node) -> list[Node]:
    """Queries that find at least as much, each with one word widened: as it stands first, then without its last letter."""
    return list(dict.fromkeys(islice(_wider(node), MOST)))


def _wider(node: Node) -> Iterator[Node]:
    match node:
        case Term(field=field, term=term) if (field is None or field in WORD_FIELDS) and len(
            term
        ) >= SHORTEST:
            yield Prefix(field, term)
            if len(term) >= LONG:
                yield Prefix(field, term[:-1])
        case And(parts=parts):
            yield from map(And, _each_widened(parts))
        case Or(parts=parts):
            yield from map(Or, _each_widened(parts))
        case _:
            return


def _each_widened(parts: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    for at, part in enumerate(parts):
        for other in _wider(part):
            yield (*parts[:at], other, *parts[at + 1 :])
