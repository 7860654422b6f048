import pytest

from kibana.changes import mark_of, may_replace


def test_a_mark_is_of_the_content_whatever_its_order() -> None:
    assert mark_of({"a": 1, "b": [1, 2]}) == mark_of({"b": [1, 2], "a": 1})
    assert mark_of({"a": [1, 2]}) != mark_of({"a": [2, 1]})


@pytest.mark.parametrize(
    ("there", "mark", "replaced"),
    [
        (None, "", True),
        ({"title": "Old", "extra": 1}, mark_of({"title": "Old", "extra": 1}), True),
        ({"title": "Mine", "extra": 1}, mark_of({"title": "Old", "extra": 1}), False),
        ({"title": "Old"}, "", False),
        ({"title": "New", "panels": [{"id": "a", "added": True}], "extra": 1}, "", True),
        ({"title": "New", "panels": [{"id": "a"}, {"id": "mine"}]}, "", False),
        ({"title": "New", "panels": []}, "", False),
        ({"title": "New"}, "", False),
    ],
)
def test_what_a_person_changed_is_kept(there: object, mark: str, replaced: bool) -> None:
    assert may_replace(there, {"title": "New", "panels": [{"id": "a"}]}, mark) is replaced
