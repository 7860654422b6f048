import pytest

from query.lint import lint


@pytest.mark.parametrize(
    ("query", "warned"),
    [
        ("syria", []),
        ("(a OR b) c", []),
        ("a b c", []),
        ("a OR b OR c", []),
        ("aaa OR bbb AND ccc", [("precedence", 11)]),
        ("aaa bbb OR ccc", [("precedence", 8)]),
        ("aaa OR bbb NOT ccc", [("precedence", 11)]),
        ("(aaa OR bbb ccc) OR ddd eee", [("precedence", 12), ("precedence", 24)]),
        ("(aaa OR bbb) (ccc OR ddd)", []),
        ('title:aaa OR "b c" source:d', [("precedence", 19)]),
        ("sy* geneva", [("short-prefix", 0)]),
        ("syr*", []),
        ("Syria and Iraq", [("lower-case-operator", 6)]),
        ('"Syria and Iraq"', []),
        ("what now?", [("wildcard-at-end", 5)]),
        ("C++ code", [("punctuation", 0)]),
        ('U.S. "peace-talks"', []),
        ("сyria", [("mixed-scripts", 0)]),
        ("Путин putin", []),
        ("NOT syria", [("only-negation", 0)]),
        ("syria OR NOT iraq", [("only-negation", 9)]),
        ("syria NOT iraq", []),
        ("-aa -bb", [("only-negation", 0)]),
        ("NOT (NOT syria)", []),
        ("lang:english syria", [("never", 5)]),
        ("lang:(en OR deutsch)", [("never", 12)]),
        ("topic:syria", []),
        ("topic:peace-talks", []),
        ('topic:"Siria" aid', [("never", 6)]),
        ("syria lang:en lang:fr", [("never", 14)]),
        ("syria NOT syria", [("never", 6)]),
        ("syria OR (iraq -iraq)", [("never", 15)]),
    ],
)
def test_warnings(query: str, warned: list[tuple[str, int]]) -> None:
    found = lint(query, {"topic": ["syria", "peace-talks"]})
    assert [(warning.kind, warning.position) for warning in found] == warned
    assert all(warning.message for warning in found)
