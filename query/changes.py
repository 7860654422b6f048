"""Edits in the query language: `changed:` with its kinds, and `in:any-version`."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from query.lex import Lexeme
from query.tree import And, Marked, Node, Not, Or, Phrase, Prefix, Range, Term, Wildcard
from query.tree import Near as NearNode
from stream.errors import QueryError
from stream.messages import ChangeKind

ANY_CHANGE = "any"
CHANGES: tuple[str, ...] = (ANY_CHANGE, *get_args(ChangeKind))
"""The values of `changed:`, which also takes a time, such as `changed:>=2026-03-01`."""
_MODIFIER = "any-version"


def without_modifier(lexemes: Sequence[Lexeme], query: str) -> tuple[list[Lexeme], bool]:
    """The lexemes without `in:any-version`, and whether it was there.

    It applies to the whole query, so it is refused next to OR or NOT, and within brackets.
    """
    kept: list[Lexeme] = []
    depth, found = 0, None
    for place, lexeme in enumerate(lexemes):
        depth += (lexeme.kind == "(") - (lexeme.kind == ")")
        if lexeme.kind == "field" and lexeme.text == "in":
            found = lexeme
            _check(lexemes, place, depth, query)
        elif not (place and lexemes[place - 1].kind == "field" and lexemes[place - 1].text == "in"):
            kept.append(lexeme)
    if found is None:
        return list(lexemes), False
    if _has_or(kept):
        raise QueryError(
            "in:any-version applies to the whole query: put brackets around the rest", query, found.position
        )
    return _without_loose_and(kept), True


def _check(lexemes: Sequence[Lexeme], place: int, depth: int, query: str) -> None:
    following, before = lexemes[place + 1], lexemes[place - 1].kind if place else ""
    if following.kind != "word" or following.text.casefold() != _MODIFIER:
        raise QueryError(
            f"in: takes only {_MODIFIER}, as in: ferry in:{_MODIFIER}", query, following.position
        )
    if depth or before in ("NOT", "+", "field"):
        raise QueryError(
            f"in:{_MODIFIER} applies to the whole query: put it at the end, outside of brackets",
            query,
            lexemes[place].position,
        )


def _has_or(lexemes: Sequence[Lexeme]) -> bool:
    """Whether alternatives stand outside of brackets."""
    depth = 0
    for lexeme in lexemes:
        depth += (lexeme.kind == "(") - (lexeme.kind == ")")
        if lexeme.kind == "OR" and not depth:
            return True
    return False


def _without_loose_and(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Remove an AND that has lost a side."""
    kept: list[Lexeme] = []
    for lexeme in lexemes:
        is_second = lexeme.kind == "AND" and (not kept or kept[-1].kind == "AND")
        if lexeme.kind == "end" and kept and kept[-1].kind == "AND":
            kept.pop()
        if not is_second:
            kept.append(lexeme)
    return kept


def in_any_version(node: Node) -> Node:
    """The query that also finds its words where they stood in an earlier version."""
    match node:
        case And(parts=parts):
            return And(tuple(map(in_any_version, parts)))
        case Or(parts=parts):
            return Or(tuple(map(in_any_version, parts)))
        case Not(part=part):
            return Not(in_any_version(part))
        case Range() | Marked():
            return node
        case Term() | Prefix() | Phrase() | NearNode() | Wildcard():
            if node.field not in (None, "title", "text"):
                return node
            return Or((node, msgspec.structs.replace(node, field="earlier")))
