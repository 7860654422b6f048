from hypothesis import given
from hypothesis import strategies as st

from web.marked import Marked, Run, paragraphs, runs


def test_marks_may_overlap() -> None:
    marks = [Marked(0, 11, "topic", "Syria"), Marked(6, 11, "match"), Marked(9, 14, "person", "Ann")]
    assert list(runs("peace talks now", marks)) == [
        Run("peace ", ("topic",), "Syria"),
        Run("tal", ("topic", "match"), "Syria"),
        Run("ks", ("topic", "match", "person"), "Syria; Ann"),
        Run(" no", ("person",), "Ann"),
        Run("w"),
    ]


def test_paragraphs_are_the_lines_of_the_text() -> None:
    found = paragraphs(runs("one\ntwo\n\nthree", [Marked(2, 6, "match")]))
    assert [[(run.text, run.kinds) for run in line] for line in found] == [
        [("on", ()), ("e", ("match",))],
        [("tw", ("match",)), ("o", ())],
        [("three", ())],
    ]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-2, 40), st.integers(-2, 40)), max_size=6))
def test_nothing_of_the_text_is_lost(text: str, places: list[tuple[int, int]]) -> None:
    found = list(runs(text, [Marked(start, end, "match") for start, end in places]))
    assert "".join(run.text for run in found) == text
    marked = {at for start, end in places for at in range(max(0, start), min(end, len(text)))}
    at = 0
    for run in found:
        assert {place in marked for place in range(at, at + len(run.text))} == {bool(run.kinds)}
        at += len(run.text)
