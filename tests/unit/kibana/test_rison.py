"""Rison, written by us and read by a reader that was written from the grammar."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.rison_reader import read_rison

from kibana.rison import in_address, rison

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("news", "news"),
        ("", "''"),
        ("it's!", "'it!'s!!'"),
        ("-a", "'-a'"),
        ("0", "'0'"),
        ("a-0", "a-0"),
        ("a b", "'a b'"),
        (7, "7"),
        (1e30, "1e30"),
        (True, "!t"),
        (False, "!f"),
        (None, "!n"),
        ([], "!()"),
        ({}, "()"),
        ({"b": [1, "x"], "a": {"c": None}}, "(a:(c:!n),b:!(1,x))"),
    ],
)
def test_values(value: Any, written: str) -> None:
    assert rison(value) == written


@given(VALUES)
def test_every_json_value_survives_a_round_trip(value: Any) -> None:
    assert read_rison(rison(value)) == value


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks(number: float) -> None:
    with pytest.raises(ValueError, match="can't be written"):
        rison(number)


def test_an_address_keeps_what_kibana_keeps() -> None:
    assert (
        in_address({"query": 'a : "é" & b#c %+\ud800'})
        == "(query:'a%20:%20%22%C3%A9%22%20%26%20b%23c%20%25%2B%3F')"
    )


@pytest.mark.parametrize("wrong", ["", "(", "(a)", "!(1", "'a", "!x", "a)", "(a:1", "!(a b)"])
def test_the_reader_is_strict(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_rison(wrong)
