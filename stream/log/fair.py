"""Takes from several partitions so that a full one does not starve the others."""

import itertools
from collections.abc import Callable, Iterator, Sequence

from stream.log.base import Record


class Rota:
    """Whose turn it is: each poll begins one partition further."""

    def __init__(self) -> None:
        self._turns = itertools.count()

    def order(self, partitions: Sequence[int]) -> list[int]:
        """The partitions, beginning with the one whose turn it is."""
        first = next(self._turns) % len(partitions) if partitions else 0
        return [*partitions[first:], *partitions[:first]]


def gather(order: Sequence[int], limit: int, read: Callable[[int, int], list[Record]]) -> list[Record]:
    """At most `limit` records: an equal share of each partition first, then what is missing from those that have more.

    Args:
        order: the partitions, in the order in which they are asked.
        limit: how many records in all.
        read: hands out the next records of a partition, at most so many.
    """
    found: list[Record] = []
    for partition, quota in _requests(order, limit):
        if len(found) >= limit:
            break
        found += read(partition, min(quota, limit - len(found)))
    return found


def _requests(order: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    if order and limit > 0:
        yield from ((partition, -(-limit // len(order))) for partition in order)
        yield from ((partition, limit) for partition in order)
