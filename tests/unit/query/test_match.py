import pytest

from query.match import match, prepare
from query.parse import parse

TITLE = "Russia’s peace talks"
TEXT = "Peace talks on Syria opened; peace, in Geneva. L’Été: talks 中国人 \u0301go"
PREPARED = prepare(
    TITLE,
    TEXT,
    {
        "source": ["BBC News"],
        "lang": ["en"],
        "topic": ["peace-talks", "Syria Aid"],
        "entity": ["Vladimir Putin"],
        "author": ["Ann Lee", "Bob Ray"],
    },
)


def found(query: str) -> list[str] | None:
    spans = match(parse(query), PREPARED)
    return (
        None if spans is None else [{"title": TITLE, "text": TEXT}[s.field][s.start : s.end] for s in spans]
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("syria", ["Syria"]),
        ("russia", ["Russia"]),
        ("peace", ["peace", "Peace", "peace"]),
        ('"peace talks"', ["peace talks", "Peace talks"]),
        ('title:"peace talks"', ["peace talks"]),
        ("text:peace-talks", ["Peace talks"]),
        ("syria AND ukraine", None),
        ("syria OR ukraine", ["Syria"]),
        ("(syria AND ukraine) OR geneva", ["Geneva"]),
        ("geneva NOT ukraine", ["Geneva"]),
        ("geneva NOT syria", None),
        ("NOT ukraine", []),
        ("NOT NOT syria", []),
        ("gen* ete", ["Geneva", "Été"]),
        ('"talks peace"', None),
        ("talks-on peace-talks", ["peace talks", "Peace talks on"]),
        ("中国", ["中国"]),
        ("国人 中国", ["中国人"]),
        ("source:bbc", None),
        ('source:"bbc NEWS" syria', ["Syria"]),
        ("source:bbc*", []),
        ("lang:en", []),
        ("topic:peace-talks", []),
        ("topic:syria", None),
        ("topic:syri*", []),
        ('entity:"vladimir putin"', []),
        ("entity:putin", None),
        ("author:lee", []),
        ('author:"ann lee"', []),
        ('author:"lee bob"', None),
        ("author:syria", None),
    ],
)
def test_match(query: str, expected: list[str] | None) -> None:
    assert found(query) == expected


def test_a_phrase_does_not_cross_from_title_to_text() -> None:
    assert match(parse('"talks peace"'), prepare("Peace talks", "peace at last", {})) is None


def test_values_that_are_missing_match_nothing() -> None:
    prepared = prepare("", "", {})
    assert match(parse("source:a"), prepared) is None
    assert match(parse("NOT author:a"), prepared) == ()


def test_repeated_words_are_found_where_they_overlap() -> None:
    spans = match(parse('"a b a"'), prepare("", "a b a b a", {}))
    assert spans is not None
    assert [(span.start, span.end) for span in spans] == [(0, 9)]
