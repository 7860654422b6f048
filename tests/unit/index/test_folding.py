from collections.abc import Callable

from index.folding import firsts


def best(stories: str, asked: list[int]) -> Callable[[int], list[tuple[str, int]]]:
    def of(number: int) -> list[tuple[str, int]]:
        asked.append(number)
        return [(story, at) for at, story in enumerate(stories[:number])]

    return of


def test_each_story_has_its_first_hit_in_order() -> None:
    assert list(firsts(best("abacbd", []), 0, 3).items()) == [("a", 0), ("b", 1), ("c", 3)]
    assert list(firsts(best("abacbd", []), 2, 5).items()) == [("c", 3), ("d", 5)]
    assert firsts(best("abacbd", []), 4, 5) == firsts(best("", []), 0, 5) == {}


def test_more_hits_are_looked_at_only_where_a_story_has_many() -> None:
    asked: list[int] = []
    assert list(firsts(best("abcdef", asked), 0, 4)) == ["a", "b", "c", "d"]
    assert asked == [6]
    asked.clear()
    assert list(firsts(best("a" * 20 + "b", asked), 0, 2)) == ["a", "b"]
    assert asked == [3, 6, 12, 24]
