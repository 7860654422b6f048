"""An index from features to the rows that have them: all rows of a rare feature, the newest of a common one.

The rows of each feature are next to each other in one sorted array, as in the inverted index of a search engine. The newest
rows are in chains, and merged into the array when there are enough of them. A posting takes four bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.stories.chains import Chains, Rows

RECENT = 1 << 15
"""Rows that are in chains. A merge copies the whole array, which takes a tenth of a second with 3 million rows."""
NEWEST_RECENT = 32
"""How many of the recent rows are found by one feature."""


class Postings:
    """An index of rows that come in order.

    Args:
        slots: the most features of a row.
        features: how many different features there are, a power of two; each is below this number, and 0 is none.
    """

    def __init__(self, slots: int, features: int) -> None:
        self._slots = slots
        self._features = features
        self._rows: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self._begins: NDArray[np.uint32] = np.zeros(features + 1, dtype=np.uint32)
        """Where the rows of each feature begin in the array; they end where those of the next begin."""
        self._recent: NDArray[np.uint32] = np.zeros((RECENT, slots), dtype=np.uint32)
        """The features of the rows that are in chains."""
        self._first = self._end = 0
        self._begin_chains()

    def _begin_chains(self) -> None:
        self._chains = Chains(self._slots, self._features)
        self._chains.make_room(RECENT)

    def add(self, features: NDArray[np.uint32]) -> None:
        """Add rows newer than all others: a line of features each, 0 for none."""
        while len(features):
            if self._end - self._first == RECENT:
                self._merge()
            at = self._end - self._first
            now, features = features[: RECENT - at], features[RECENT - at :]
            self._recent[at : at + len(now)] = now
            self._chains.add(at, now)
            self._end += len(now)

    def _merge(self) -> None:
        """Put the recent rows into the array."""
        flat = self._recent[: self._end - self._first].reshape(-1)
        used = np.flatnonzero(flat)
        used = used[np.argsort(flat[used], kind="stable")]
        counts = np.bincount(flat[used], minlength=self._features)
        ends = self._begins[1:].astype(np.int64)  # after the older rows of the feature come its new ones
        places = np.repeat(ends, counts) + np.arange(len(used))
        is_old = np.ones(len(self._rows) + len(used), dtype=np.bool_)
        is_old[places] = False
        merged = np.empty(len(is_old), dtype=np.uint32)
        merged[is_old] = self._rows
        merged[places] = used // self._slots + self._first
        self._rows = merged
        self._begins[1:] += np.cumsum(counts).astype(np.uint32)
        self._first = self._end
        self._begin_chains()

    def find(self, features: NDArray[np.uint32], most: int) -> tuple[Rows, NDArray[np.int64]]:
        """The rows that have the features, and the place of the feature that found each. A row is found once for each feature.

        Args:
            features: to look up.
            most: maximum number of rows in the array: rare features get all of theirs, the others share the rest evenly, and
                their newest rows are found.
        """
        begins = self._begins[features].astype(np.int64)
        ends = self._begins[features + 1].astype(np.int64)
        begins = np.maximum(begins, ends - _shared_out(ends - begins, most))
        lengths = ends - begins
        starts = begins - (np.cumsum(lengths) - lengths)
        found = self._rows[np.repeat(starts, lengths) + np.arange(int(lengths.sum()))].astype(np.int64)
        recent, recent_by = self._chains.find(features, NEWEST_RECENT)
        return (
            np.concatenate([found, recent + self._first]),
            np.concatenate([np.repeat(np.arange(len(features)), lengths), recent_by]),
        )

    def drop(self, number: int) -> None:
        """Drop the oldest rows; the others move down by as many."""
        if number > self._first:
            self._merge()
        is_kept = self._rows >= number
        kept_before = np.zeros(len(is_kept) + 1, dtype=np.uint32)
        np.cumsum(is_kept, out=kept_before[1:])
        self._begins = kept_before[self._begins]
        self._rows = self._rows[is_kept] - np.uint32(number)
        self._first -= number
        self._end -= number

    def state(self) -> dict[str, Any]:
        """All of it, for `restore`."""
        return {
            "rows": self._rows.tobytes(),
            "begins": self._begins.tobytes(),
            "first": self._first,
            "recent": self._recent[: self._end - self._first].tobytes(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from a state; nothing was added yet."""
        self._rows = np.frombuffer(state["rows"], dtype=np.uint32).copy()
        self._begins = np.frombuffer(state["begins"], dtype=np.uint32).copy()
        self._first = self._end = state["first"]
        self.add(np.frombuffer(state["recent"], dtype=np.uint32).reshape(-1, self._slots))


def _shared_out(lengths: NDArray[np.int64], most: int) -> int:
    """The length to which lists are cut, so that together they have at most so many entries."""
    rising = np.sort(lengths)
    before = np.cumsum(rising) - rising
    shares = (most - before) // np.arange(len(rising), 0, -1)
    cut = np.flatnonzero(rising > shares)
    return int(shares[cut[0]]) if len(cut) else most
