"""Kibana's language, KQL. NOT binds tightest, then AND, then OR; words side by side are alternatives. Operators may be in any
case."""

import re
from collections.abc import Iterator, Sequence

from query.elsewhere import FIELDS
from query.translate.dates import compared
from query.translate.grammar import Grammar, Operator, Read, Token, operator_token, read
from query.translate.nodes import Note
from query.tree import Field
from stream.errors import QueryError

_GRAMMAR = Grammar(levels=("or", "and"), implied="or")
_OPERATORS: dict[str, Operator] = {"and": "and", "or": "or", "not": "not"}
_PIECE = re.compile(
    r"""(?P<space>\s+)
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | (?P<open>\() | (?P<close>\))
    | (?P<exists>(?P<held>[\w.@-]+)\s*:\s*\*(?=[\s)]|$))
    | (?P<compared>(?P<time>[\w.@-]+)\s*(?P<sign>[<>]=?)\s*"?(?P<value>[^\s"()]+)"?)
    | (?P<day>(?:published|@timestamp|date)\s*:\s*"?(?P<on>[\d-]+)"?(?=[\s)]|$))
    | (?P<field>[\w.@-]+)\s*:
    | (?P<brace>[{}])
    | (?P<word>(?:[^\s()":<>{}\\]|\\.)+|.)""",
    re.IGNORECASE | re.VERBOSE,
)


def read_query(query: str) -> Read:
    """The tree of a query; raises QueryError if it can't be read."""
    notes: list[Note] = []
    tokens = [token for piece in _PIECE.finditer(query) for token in _tokens(query, piece, notes)]
    return Read(read(query, list(_values(query, tokens)), _GRAMMAR), tuple(notes))


def _tokens(query: str, piece: re.Match[str], notes: list[Note]) -> Iterator[Token]:
    at = piece.start()
    match piece.lastgroup:
        case "quoted":
            yield Token("words", at, words=tuple(_unescaped(piece["quoted"]).split()))
        case "open" | "close":
            yield Token("(" if piece["open"] else ")", at)
        case "exists":
            yield _existing(piece["held"], at, notes)
        case "compared":
            yield _time(piece["time"], piece["sign"], piece["value"], at, notes)
        case "day":
            yield _time("published", "", piece["on"], at, notes)
        case "field":
            yield _field(piece["field"], at, notes)
        case "brace":
            raise QueryError("nested fields ({ }) are not supported here", query, at)
        case "word":
            text = piece["word"]
            yield operator_token(text, at, _OPERATORS) or Token("words", at, words=(_unescaped(text),))


def _values(query: str, tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens; bare words that follow a field, all of them its value, are put into brackets."""
    number = 0
    while number < len(tokens):
        token = tokens[number]
        yield token
        number += 1
        if token.kind != "field":
            continue
        end = number
        while end < len(tokens) and tokens[end].kind == "words" and query[tokens[end].position] != '"':
            end += 1
        if end > number + 1:
            yield from (Token("(", token.position), *tokens[number:end], Token(")", token.position))
            number = end


def _existing(name: str, at: int, notes: list[Note]) -> Token:
    if _field_of(name) == "published":
        return Token("range", at, text="*")
    notes.append(Note("left-out", at, f"whether {name} has a value can't be searched"))
    return Token("lost", at)


def _time(name: str, sign: str, value: str, at: int, notes: list[Note]) -> Token:
    text = compared(sign, value.partition("T")[0]) if _field_of(name) == "published" else None
    if text is None:
        notes.append(
            Note(
                "left-out",
                at,
                f"{name} {sign} {value}: only days of published can be compared (moving times: --since 7d)",
            )
        )
        return Token("lost", at)
    return Token("range", at, text=text)


def _field(name: str, at: int, notes: list[Note]) -> Token:
    field = _field_of(name)
    if field is None:
        notes.append(Note("left-out", at, f"there is no field {name} here"))
    return Token("field", at, field=field)


def _field_of(name: str) -> Field | None:
    """The field that comes closest; of a dotted name, `terms.title`, the last part counts."""
    return FIELDS.get(name.lower().removeprefix("terms."))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
