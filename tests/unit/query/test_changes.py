"""`changed:` and `in:any-version`."""

import pytest

from query.parse import parse
from query.tree import Node, show
from stream.errors import QueryError


def shown(query: str) -> str:
    node: Node = parse(query)
    assert parse(show(node)) == node
    return show(node)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("changed:any", "changed:any"),
        ("changed:(headline OR correction)", "(changed:headline OR changed:correction)"),
        ("changed:*", "edited:[* TO *]"),
        ("changed:>=2026-03-01", "edited:[2026-03-01 TO *]"),
        ("changed:2026-03-01", "edited:[2026-03-01 TO 2026-03-02}"),
        ("changed:[2026-03-01 TO *]", "edited:[2026-03-01 TO *]"),
        ("ferry in:any-version", "(ferry OR earlier:ferry)"),
        ("in:any-version ferry", "(ferry OR earlier:ferry)"),
        ("ferry AND in:any-version", "(ferry OR earlier:ferry)"),
        ("in:any-version AND ferry", "(ferry OR earlier:ferry)"),
        ("a AND in:any-version AND b", "((a OR earlier:a) AND (b OR earlier:b))"),
        ("(a OR title:b) in:Any-Version", "((a OR earlier:a) OR (title:b OR earlier:b))"),
        ("NOT a source:bbc in:any-version", "(NOT (a OR earlier:a) AND source:bbc)"),
    ],
)
def test_what_is_understood(query: str, tree: str) -> None:
    assert shown(query) == tree


@pytest.mark.parametrize(
    ("query", "position", "said"),
    [
        ("changed:nonsense", 8, "changed: takes any, headline"),
        ("in:any-version", 0, "the query is empty"),
        ("a in:other", 5, "in: takes only any-version"),
        ("a in:(b)", 5, "in: takes only any-version"),
        ("a OR b in:any-version", 7, "put brackets around the rest"),
        ("(a in:any-version) b", 3, "outside of brackets"),
        ("a NOT in:any-version", 6, "outside of brackets"),
        ("title:in:any-version", 9, "in: concerns"),
    ],
)
def test_what_is_refused(query: str, position: int, said: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(query)
    if "concerns" not in said:
        assert said in str(error.value)
        assert error.value.position == position
