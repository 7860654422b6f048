"""Parses a query string into a tree.

The language is Lucene's classic syntax, as Kibana and `query_string` take it: words, "phrases", `AND OR NOT` in capitals (or
`&& || !`), `+` and `-` before a word, brackets, `prefix*`, `wom?n` and `*burg`, `"a b"~5`, `field:` before a word, phrase or
bracket, `published:[2016-01-01 TO 2016-03-14}`, `^2` (ignored: a boost says what matters more, not what matches) and
escapes. With `in:any-version` the query also finds what only earlier versions said. NOT binds tightest, then AND, then OR.
Words side by side are all required, as analysts expect (Lucene's default is OR). A word of several tokens, such as peace-talks,
is a phrase. `a OR NOT b` is taken literally, unlike in Lucene.
Refused everywhere, with the position: fuzzy words (`oil~1`), regular expressions, wildcards in phrases, and anything
ambiguous.

    or-group  = and-group { "OR" and-group }
    and-group = negation { ["AND"] negation }
    negation  = ( "NOT" | "-" ) negation | [ "+" ] limited
    limited   = [ field ":" ] ( "(" or-group ")" | word | wildcard | phrase [ "~" number ] | range )
"""

import re
from collections.abc import Callable, Sequence

from query.changes import CHANGES, in_any_version, without_modifier
from query.lex import Lexeme, lex
from query.marks import Marks, looked_up
from query.near import MAX_SLOP
from query.ranges import time_range
from query.tokens import stands_alone, terms, tokenize
from query.tree import (
    FIELDS,
    MARK_FIELDS,
    TIME_FIELDS,
    VALUE_FIELDS,
    And,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    TimeField,
    Wildcard,
    WordLeaf,
)
from query.values import value_key
from stream.errors import QueryError

MAX_DEPTH = 100
"""How deep brackets and NOT may be nested."""

MAX_LEAVES = 1024
"""Words, prefixes and phrases of one query; Lucene's limit of clauses."""

MAX_PHRASE = 200
"""Words of one phrase; with thousands, matching a repetitive text could be slow."""

MAX_NEAR = 20
"""Words of one proximity."""

MAX_WILDCARDS = 100
"""Words with `?` or `*` (other than prefixes) per query: each is compared with every word in a store."""

MAX_STARS, MAX_QUESTION_MARKS = 4, 8
"""Of one word with wildcards."""

MAX_AFTER_STAR = 3
"""Times `?` after a `*`: each doubles the automaton. Within these bounds it stays below the 1,000 states of tantivy's."""

MAX_PATTERN, MAX_PREFIX = 64, 200
"""Characters of a word with wildcards, and of a prefix."""

_CAN_BE_LIMITED = {"word", "wildcard", "phrase", "range", "("}
_STARTS_OPERAND = {*_CAN_BE_LIMITED, "field", "NOT", "+"}
_FIELD_NAMES: dict[str, Field] = {name: name for name in (*FIELDS, *MARK_FIELDS)}
_NAMES = {*VALUE_FIELDS, *MARK_FIELDS} - {"note"}
"""Fields that hold names, not texts."""
_TIME_FIELD_NAMES: dict[str | None, TimeField] = {name: name for name in TIME_FIELDS}


def parse(query: str, marks: Marks | None = None) -> Node:
    """The tree of a query; raises QueryError with the position of the first fault.

    Args:
        query: the query.
        marks: what people have marked, for `tag:` and its like; None where these can't be asked for.
    """
    return _Parser(query, marks).whole()


