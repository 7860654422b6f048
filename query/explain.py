"""Finds the part of a query that made an article match, as a query of its own."""

from query.match import Prepared, matches
from query.tree import And, Node, Or


def because(node: Node, prepared: Prepared) -> Node:
    """The tree without the alternatives that did not match; `node` must match.

    The result matches the article as well, and has the same spans.
    """
    match node:
        case Or(parts=parts):
            met = tuple(dict.fromkeys(because(part, prepared) for part in parts if matches(part, prepared)))
            return met[0] if len(met) == 1 else Or(met)
        case And(parts=parts):
            return And(tuple(because(part, prepared) for part in parts))
        case _:
            return node
