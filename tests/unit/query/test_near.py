from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.match import Words, match, matches, prepare
from query.near import is_near, windows
from query.parse import parse


def found(terms: str, slop: int, text: str) -> list[tuple[int, int]]:
    return [(w[0], w[-1]) for w in windows(terms.split(), slop, Words(text).positions)]


@pytest.mark.parametrize(
    ("terms", "slop", "text", "expected"),
    [
        ("a b", 1, "a b", [(0, 1)]),
        ("a b", 1, "b a", [(0, 1)]),
        ("a b", 1, "a x b", [(0, 2)]),
        ("a b", 1, "b x a", [(0, 2)]),
        ("a b", 1, "a x x b", []),
        ("a b", 2, "a x x b", [(0, 3)]),
        ("a b", 5, "a", []),
        ("a a", 1, "a", []),
        ("a a", 1, "a x a", [(0, 2)]),
        ("a a b", 1, "a b x a", [(0, 3)]),
        ("a b c", 1, "a x b c", [(0, 3)]),
        ("a b c", 1, "c x b x a", []),
        ("a b", 1, "a b a", [(0, 1), (1, 2)]),
    ],
)
def test_windows(terms: str, slop: int, text: str, expected: list[tuple[int, int]]) -> None:
    assert found(terms, slop, text) == expected


words = st.sampled_from("abcx")


@given(st.lists(words, min_size=2, max_size=4), st.integers(1, 4), st.lists(words, max_size=9))
def test_it_matches_if_the_words_are_close(terms: list[str], slop: int, text: list[str]) -> None:
    places = permutations(range(len(text)), len(terms))
    meant = any(
        max(at) - min(at) < len(terms) + slop
        for at in places
        if all(text[place] == term for place, term in zip(at, terms, strict=True))
    )
    assert bool(found(" ".join(terms), slop, " ".join(text))) == meant


def test_each_word_is_a_span() -> None:
    text = "Talks on peace in Syria; Assad was not there to talk of peace."
    spans = match(parse('"syria peace"~1'), prepare("", text, {}))
    assert spans is not None
    assert [text[span.start : span.end] for span in spans] == ["peace", "Syria"]


def test_words_of_title_and_text_are_never_near() -> None:
    assert not matches(parse('"peace talks"~99'), prepare("Peace", "talks", {}))


@given(
    st.lists(st.sampled_from("abcx"), max_size=40),
    st.lists(st.sampled_from("abc"), min_size=2, max_size=3),
    st.integers(1, 4),
)
def test_is_near_wherever_there_are_windows(text: list[str], terms: list[str], slop: int) -> None:
    positions = Words(" ".join(text)).positions
    assert is_near(terms, slop, positions) == any(True for _ in windows(terms, slop, positions))
