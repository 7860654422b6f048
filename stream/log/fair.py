"""Reads from several partitions so that a full one does not starve the others."""

import itertools
from collections.abc import Callable, Iterator, Sequence

from stream.log.base import Record


class Rota:
    """Rotates the partitions: each poll starts one partition further on."""

    def __init__(self) -> None:
        self._turns = itertools.count()

    def order(self, partitions: Sequence[int]) -> list[int]:
        """The partitions, starting with the one whose turn it is."""
        first = next(self._turns) % len(partitions) if partitions else 0
        return [*partitions[first:], *partitions[:first]]


def gather(order: Sequence[int], limit: int, read: Callable[[int, int], list[Record]]) -> list[Record]:
    """At most `limit` records: first an equal share from each partition, then the rest from those that have more.

    Args:
        order: the partitions, in reading order.
        limit: how many records in total.
        read: returns the next records of a partition, up to a number.
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
