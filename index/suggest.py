"""Suggests other word forms for a search that finds little."""

import msgspec

from index.store import Search, Store
from query.tree import show
from query.widen import wider
from results.search import Suggestion

FEW = 3
"""A search that finds fewer articles than this gets suggestions."""


def suggest(store: Store, search: Search, total: int) -> tuple[Suggestion, ...]:
    """Similar queries that find more than the `total` articles of a search; the one that finds most comes first.

    Counts up to `query.widen.MOST` queries, under the same filters; none if enough was found.
    """
    if search.query is None or total >= FEW:
        return ()
    counted = [
        Suggestion(
            show(near), store.search(msgspec.structs.replace(search, query=near, limit=0, offset=0)).total
        )
        for near in wider(search.query)
    ]
    return tuple(sorted((one for one in counted if one.total > total), key=lambda one: -one.total))
