import pytest

from query.explain import because
from query.match import match, prepare
from query.parse import parse
from query.tree import show

ARTICLE = prepare("Truce holds", "Envoys met in Geneva for peace talks on Syria.", {"lang": ["en"]})


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("syria", "syria"),
        ("iraq OR syria OR yemen", "syria"),
        ("syria OR truce OR yemen", "(syria OR truce)"),
        ('(iraq OR "peace talks") AND (geneva OR vienna)', '("peace talks" AND geneva)'),
        ("geneva NOT (vienna OR london)", "(geneva AND NOT (vienna OR london))"),
        ("(iraq OR (yemen OR envoys)) OR truce", "(envoys OR truce)"),
        ("lang:en OR lang:fr", "lang:en"),
        ("syria OR iraq OR Syria", "syria"),
        ('(syria OR iraq) "talks peace"~2', '(syria AND "talks peace"~2)'),
    ],
)
def test_only_what_matched_is_left(query: str, clause: str) -> None:
    node = parse(query)
    left = because(node, ARTICLE)
    assert show(left) == clause
    assert match(left, ARTICLE) == match(node, ARTICLE)
