"""Conjunctions of most queries, compiled to arrays: fast to test by the thousand, but rebuilt for every change.

A conjunction is a row of signed key numbers: a positive key must be present, a negative one absent, 0 is padding. Rows are
sorted by their first key, under which they are filed, so that those of one key are contiguous (compressed sparse rows).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from query.monitor.conjunctions import MAX_CONDITIONS
from query.monitor.fresh import Filed, Met
from query.monitor.keys import Numbers, Rates

Flags = npt.NDArray[np.bool_]
Residues = npt.NDArray[np.int16]


class Compiled:
    """Conjunctions in immutable arrays. Only one thread at a time may match.

    Args:
        rows: the signed key numbers of each conjunction.
        slots: the slot of each one's query.
        residues: for each, which of the query's residues must match as well, or EXACT.
        rates: for each number, the share of articles with the key.
    """

    def __init__(self, rows: Numbers, slots: Numbers, residues: Residues, rates: Rates) -> None:
        rows = rarest_first(rows, rates)
        order = np.argsort(rows[:, 0], kind="stable")
        self._columns = np.ascontiguousarray(rows[order].T)
        self._slots = slots[order]
        self._residues = residues[order]
        self._starts = np.zeros(len(rates) + 1, np.int32)
        np.cumsum(np.bincount(rows[:, 0], minlength=len(rates)), out=self._starts[1:])
        # For each signed number, whether it holds for an article without keys; negative numbers count from the end.
        self._holds = np.ones(2 * len(rates), np.bool_)
        self._holds[1 : len(rates)] = False

    @classmethod
    def empty(cls) -> "Compiled":
        """A Compiled without conjunctions."""
        rows = np.zeros((0, MAX_CONDITIONS), np.int32)
        none = rows.ravel()
        return cls(rows, none, none.astype(np.int16), none.astype(np.float32))

    def __len__(self) -> int:
        """How many conjunctions there are."""
        return len(self._slots)

    def merged(self, fresh: Iterable[Filed], held: Flags, rates: Rates) -> "Compiled":
        """These conjunctions and new ones, without those of removed queries, each filed under its currently rarest key.

        Args:
            fresh: the conjunctions to add.
            held: for each slot, whether its query is still held.
            rates: the current rate of each key.
        """
        added = list(fresh)
        rows = np.array([_row(each) for each in added], np.int32).reshape(len(added), MAX_CONDITIONS)
        slots = np.array([each.slot for each in added], np.int32)
        residues = np.array([each.residue for each in added], np.int16)
        old, new = held[self._slots], held[slots]
        return Compiled(
            np.concatenate((self._columns[:, old].T, rows[new])),
            np.concatenate((self._slots[old], slots[new])),
            np.concatenate((self._residues[old], residues[new])),
            rates,
        )

    def used(self, end: int) -> Flags:
        """For each number below `end`, whether a conjunction has the key."""
        used = np.zeros(end, np.bool_)
        used[np.abs(self._columns).ravel()] = True
        return used

    def met_by(self, found: Numbers) -> Met:
        """The conjunctions whose conditions are met by an article with these keys."""
        known = found[found < len(self._starts) - 1]
        rows = _stretches(self._starts[known], self._starts[known + 1])
        self._holds[known], self._holds[-known] = True, False
        for column in self._columns[1:]:
            rows = rows[self._holds[column[rows]]]
        self._holds[known], self._holds[-known] = False, True
        return Met(self._slots[rows].tolist(), self._residues[rows].tolist())


def _row(conjunction: Filed) -> tuple[int, ...]:
    keys = (*conjunction.there, *(-key for key in conjunction.absent))
    return keys + (0,) * (MAX_CONDITIONS - len(keys))


def rarest_first(rows: Numbers, rates: Rates) -> Numbers:
    """Each row's keys in the best order for testing: keys that must be absent rule out little, and come last."""
    ranks = np.where(rows > 0, rates[np.abs(rows)], np.inf)
    return np.take_along_axis(rows, np.argsort(ranks, axis=1, kind="stable"), axis=1)


def _stretches(starts: Numbers, ends: Numbers) -> Numbers:
    """The numbers of several ranges, concatenated."""
    sizes = ends - starts
    until = np.cumsum(sizes)
    return np.repeat(starts - (until - sizes), sizes) + np.arange(sizes.sum(), dtype=np.int32)
