"""The search that Kibana makes from the text in its search box (packages/kbn-es-query of Kibana 9.5), as far as we need it.

Lucene goes to `query_string` with Kibana's default options. KQL is parsed: words, phrases and wildcards, with or without a
field, `field : *`, `field : (a or b)`, comparisons, `and`, `or`, `not`, brackets.
"""

import re
from typing import Any

Query = dict[str, Any]

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()]|>=|<=|[:<>]|(?:[^\s()":<>\\]|\\.)+)')
_RESERVED = {"and", "or", "not"}


def lucene_search(typed: str) -> Query:
    """With only the option `analyze_wildcard`: words without an operator between them are alternatives."""
    if typed.strip() in ("", "*"):
        return {"match_all": {}}
    return {"query_string": {"query": typed, "analyze_wildcard": True, "time_zone": "UTC"}}


def kql_search(typed: str) -> Query:
    """The search for a KQL query; raises ValueError for unsupported syntax."""
    if not typed.strip():
        return {"match_all": {}}
    tokens = _TOKEN.findall(typed)
    if "".join(tokens) != re.sub(r"\s+(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", "", typed):
        raise ValueError(f"not understood: {typed}")
    parser = _Parser(tokens)
    found = parser.either()
    if parser.left:
        raise ValueError(f"{parser.left} is left of {typed}")
    return found


class _Parser:
    """A recursive-descent parser: `or` binds loosest, then `and`, then `not`."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens

    def either(self) -> Query:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}

    def both(self) -> Query:
        parts = [self.negated()]
        while self.take("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else {"bool": {"filter": parts}}

    def negated(self) -> Query:
        if self.take("not"):
            return {"bool": {"must_not": self.negated()}}
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise ValueError(f"a bracket is open before {self.left}")
            return inner
        return self.expression()

    def expression(self) -> Query:
        first, sign = self.next(), self.left[0] if self.left else ""
        if sign == ":":
            self.next()
            return self.values(first) if self.take("(") else _is(first, self.next())
        if sign in (">=", "<=", ">", "<"):
            self.next()
            name = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt"}[sign]
            return {"range": {first: {name: self.next().strip('"'), "time_zone": "UTC"}}}
        return _anywhere(first)

    def values(self, field: str) -> Query:
        """`field : ("a" or "b")`, after the bracket."""
        found = [_is(field, self.next())]
        while self.take("or"):
            found.append(_is(field, self.next()))
        if not self.take(")"):
            raise ValueError(f"a bracket is open before {self.left}")
        return {"bool": {"should": found, "minimum_should_match": 1}}

    def next(self) -> str:
        if not self.left:
            raise ValueError("a word is missing")
        return self.left.pop(0)

    def take(self, token: str) -> bool:
        if self.left and self.left[0].lower() == token:
            del self.left[0]
            return True
        return False


def _is(field: str, value: str) -> Query:
    if value == "*":
        return {"exists": {"field": field}}
    if value.startswith('"'):
        return {"match_phrase": {field: value[1:-1]}}
    if "*" in value:
        return {"query_string": {"fields": [field], "query": value}}
    return {"match": {field: value}}


def _anywhere(value: str) -> Query:
    if value.lower() in _RESERVED:
        raise ValueError(f"{value} stands where a word is expected")
    if value.startswith('"'):
        return {"multi_match": {"type": "phrase", "query": value[1:-1], "lenient": True}}
    if "*" in value:
        return {"query_string": {"query": value}}
    return {"multi_match": {"type": "best_fields", "query": value, "lenient": True}}
