"""Pages of a ranking in which ties are broken by id, which the search engine can't sort by."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

Ranked = Sequence[tuple[Any, Any]]
"""Hits, best first: the sort key of each, and the hit."""


def page(
    top: Callable[[int], Ranked], ids: Callable[[Sequence[Any]], Sequence[str]], offset: int, limit: int
) -> Ranked:
    """A page of a ranking in which ties are ordered by id, so that pages neither overlap nor skip anything.

    Args:
        top: returns the best n hits; fewer only if there are no more.
        ids: returns the ids of hits, in order; called only for the page and for hits that tie with its ends.
        offset: hits before the page.
        limit: hits on the page, 1 or more.
    """
    hits = _with_ties(top, offset + limit)
    if len(hits) <= offset:
        return []
    first = next(index for index, (rank, _) in enumerate(hits) if rank == hits[offset][0])
    return _ordered(hits[first:], ids)[offset - first :][:limit]


def _with_ties(top: Callable[[int], Ranked], count: int) -> Ranked:
    """The best hits, `count` and all that tie with the last of them, and perhaps some more."""
    size = count + 1
    hits = top(size)
    while len(hits) == size and hits[-1][0] == hits[count - 1][0]:
        size *= 4
        hits = top(size)
    return hits


def _ordered(hits: Ranked, ids: Callable[[Sequence[Any]], Sequence[str]]) -> Ranked:
    named = zip(ids([hit for _, hit in hits]), hits, strict=True)
    groups = groupby(named, key=lambda pair: pair[1][0])
    return [hit for _, group in groups for _, hit in sorted(group, key=lambda pair: pair[0])]
