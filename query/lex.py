"""A query string as lexemes. Unsupported parts of Lucene's classic syntax are refused, here or in parse.py."""

import re
from typing import Literal

import msgspec

from query.elsewhere import named_here
from query.tree import FIELDS, MARK_FIELDS, TIME_FIELDS
from stream.errors import QueryError

Kind = Literal["word", "wildcard", "phrase", "range", "field", "AND", "OR", "NOT", "+", "(", ")", "end"]

MAX_LENGTH = 10_000
"""Characters of the longest query."""


class Lexeme(msgspec.Struct, frozen=True):
    r"""A piece of a query.

    Attributes:
        kind: a `wildcard` is a word with `*` or `?` in it.
        text: without quotes, `:`, boost and escapes (`\*` and `\?` are a space: they separate words).
        position: where it begins in the query.
        end: where it ends, boost included.
        slop: the number after `~`; 0 where there is none.
    """

    kind: Kind
    text: str
    position: int
    end: int
    slop: int = 0


_QUOTES = '"“”„‟＂'
"""Any of these closes a phrase that any of them opened."""
_PAIRS = {"«": "»", "»": "«", "「": "」", "『": "』"}
"""Quotes with closing marks of their own; within the quotes above they are punctuation."""
_ALL_QUOTES = _QUOTES + "".join({*_PAIRS, *_PAIRS.values()})
_SPACE = re.compile(r"\s+")
_GERSHAYIM = '(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])'
"""A quote within a Hebrew abbreviation belongs to the word."""
_QUOTED = {
    opening: re.compile(rf"[{opening}]((?:[^{closing}\\]|\\.|{_GERSHAYIM})*+)[{closing}]", re.DOTALL)
    for opening, closing in [*_PAIRS.items(), *((quote, _QUOTES) for quote in _QUOTES)]
}
_PLAIN = re.compile(rf"(?:[^\s():{_ALL_QUOTES}\\^~\[\]{{}}]|\\.|{_GERSHAYIM})++", re.DOTALL)
_AFTER_SIGN = re.compile(r"[^\s):\\^~\[\]{}]|\\.", re.DOTALL)
"""What must follow a + or -: a word, a phrase or a bracket."""
_TIME = re.compile(rf"[^\s(){_ALL_QUOTES}\\^~\[\]{{}}]++")
"""The value of a time field, which may have colons."""
_RANGE = re.compile(r"[\[{][^\[\]{}]*+[\]}]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WILDCARD_IN_PHRASE = re.compile(r"(?<!\\)(?:\*|(?<=\w)\?(?=\w))")
_BOOST = re.compile(r"\^\d{1,9}(?:\.\d{1,9})?(?![^\s()])")
_SLOP = re.compile(r"~(\d{1,9})(?![^\s()^])")
_WITHIN = re.compile(r"/(?:\d+|s|p|seg|sent|para|[nf]\d+/?)", re.IGNORECASE)
"""Proximity in other languages."""
_OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT", "&&": "AND", "||": "OR"}
_SIGNS: dict[str, Kind] = {"!": "NOT", "-": "NOT", "+": "+"}
_STRAY = {
    ":": "expected the name of a field before ':'",
    "\\": "expected a character after the escape \\",
    "^": "a boost (^) can only follow a word, a phrase or a bracket",
    "~": "~ can only follow a phrase",
    "]": "this closing bracket has no opening one",
    "}": "this closing bracket has no opening one",
}


def lex(query: str) -> list[Lexeme]:
    """The lexemes of a query, the last of kind `end`; raises QueryError for unsupported syntax."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"a query can have at most {MAX_LENGTH:,} characters", query, MAX_LENGTH)
    lexemes: list[Lexeme] = []
    position = _skip_space(query, 0)
    while position < len(query):
        lexeme = _after_time_field(query, position, lexemes) or _next(query, position)
        lexemes.append(lexeme)
        position = _skip_space(query, lexeme.end)
    return [*lexemes, Lexeme("end", "", len(query), len(query))]


def _skip_space(query: str, position: int) -> int:
    space = _SPACE.match(query, position)
    return space.end() if space else position


def _next(query: str, position: int) -> Lexeme:
    """The lexeme at a position."""
    char = query[position]
    if char == "(":
        return Lexeme("(", char, position, position + 1)
    if char == ")":
        return Lexeme(")", char, position, _after_suffix(query, position + 1))
    if char in _ALL_QUOTES:
        return _phrase(query, position)
    if char in "[{":
        return _range(query, position)
    if _is_sign(query, position):
        return Lexeme(_SIGNS[char], char, position, position + 1)
    plain = _PLAIN.match(query, position)
    if not plain:
        raise QueryError(_STRAY[char], query, position)
    if query.startswith(":", plain.end()):
        return _field(query, plain[0], position)
    return _word(query, plain[0], position)


def _is_sign(query: str, position: int) -> bool:
    """Whether this is a sign with an operand after it; a + or - alone is not a sign."""
    sign = query[position]
    return sign == "!" or (sign in _SIGNS and bool(_AFTER_SIGN.match(query, position + 1)))


def _field(query: str, name: str, position: int) -> Lexeme:
    if name == "_exists_":
        raise QueryError("_exists_ is not supported; published:* finds articles with a date", query, position)
    if name not in (*FIELDS, *MARK_FIELDS, "in"):
        instead = named_here(name) or f"the fields are {', '.join(FIELDS)} (a word with a colon needs quotes)"
        raise QueryError(f"there is no field {name[:50]!r}: {instead}", query, position)
    return Lexeme("field", name, position, position + len(name) + 1)


def _after_time_field(query: str, position: int, before: list[Lexeme]) -> Lexeme | None:
    """The time at a position, if a time field precedes it."""
    if not before or before[-1].kind != "field":
        return None
    is_change = before[-1].text == "changed" and query[position] in "<>*0123456789"
    if before[-1].text not in TIME_FIELDS and not is_change:
        return None
    time = _TIME.match(query, position)
    return Lexeme("word", time[0], position, _after_suffix(query, time.end())) if time else None


def _phrase(query: str, position: int) -> Lexeme:
    pattern = _QUOTED.get(query[position])
    quoted = pattern.match(query, position) if pattern else None
    if not quoted:
        raise QueryError("this quote is never closed", query, position)
    wildcard = _WILDCARD_IN_PHRASE.search(quoted[1])
    if wildcard:
        raise QueryError(
            "wildcards within quotes are not supported", query, quoted.start(1) + wildcard.start()
        )
    text = _unescaped(query, quoted[1], quoted.start(1))
    slop, end = _slop(query, quoted.end())
    return Lexeme("phrase", text, position, _after_boost(query, end), slop)


def _slop(query: str, position: int) -> tuple[int, int]:
    """The number after a phrase's `~`, and where it ends."""
    if not query.startswith("~", position):
        return 0, position
    slop = _SLOP.match(query, position)
    if not slop:
        raise QueryError('the number of words between must follow ~, as in "a b"~5', query, position)
    return int(slop[1]), slop.end()


def _range(query: str, position: int) -> Lexeme:
    bounds = _RANGE.match(query, position)
    if not bounds:
        raise QueryError("this range is never closed; a range is [2016-01-01 TO 2016-03-14]", query, position)
    return Lexeme("range", bounds[0], position, _after_suffix(query, bounds.end()))


def _word(query: str, text: str, position: int) -> Lexeme:
    if text in _OPERATORS:
        return Lexeme(_OPERATORS[text], text, position, position + len(text))
    for operator in ("&&", "||"):
        if operator in text:
            raise QueryError(f"put spaces around {operator}", query, position + text.index(operator))
    if _WITHIN.fullmatch(text):
        raise QueryError(f'{text} is not supported: for words near each other write "a b"~5', query, position)
    if text[0] == "/" and len(text) > 1:
        raise QueryError("regular expressions are not supported: use ? and * within a word", query, position)
    kind: Kind = "wildcard" if re.search(r"[*?]", _ESCAPED.sub("", text)) else "word"
    end = position + len(text)
    return Lexeme(kind, _unescaped(query, text, position), position, _after_suffix(query, end))


def _unescaped(query: str, text: str, position: int) -> str:
    for escape in _ESCAPED.finditer(text):
        if escape[1] == "u":
            raise QueryError(
                "the escape \\u is not supported: type the character itself",
                query,
                position + escape.start(),
            )
    return _ESCAPED.sub(lambda escape: " " if escape[1] in "*?" else escape[1], text)


def _after_suffix(query: str, position: int) -> int:
    """The end of an operand's suffix; a boost is the only suffix allowed after anything but a phrase."""
    if query.startswith("~", position):
        raise QueryError(
            'fuzzy search (~) is not supported: use ? and * within a word; proximity is "a b"~5',
            query,
            position,
        )
    return _after_boost(query, position)


def _after_boost(query: str, position: int) -> int:
    """The end of a boost. Boosts are ignored: they affect ranking, not matching."""
    if not query.startswith("^", position):
        return position
    boost = _BOOST.match(query, position)
    if not boost:
        raise QueryError("a boost is a number, as in ^2 or ^0.5", query, position)
    return boost.end()
