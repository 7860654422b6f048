"""From a query string to its tree.

The language is a part of Lucene's classic syntax: words, "phrases", `AND OR NOT` in capitals, brackets, `prefix*`, `field:`
before a word, phrase or bracket. NOT binds tightest, then AND, then OR. Words side by side are all required, as analysts
expect (Kibana's default is OR). A word of several tokens, such as peace-talks, is a phrase. `a OR NOT b` means what it
says, unlike in Lucene.

    or-group  = and-group { "OR" and-group }
    and-group = negation { ["AND"] negation }
    negation  = "NOT" negation | limited
    limited   = [ field ":" ] ( "(" or-group ")" | word | prefix | phrase )
"""

from collections.abc import Callable, Sequence

from query.lex import Lexeme, lex
from query.tokens import terms, tokenize
from query.tree import FIELDS, And, Field, Node, Not, Or, Phrase, Prefix, Term
from wirewatch.errors import QueryError

MAX_DEPTH = 100
"""How deep brackets and NOT may be nested."""

MAX_LEAVES = 1024
"""Words, prefixes and phrases of one query; Lucene's limit of clauses."""

MAX_PHRASE = 200
"""Words of one phrase; one of thousands could make the matching of a repetitive text slow."""

_CAN_BE_LIMITED = {"word", "prefix", "phrase", "("}
_STARTS_OPERAND = {*_CAN_BE_LIMITED, "field", "NOT"}
_FIELD_NAMES: dict[str, Field] = {name: name for name in FIELDS}


def parse(query: str) -> Node:
    """The tree of a query; raises QueryError with the position of the first fault."""
    return _Parser(query).whole()


class _Parser:
    """One pass over the lexemes of one query."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._lexemes = lex(query)
        self._index = 0
        self._leaves = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise QueryError("the query is empty", self._query, 0)
        node = self._or_group(None, 0)
        if self._peek().kind != "end":
            raise self._error("this bracket closes nothing", self._peek())
        return node

    def _peek(self) -> Lexeme:
        return self._lexemes[self._index]

    def _take(self) -> Lexeme:
        lexeme = self._peek()
        self._index += 1
        return lexeme

    def _error(self, reason: str, at: Lexeme) -> QueryError:
        return QueryError(reason, self._query, at.position)

    def _or_group(self, field: Field | None, depth: int) -> Node:
        parts = [self._and_group(field, depth)]
        while self._peek().kind == "OR":
            self._take()
            parts.append(self._and_group(field, depth))
        return _joined(Or, parts)

    def _and_group(self, field: Field | None, depth: int) -> Node:
        parts = [self._negation(field, depth)]
        while self._peek().kind == "AND" or self._peek().kind in _STARTS_OPERAND:
            if self._peek().kind == "AND":
                self._take()
            parts.append(self._negation(field, depth))
        return _joined(And, parts)

    def _negation(self, field: Field | None, depth: int) -> Node:
        if self._peek().kind != "NOT":
            return self._limited(field, depth)
        self._check_depth(depth, self._take())
        return Not(self._negation(field, depth + 1))

    def _limited(self, field: Field | None, depth: int) -> Node:
        lexeme = self._take()
        match lexeme.kind:
            case "field":
                return self._after_field(lexeme, depth)
            case "(":
                return self._brackets(lexeme, field, depth)
            case "word" | "phrase":
                return self._words(lexeme, field)
            case "prefix":
                return self._prefix(lexeme, field)
        raise self._error(_missing_operand(lexeme), lexeme)

    def _after_field(self, name: Lexeme, depth: int) -> Node:
        if self._peek().kind not in _CAN_BE_LIMITED:
            raise self._error(f"a word, a phrase or a bracket must follow {name.text}:", self._peek())
        return self._limited(_FIELD_NAMES[name.text], depth)

    def _brackets(self, opening: Lexeme, field: Field | None, depth: int) -> Node:
        self._check_depth(depth, opening)
        node = self._or_group(field, depth + 1)
        if self._take().kind != ")":
            raise self._error("this bracket is never closed", opening)
        return node

    def _check_depth(self, depth: int, at: Lexeme) -> None:
        if depth >= MAX_DEPTH:
            raise self._error(f"brackets and NOT may be nested {MAX_DEPTH} deep at most", at)

    def _words(self, lexeme: Lexeme, field: Field | None) -> Node:
        self._count_leaf(lexeme)
        found = terms(lexeme.text)
        if not found:
            raise self._error("there is no letter and no digit to search for", lexeme)
        if len(found) > MAX_PHRASE:
            raise self._error(f"a phrase may have {MAX_PHRASE} words at most", lexeme)
        return Term(field, found[0]) if len(found) == 1 else Phrase(field, tuple(found))

    def _prefix(self, lexeme: Lexeme, field: Field | None) -> Node:
        self._count_leaf(lexeme)
        tokens = tokenize(lexeme.text)
        if len(tokens) != 1 or tokens[0].end != len(lexeme.text):
            raise self._error(
                "the wildcard * is supported after a single word of letters and digits only", lexeme
            )
        return Prefix(field, tokens[0].term)

    def _count_leaf(self, at: Lexeme) -> None:
        self._leaves += 1
        if self._leaves > MAX_LEAVES:
            raise self._error(f"a query may have {MAX_LEAVES:,} words and phrases at most", at)


def _joined(kind: Callable[[tuple[Node, ...]], Node], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _missing_operand(found: Lexeme) -> str:
    if found.kind == "end":
        return "a word or a phrase is missing at the end"
    return f"a word or a phrase is missing before {found.text}"
