"""Wider queries for one that finds little: other forms of its words, and words a little further apart.

A word becomes a prefix (`sanction*`), one of Arabic or Hebrew the end of a word (`*وقود`: attached.py); a phrase becomes a
proximity.
"""

from collections.abc import Iterator
from itertools import islice

from query.attached import ending
from query.near import MAX_SLOP
from query.parse import MAX_NEAR
from query.tree import VALUE_FIELDS, And, Near, Node, Or, Phrase, Prefix, Term, Wildcard

SHORTEST = 4
"""The fewest letters of a word that is widened."""
LONG = 6
"""The fewest letters of a word whose last one may be an ending (`sanctions`)."""
APART = 5
"""Other words allowed within a widened phrase; a proximity's limit grows by as many."""
MOST = 8
"""The most queries to offer."""


def wider(node: Node) -> list[Node]:
    """Queries that find at least as much, each with one word or phrase widened; smaller changes first."""
    return list(dict.fromkeys(islice(_wider(node), MOST)))


def _wider(node: Node) -> Iterator[Node]:
    match node:
        case Term() if node.field not in VALUE_FIELDS:
            yield from _forms(node)
        case Phrase(field=field, terms=terms) if field not in VALUE_FIELDS and _is_loose(terms):
            yield Near(field, terms, APART)
        case Near(field=field, terms=terms, slop=slop) if slop < MAX_SLOP:
            yield Near(field, terms, min(slop + APART, MAX_SLOP))
        case And(parts=parts):
            yield from map(And, _each_widened(parts))
        case Or(parts=parts):
            yield from map(Or, _each_widened(parts))
        case _:
            return


def _forms(word: Term) -> Iterator[Node]:
    """Other forms of a word; numbers have none."""
    if attached := ending(word.term):
        yield Wildcard(word.field, attached)
    elif len(word.term) >= SHORTEST and not word.term.isdigit():
        yield Prefix(word.field, word.term)
        if len(word.term) >= LONG:
            yield Prefix(word.field, word.term[:-1])


def _is_loose(terms: tuple[str, ...]) -> bool:
    """Whether the words of a phrase mean something apart, unlike the letters of `U.S.` or of a script without spaces."""
    return len(terms) <= MAX_NEAR and all(len(term) > 1 for term in terms)


def _each_widened(parts: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    for at, part in enumerate(parts):
        for other in _wider(part):
            yield (*parts[:at], other, *parts[at + 1 :])
