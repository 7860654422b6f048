from hypothesis import given
from hypothesis import strategies as st

from index.snippet import snippet
from stream.messages import Span

TEXT = (
    "The envoy spoke of hope. " * 40
    + "Peace talks opened in Geneva on Monday. "
    + "Nobody expected much. " * 40
)


def test_the_window_is_around_the_match_and_marks_it() -> None:
    start = TEXT.index("Peace talks")
    shown = snippet(TEXT, [Span("text", start, start + 11)])
    assert [shown.text[a:b] for a, b in shown.marks] == ["Peace talks"]
    assert len(shown.text) <= 260
    assert shown.text.split()[0] in TEXT.split(), "begins between words"


def test_the_densest_stretch_wins() -> None:
    first, second = TEXT.index("hope"), TEXT.index("Geneva")
    spans = [
        Span("text", first, first + 4),
        Span("text", second, second + 6),
        Span("text", second + 10, second + 16),
    ]
    assert "Geneva on Monday" in snippet(TEXT, spans).text


def test_without_a_match_in_the_text_it_is_the_beginning() -> None:
    assert TEXT.startswith(snippet(TEXT, [Span("title", 0, 3)]).text[:200])
    assert snippet("", []).text == ""


@given(
    st.text(max_size=600),
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 30)), max_size=8),
    st.integers(20, 300),
)
def test_marks_are_always_what_matched(text: str, places: list[tuple[int, int]], width: int) -> None:
    spans = [Span("text", a, a + n) for a, n in places if a + n <= len(text)]
    shown = snippet(text, spans, width)
    matched = {text[s.start : s.end].replace("\n", " ") for s in spans}
    for start, end in shown.marks:
        assert 0 <= start < end <= len(shown.text)
        assert any(shown.text[start:end] in whole for whole in matched)
    if spans:
        assert shown.marks
