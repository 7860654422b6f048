import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.match import matches, prepare
from query.parse import parse
from query.wildcards import compiled


@given(st.text("ab?*", max_size=7), st.text("ab", max_size=7))
def test_a_pattern_means_what_it_means_in_a_shell(pattern: str, word: str) -> None:
    assert bool(compiled(pattern).fullmatch(word)) == fnmatch.fnmatchcase(word, pattern)


def test_no_pattern_explodes() -> None:
    assert not compiled("*a*a*a*ab????").fullmatch("a" * 100_000)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("wom?n", True),
        ("organi?ation", True),
        ("ORGANI?ATION", True),
        ("*burg", True),
        ("*urg?", False),
        ("w?n", False),
        ("w*n", True),
        ("title:wom?n", False),
        ("?te", True),
        ("source:*times", True),
        ("source:new*times", True),
        ("source:?ork", False),
        ("url:exam?le", True),
        ("author:wom?n", False),
    ],
)
def test_wildcards_match_whole_words(query: str, found: bool) -> None:
    values = {"source": ["New York Times"], "url": ["https://example.org/a-b"]}
    prepared = prepare("", "Women’s organisation in Hamburg: l’été", values)
    assert matches(parse(query), prepared) == found
