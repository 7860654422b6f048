"""Times in a query: `published:2016-03`, `published:>=2016-01-01`, `published:[2016-01-01 TO 2016-03-14}`.

A date stands for the whole of its day, month or year, as in Elasticsearch: `[` and `]` include it, `{` and `}` exclude it.
"""

import re
from datetime import datetime

from query.dates import stretch
from query.lex import Lexeme
from query.tree import Range, TimeField
from stream.errors import QueryError

_BOUNDS = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])")
_COMPARISON = re.compile(r"(>=|<=|>|<|)(.*)", re.DOTALL)
_FIRST, _AFTER = 0, 1


def time_range(lexeme: Lexeme, field: TimeField, query: str) -> Range:
    """The range meant by a word, a phrase or a range after a time field; raises QueryError."""
    if lexeme.kind == "range":
        return _between(lexeme, field, query)
    if lexeme.text == "*":
        return Range(field, None, None)
    found = _COMPARISON.fullmatch(lexeme.text)
    assert found  # noqa: S101 - it matches any text
    sign, date = found.groups()
    first, after = _stretch(date, lexeme.position, query)
    match sign:
        case ">=":
            return Range(field, first, None)
        case ">":
            return Range(field, after, None)
        case "<=":
            return Range(field, None, after)
        case "<":
            return Range(field, None, first)
        case _:
            return Range(field, first, after)


def _between(lexeme: Lexeme, field: TimeField, query: str) -> Range:
    found = _BOUNDS.fullmatch(lexeme.text)
    if not found:
        raise QueryError(
            "expected a range such as [2016-01-01 TO 2016-03-14]; * leaves an end open",
            query,
            lexeme.position,
        )
    opening, lower, upper, closing = found.groups()
    since = _end(lower, _FIRST if opening == "[" else _AFTER, lexeme.position + found.start(2), query)
    until = _end(upper, _AFTER if closing == "]" else _FIRST, lexeme.position + found.start(3), query)
    if since and until and since >= until:
        raise QueryError("this range ends before it begins, so nothing can match", query, lexeme.position)
    return Range(field, since, until)


def _end(date: str, which: int, position: int, query: str) -> datetime | None:
    return None if date == "*" else _stretch(date, position, query)[which]


def _stretch(date: str, position: int, query: str) -> tuple[datetime, datetime]:
    try:
        return stretch(date)
    except ValueError as error:
        now = " (a moving time such as now-7d is not supported)" if date.startswith("now") else ""
        raise QueryError(f"{error}{now}", query, position) from None
