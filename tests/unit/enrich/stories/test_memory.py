from datetime import UTC, datetime

import numpy as np

from enrich.stories.memory import Memory
from enrich.stories.state import Told

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def remembering(**stories: str) -> Memory:
    """Articles by id in the order of the arguments, each with the name of its story."""
    memory = Memory()
    memory.add([Told(key=key, story=story, seen=NOW, signature=b"") for key, story in stories.items()])
    return memory


def stories_of(memory: Memory, ids: str) -> str:
    """The name of the story of each article."""
    rows = [memory.row_of(key) for key in ids]
    return "".join(memory.stories.name(memory.stories.at(row)) for row in rows if row is not None)


def test_a_story_learned_before_the_article_that_names_it_is_one_story() -> None:
    memory = remembering(x="x", f="e", e="e", g="e", h="h")
    assert stories_of(memory, "xfegh") == "xeeeh"
    assert len(memory.members(memory.stories.at(1))) == 3


def test_a_story_named_by_an_article_that_comes_much_later_is_one_story() -> None:
    memory = remembering(x="x", f="e")
    memory.add([Told(key=key, story="e", seen=NOW, signature=b"") for key in "ge"])
    assert stories_of(memory, "xfge") == "xeee"
    assert len(memory.members(memory.stories.at(1))) == 3


def test_a_part_of_a_story_is_not_named_as_the_whole() -> None:
    memory = remembering(c="e", d="e", e="e", f="e")
    assert memory.begin_story(np.array([2, 3])) == "f"
    assert stories_of(memory, "cdef") == "eeff"


def test_a_part_that_can_have_no_name_of_its_own_stays() -> None:
    memory = remembering(c="e", d="f", e="e", f="e")
    assert memory.begin_story(np.array([2, 3])) is None
    assert stories_of(memory, "cdef") == "efee"


def test_names_are_free_again_when_a_story_has_no_articles_left() -> None:
    memory = remembering(c="c", d="d", e="d")
    memory.stories.move(np.array([1, 2]), memory.stories.at(0))
    assert memory.begin_story(np.array([1, 2])) == "d"
    memory.forget(NOW, 1)
    assert stories_of(memory, "e") == "d"
