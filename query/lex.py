"""A query string as lexemes. What Lucene's classic syntax has and wirewatch does not honour is refused here."""

import re
from typing import Literal

import msgspec

from query.tree import FIELDS
from wirewatch.errors import QueryError

Kind = Literal["word", "prefix", "phrase", "field", "AND", "OR", "NOT", "(", ")", "end"]

MAX_LENGTH = 10_000
"""Characters of the longest query."""


class Lexeme(msgspec.Struct, frozen=True):
    """A piece of a query; `text` is without its quotes, `*` or `:`."""

    kind: Kind
    text: str
    position: int


_QUOTES = '"“”„‟'
_SPACE = re.compile(r"\s+")
_QUOTED = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_PLAIN = re.compile(rf"[^\s():{_QUOTES}]+")
_OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT", "(": "(", ")": ")"}

_REFUSED_ANYWHERE = {
    "~": "proximity and fuzzy search (~) are not supported",
    "^": "boosts (^) are not supported",
    "?": "the wildcard ? is not supported",
    "[": "ranges are not supported",
    "]": "ranges are not supported",
    "{": "ranges are not supported",
    "}": "ranges are not supported",
    "\\": "the escape \\ is not supported: put the words into quotes",
    "&&": "&& is not supported: write AND",
    "||": "|| is not supported: write OR",
}
_REFUSED_AT_START = {
    "!": "! is not supported: write NOT",
    "-": "- before a word is not supported: write NOT",
    "+": "+ before a word is not supported: words are all required unless OR stands between them",
    "/": "regular expressions are not supported",
    "<": "comparisons are not supported",
    ">": "comparisons are not supported",
}
_REFUSED = re.compile("|".join(re.escape(mark) for mark in _REFUSED_ANYWHERE))


def lex(query: str) -> list[Lexeme]:
    """The lexemes of a query, the last of kind `end`; raises QueryError at what is refused."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"a query may have {MAX_LENGTH:,} characters at most", query, MAX_LENGTH)
    lexemes = []
    position = _skip_space(query, 0)
    while position < len(query):
        lexeme, position = _next(query, position)
        lexemes.append(lexeme)
        position = _skip_space(query, position)
    return [*lexemes, Lexeme("end", "", len(query))]


def _skip_space(query: str, position: int) -> int:
    space = _SPACE.match(query, position)
    return space.end() if space else position


def _next(query: str, position: int) -> tuple[Lexeme, int]:
    """The lexeme at a position, and where the next may begin."""
    char = query[position]
    if char in "()":
        return Lexeme(_OPERATORS[char], char, position), position + 1
    if char in _QUOTES:
        return _phrase(query, position)
    plain = _PLAIN.match(query, position)
    if not plain:
        raise QueryError("a field's name must stand before ':'", query, position)
    if query.startswith(":", plain.end()):
        return _field(query, plain[0], position), plain.end() + 1
    return _word(query, plain[0], position), plain.end()


def _field(query: str, name: str, position: int) -> Lexeme:
    _refuse_syntax(query, name, position)
    if name not in FIELDS:
        raise QueryError(f"there is no field {name!r}: the fields are {', '.join(FIELDS)}", query, position)
    return Lexeme("field", name, position)


def _phrase(query: str, position: int) -> tuple[Lexeme, int]:
    quoted = _QUOTED.match(query, position)
    if not quoted:
        raise QueryError("this quote is never closed", query, position)
    star = quoted[1].find("*")
    if star >= 0:
        raise QueryError("wildcards within quotes are not supported", query, quoted.start(1) + star)
    return Lexeme("phrase", quoted[1], position), quoted.end()


def _word(query: str, text: str, position: int) -> Lexeme:
    if text in _OPERATORS:
        return Lexeme(_OPERATORS[text], text, position)
    _refuse_syntax(query, text, position)
    star = text.find("*")
    if star < 0:
        return Lexeme("word", text, position)
    if star == 0 or star < len(text) - 1:
        raise QueryError("the wildcard * is supported at the end of a word only", query, position + star)
    return Lexeme("prefix", text[:-1], position)


def _refuse_syntax(query: str, text: str, position: int) -> None:
    if len(text) > 1 and text[0] in _REFUSED_AT_START:
        raise QueryError(_REFUSED_AT_START[text[0]], query, position)
    refused = _REFUSED.search(text)
    if refused:
        raise QueryError(_REFUSED_ANYWHERE[refused[0]], query, position + refused.start())