class _Parser:
    """One pass over the lexemes of one query."""

    def __init__(self, query: str, marks: Marks | None) -> None:
        self._query = query
        self._marks = marks
        self._lexemes, self._any_version = without_modifier(lex(query), query)
        self._index = 0
        self._leaves = 0
        self._wildcards = 0
        self._required: list[Lexeme] = []  # each + of the or-groups that are being read

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise QueryError("the query is empty", self._query, 0)
        node = self._or_group(None, 0)
        if self._peek().kind != "end":
            raise self._error("this closing bracket has no opening one", self._peek())
        return in_any_version(node) if self._any_version else node

    def _peek(self) -> Lexeme:
        return self._lexemes[self._index]

    def _take(self) -> Lexeme:
        lexeme = self._peek()
        self._index += 1
        return lexeme

    def _error(self, reason: str, at: Lexeme) -> QueryError:
        return QueryError(reason, self._query, at.position)

    def _or_group(self, field: Field | None, depth: int) -> Node:
        before = len(self._required)
        parts = [self._and_group(field, depth)]
        while self._peek().kind == "OR":
            self._take()
            parts.append(self._and_group(field, depth))
        if len(self._required) > before and len(parts) > 1:
            raise self._error("+ next to OR is ambiguous: add brackets", self._required[-1])
        del self._required[before:]
        return _joined(Or, parts)

    def _and_group(self, field: Field | None, depth: int) -> Node:
        parts = [self._negation(field, depth)]
        while self._peek().kind == "AND" or self._peek().kind in _STARTS_OPERAND:
            if self._peek().kind == "AND":
                self._take()
            parts.append(self._negation(field, depth))
        return _joined(And, parts)

    def _negation(self, field: Field | None, depth: int) -> Node:
        match self._peek().kind:
            case "NOT":
                self._check_depth(depth, self._take())
                return Not(self._negation(field, depth + 1))
            case "+":
                self._required.append(self._take())
        return self._limited(field, depth)

    def _limited(self, field: Field | None, depth: int) -> Node:
        lexeme = self._take()
        if lexeme.kind == "field":
            return self._after_field(lexeme, depth)
        if lexeme.kind == "(":
            return self._brackets(lexeme, field, depth)
        if lexeme.kind not in _CAN_BE_LIMITED:
            raise self._error(_missing_operand(lexeme), lexeme)
        self._count_leaf(lexeme)
        time_field = _TIME_FIELD_NAMES.get(field)
        if time_field:
            return time_range(lexeme, time_field, self._query)
        if field == "changed" and _is_time(lexeme):
            return time_range(lexeme, "edited", self._query)
        if lexeme.kind == "range":
            raise self._error(f"only {' and '.join(TIME_FIELDS)} take a range", lexeme)
        leaf = self._wildcard(lexeme, field) if lexeme.kind == "wildcard" else self._words(lexeme, field)
        return looked_up(leaf, self._marks, self._query, lexeme) if field in MARK_FIELDS else leaf

    def _after_field(self, name: Lexeme, depth: int) -> Node:
        if self._peek().kind not in _CAN_BE_LIMITED:
            raise self._error(f"expected a word, a phrase or a bracket after {name.text}:", self._peek())
        return self._limited(_FIELD_NAMES[name.text], depth)

    def _brackets(self, opening: Lexeme, field: Field | None, depth: int) -> Node:
        self._check_depth(depth, opening)
        node = self._or_group(field, depth + 1)
        if self._take().kind != ")":
            raise self._error("this bracket is never closed", opening)
        return node

    def _check_depth(self, depth: int, at: Lexeme) -> None:
        if depth >= MAX_DEPTH:
            raise self._error(f"brackets and NOT can be nested at most {MAX_DEPTH} deep", at)

    def _words(self, lexeme: Lexeme, field: Field | None) -> WordLeaf:
        if lexeme.kind == "word" and lexeme.text[0] in "<>":
            raise self._error(f"only {' and '.join(TIME_FIELDS)} take < and >", lexeme)
        found = terms(lexeme.text)
        if not found:
            operator = _SIGNS_ELSEWHERE.get(lexeme.text)
            instead = f": the operator is {operator}" if operator else ""
            raise self._error(f"there is no letter or digit to search for{instead}", lexeme)
        if len(found) > MAX_PHRASE:
            raise self._error(f"a phrase can have at most {MAX_PHRASE} words", lexeme)
        if field == "changed" and " ".join(found) not in CHANGES:
            raise self._error(f"changed: takes {', '.join(CHANGES)}, or a time", lexeme)
        if len(found) == 1:
            return Term(field, found[0])
        return self._near(lexeme, field, found) if lexeme.slop else Phrase(field, tuple(found))

    def _near(self, lexeme: Lexeme, field: Field | None, found: Sequence[str]) -> Near:
        if field in _NAMES:
            raise self._error(f"proximity (~) works on text only; {field} holds names", lexeme)
        if lexeme.slop > MAX_SLOP:
            raise self._error(f"at most {MAX_SLOP} words can stand between (~{MAX_SLOP})", lexeme)
        if len(found) > MAX_NEAR:
            raise self._error(f"proximity (~) can have at most {MAX_NEAR} words", lexeme)
        return Near(field, tuple(found), lexeme.slop)

    def _wildcard(self, lexeme: Lexeme, field: Field | None) -> WordLeaf:
        pattern = re.sub(r"\*+", "*", lexeme.text)
        if pattern == "*":
            raise self._error("* alone finds everything: add a letter", lexeme)
        if re.search(r"[*?]", pattern).start() == len(pattern) - 1 and pattern.endswith("*"):  # type: ignore[union-attr]
            return self._prefix(lexeme, field, pattern[:-1])
        self._check_wildcard(lexeme, pattern)
        pieces = [self._piece(piece, lexeme) for piece in re.split(r"([*?])", pattern) if piece]
        return Wildcard(field, "".join(pieces))

    def _check_wildcard(self, lexeme: Lexeme, pattern: str) -> None:
        self._wildcards += 1
        if self._wildcards > MAX_WILDCARDS:
            raise self._error(f"a query can have at most {MAX_WILDCARDS} words with wildcards", lexeme)
        if pattern.count("*") > MAX_STARS or pattern.count("?") > MAX_QUESTION_MARKS:
            raise self._error(f"a word can have at most {MAX_STARS} * and {MAX_QUESTION_MARKS} ?", lexeme)
        if "*" in pattern and pattern[pattern.index("*") :].count("?") > MAX_AFTER_STAR:
            raise self._error(f"at most {MAX_AFTER_STAR} ? can follow a *", lexeme)
        if len(pattern) > MAX_PATTERN:
            raise self._error(f"a word with wildcards can have at most {MAX_PATTERN} characters", lexeme)
        if len(re.sub(r"[*?]", "", pattern)) < 2:
            raise self._error("a word with wildcards needs at least two letters or digits", lexeme)

    def _piece(self, piece: str, lexeme: Lexeme) -> str:
        """A part of a word between wildcards, folded; a wildcard stays as it is."""
        if piece in "*?":
            return piece
        tokens = tokenize(piece)
        if len(tokens) != 1 or tokens[0].end != len(piece) or tokens[0].start or stands_alone(tokens[0].term):
            raise self._error(_WILDCARD_IN_ONE_WORD, lexeme)
        return tokens[0].term

    def _prefix(self, lexeme: Lexeme, field: Field | None, text: str) -> WordLeaf:
        tokens = tokenize(text)
        if not tokens or tokens[-1].end != len(text) or tokens[0].start:
            raise self._error(_WILDCARD_IN_ONE_WORD, lexeme)
        if len(text) > MAX_PREFIX:
            raise self._error(f"a prefix can have at most {MAX_PREFIX} characters", lexeme)
        found = tuple(token.term for token in tokens)
        if len(tokens) == 1:
            return Prefix(field, found[0])
        if field in _NAMES:
            return Prefix(field, value_key(found))
        if not all(map(stands_alone, found)) or len(found) > MAX_PHRASE:
            raise self._error(_WILDCARD_IN_ONE_WORD, lexeme)
        return Phrase(field, found)  # each letter is a word: the prefix becomes a phrase of them

    def _count_leaf(self, at: Lexeme) -> None:
        self._leaves += 1
        if self._leaves > MAX_LEAVES:
            raise self._error(f"a query can have at most {MAX_LEAVES:,} words and phrases", at)


_SIGNS_ELSEWHERE = {"|": "OR", ",": "OR", "&": "AND", "+": "AND", "-": "NOT"}
_WILDCARD_IN_ONE_WORD = "wildcards work only within a single word of letters and digits"


def _is_time(lexeme: Lexeme) -> bool:
    """Whether what follows `changed:` is a time, not a kind of edit."""
    return lexeme.kind == "range" or (lexeme.kind == "word" and lexeme.text[0] in "<>*0123456789")


def _joined(kind: Callable[[tuple[Node, ...]], Node], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _missing_operand(found: Lexeme) -> str:
    if found.kind == "end":
        return "a word or a phrase is missing at the end"
    return f"a word or a phrase is missing before {found.text}"
