"""Conjunctions of new queries, each filed under its rarest key: quick to add to."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

EXACT = -1
"""Stands for "no residue": the conditions of the conjunction suffice."""


class Filed(msgspec.Struct, frozen=True, gc=False):
    """A conjunction of conditions, by the numbers of their keys.

    Attributes:
        there: keys that must be present, at least one, the rarest first.
        absent: keys that must not be there.
        slot: the slot of the query.
        residue: which of the query's residues must match as well, or EXACT.
    """

    there: tuple[int, ...]
    absent: tuple[int, ...]
    slot: int
    residue: int


class Met(NamedTuple):
    """Conjunctions whose conditions an article meets: their queries' slots and, in the same order, their residues."""

    slots: list[int]
    residues: list[int]


class Fresh:
    """The conjunctions of new queries, in dicts."""

    def __init__(self) -> None:
        self._by_key: dict[int, list[Filed]] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many conjunctions there are."""
        return self._count

    def __iter__(self) -> Iterator[Filed]:
        """All of them."""
        for filed in self._by_key.values():
            yield from filed

    def add(self, conjunction: Filed) -> None:
        """Add a conjunction."""
        self._by_key.setdefault(conjunction.there[0], []).append(conjunction)
        self._count += 1

    def met_by(self, found: set[int]) -> Met:
        """The conjunctions met by an article that has these keys."""
        met = [
            each
            for key in self._by_key.keys() & found
            for each in self._by_key[key]
            if found.issuperset(each.there) and found.isdisjoint(each.absent)
        ]
        return Met([each.slot for each in met], [each.residue for each in met])
