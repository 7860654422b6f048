"""How queries are bracketed in languages that differ in how tightly AND, OR, NOT and proximity bind."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from query.translate.nodes import And, In, Lost, Near, Node, Not, Note, Or, Range, Words
from query.tree import Field
from stream.errors import QueryError

MAX_DEPTH = 100
"""How deep brackets may be nested."""

Kind = Literal["words", "range", "lost", "field", "(", ")", "and", "or", "not", "near", "end"]
Operator = Literal["and", "or", "not", "near"]


class Token(msgspec.Struct, frozen=True):
    """A piece of a query.

    Attributes:
        words: of `words`, side by side.
        text: of a `range`, what follows `published:`.
        field: of a `field`, which limits the operand that follows; None if the field has no counterpart, so that the operand is
            lost.
        distance, ordered: of a `near`: see nodes.Near.
    """

    kind: Kind
    position: int
    words: tuple[str, ...] = ()
    text: str = ""
    field: Field | None = None
    distance: int = 0
    ordered: bool = False


class Grammar(msgspec.Struct, frozen=True):
    """Attributes:
    levels: the operators, those that bind loosest first.
    implied: how neighbours without an operator are joined: one of them, or words side by side.
    """

    levels: tuple[Operator, ...]
    implied: Literal["and", "or", "side by side"]


class Read(msgspec.Struct, frozen=True):
    """A query as it was read.

    Attributes:
        node: its tree.
        notes: the parts that were read as something wider, or left out.
        remarks: other things to say about the query.
    """

    node: Node
    notes: tuple[Note, ...]
    remarks: tuple[Note, ...] = ()


_STARTS = {"words", "range", "lost", "field", "(", "not"}


def read(query: str, tokens: Sequence[Token], grammar: Grammar) -> Node:
    """The tree of a query; raises QueryError with the position of the first fault."""
    if grammar.implied == "side by side":
        tokens = _joined(tokens)
    return _Reader(query, tokens, grammar).whole()


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """Merges neighbouring words."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        if token.kind == "words" and before and before.kind == "words":
            joined[-1] = Token("words", before.position, words=before.words + token.words)
        else:
            joined.append(token)
    return joined


class _Reader:
    """One pass over the tokens of a query."""

    def __init__(self, query: str, tokens: Sequence[Token], grammar: Grammar) -> None:
        self._query, self._grammar = query, grammar
        self._tokens = [*tokens, Token("end", len(query))]
        self._index = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise QueryError("the query is empty", self._query, 0)
        node = self._level(0, 0)
        if self._peek().kind != "end":
            raise self._error("this closing bracket has no opening one", self._peek())
        return node

    def _peek(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._peek()
        self._index += 1
        return token

    def _error(self, reason: str, at: Token) -> QueryError:
        return QueryError(reason, self._query, at.position)

    def _level(self, level: int, depth: int) -> Node:
        """What the operator of a level joins."""
        if level == len(self._grammar.levels):
            return self._operand(depth)
        operator = self._grammar.levels[level]
        node = self._level(level + 1, depth)
        while self._is_next(operator):
            at = self._peek()
            if at.kind == operator:
                self._take()
            node = self._applied(operator, node, self._level(level + 1, depth), at)
        return node

    def _is_next(self, operator: Operator) -> bool:
        kind = self._peek().kind
        if kind == "not" and "not" not in self._grammar.levels:
            return operator == self._grammar.implied
        if kind == operator:
            return True
        implied = "near" if self._grammar.implied == "side by side" else self._grammar.implied
        return operator == implied and kind in _STARTS - {"not"}

    def _applied(self, operator: Operator, left: Node, right: Node, at: Token) -> Node:
        match operator:
            case "and":
                return And((*_parts(And, left), right))
            case "or":
                return Or((*_parts(Or, left), right))
            case "not":
                return And((*_parts(And, left), self._excluded(right, at)))
            case "near" if at.kind == "near":
                return Near(left, right, at.distance, at.ordered, at.position)
            case "near":
                return _side_by_side(left, right, at.position)

    def _excluded(self, part: Node, at: Token) -> Not:
        """What NOT excludes, which has just been read."""
        return Not(part, at.position, self._peek().position)

    def _operand(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(f"brackets can be nested at most {MAX_DEPTH} deep", self._peek())
        token = self._take()
        match token.kind:
            case "words":
                return Words(token.words, token.position)
            case "range":
                return Range(token.text, token.position)
            case "lost":
                return Lost()
            case "not":
                return self._excluded(self._operand(depth + 1), token)
            case "field":
                part = self._operand(depth + 1)
                return In(token.field, part) if token.field else Lost()
            case "(":
                node = self._level(0, depth + 1)
                if self._take().kind != ")":
                    raise self._error("this bracket is never closed", token)
                return node
            case _:
                raise self._error(_missing(token), token)


def _side_by_side(left: Node, right: Node, position: int) -> Node:
    """Two parts without an operator, at least one of which is not words."""
    if all(isinstance(part, Words | Or | Near) for part in (left, right)):
        return Near(left, right, 1, ordered=True, position=position)
    return And((*_parts(And, left), right))


def _parts(kind: type[And] | type[Or], node: Node) -> Sequence[Node]:
    return node.parts if isinstance(node, kind) else (node,)


def _missing(token: Token) -> str:
    return f"a word or a phrase is missing {'at the end' if token.kind == 'end' else 'here'}"


def operator_token(text: str, position: int, operators: Mapping[str, Operator]) -> Token | None:
    """The token of a word that is an operator, in any case; None if it is not one."""
    kind = operators.get(text.lower())
    return Token(kind, position) if kind else None
