import pytest

from query.parse import parse
from query.tree import show
from query.widen import MOST, wider


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("sanction", ["sanction*", "sanctio*"]),
        ("oils", ["oils*"]),
        ("oil", []),
        ("oils AND NOT sport", ["(oils* AND NOT sport)"]),
        (
            "(oils OR ships) title:gas",
            ["((oils* OR ships) AND title:gas)", "((oils OR ships*) AND title:gas)"],
        ),
        ('"peace talks" topic:syria sanct*', ['("peace talks"~5 AND topic:syria AND sanct*)']),
        ('"peace talks"~4 OR title:"a b"', ['("peace talks"~9 OR title:"a b")']),
        ('"peace talks"~98', ['"peace talks"~99']),
        ('source:"BBC News" U.S. 北京 2016 NOT talks published:2016', []),
        ("وقود", ["*وقود"]),
        ("الحرب", ["*حرب"]),
        ("النا", ["*النا"]),
        ("ایران گاز", ["(*ايران AND گاز)"]),
        ("מלחמה", ["*מלחמה"]),
        ("title:ships", ["title:ships*"]),
    ],
)
def test_each_word_is_widened_alone(query: str, near: list[str]) -> None:
    assert [show(one) for one in wider(parse(query))] == near


def test_the_number_of_counted_queries_is_limited() -> None:
    assert len(wider(parse(" OR ".join(f"word{number}s" for number in range(50))))) == MOST
