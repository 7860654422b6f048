"""Hits folded by story: the first hit of each."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

Hit = TypeVar("Hit")
Story = TypeVar("Story", bound=Hashable)


def firsts(
    best: Callable[[int], Sequence[tuple[Story, Hit]]], offset: int, limit: int
) -> Mapping[Story, Hit]:
    """The first hit of each story on a page of stories, in the order of these hits.

    Args:
        best: returns the best n hits, each with what stands for its story; fewer only if there are no more.
        offset: stories before the page.
        limit: stories on the page.
    """
    wanted = offset + limit
    number = wanted + wanted // 4 + 1
    while True:
        found = best(number)
        first: dict[Story, Hit] = {}
        for story, hit in found:
            first.setdefault(story, hit)
        if len(first) >= wanted or len(found) < number:
            return dict(islice(first.items(), offset, wanted))
        number *= 2
