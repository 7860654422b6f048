import pytest

from index.word_diff import Piece, compared, in_context
from results.edits import Change
from results.parts import Mark


def written(pieces: list[Piece]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("163 people came.", "136 people came.", "[-163-] {+136+} people came."),
        ("People came.", "People came. Then they left.", "People came. {+Then they left.+}"),
        ("They came and left.", "They left.", "They [-came and-] left."),
        ("Same.", "Same.", "Same."),
        ("", "New", "{+New+}"),
        ("Old", "", "[-Old-]"),
    ],
)
def test_two_texts_are_shown_as_one(old: str, new: str, shown: str) -> None:
    assert written(compared(old, new)) == shown


def test_a_change_stands_among_the_words_around_it() -> None:
    old = f"{'a ' * 50}It was on Monday.\n{'b ' * 50}"
    new = old.replace("Monday", "Tuesday")
    at = old.index("Monday")
    change = Change(
        kind="text",
        field="text",
        before="Monday",
        after="Tuesday",
        was_at=Mark(at, at + 6),
        is_at=Mark(at, at + 7),
    )
    shown = written(in_context(change, old, new))
    assert shown.startswith("…")
    assert "It was on [-Monday-] {+Tuesday+}. b b" in shown
    assert shown.endswith("…")


def test_words_around_a_change_are_whole() -> None:
    old = "Intergovernmental talks about the fisheries of the coast went on. It was on Monday that they met at last."
    new = old.replace("Monday", "Tuesday") + " And then some more words followed upon that meeting."
    at = old.index("Monday")
    change = Change(
        kind="text",
        field="text",
        before="Monday",
        after="Tuesday",
        was_at=Mark(at, at + 6),
        is_at=Mark(at, at + 7),
    )
    shown = written(in_context(change, old, new))
    assert shown.split()[0].removeprefix("…") in old.split()
    assert shown.split()[-1].removesuffix("…") in new.split()
