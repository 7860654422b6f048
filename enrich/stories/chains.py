"""An index from hashes to the rows that have them, in two arrays: hash chains, as in zlib.

Each bucket has its newest posting, and each posting the distance back to the one before it. So a posting costs four bytes, the
newest are found first, and a chain ends when it reaches forgotten rows. Different hashes may share a bucket, so each find is
only a candidate for comparison.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


class Chains:
    """An index of rows that come in order.

    Args:
        slots: the most hashes of a row.
        buckets: a power of two; four bytes each.
    """

    def __init__(self, slots: int, buckets: int) -> None:
        self._slots = slots
        self._mask = buckets - 1
        self.newest: NDArray[np.uint32] = np.zeros(buckets, dtype=np.uint32)
        """The newest posting of each bucket, plus 1; 0 if there is none. A posting is row * slots + slot."""
        self.back: NDArray[np.uint32] = np.zeros((0, slots), dtype=np.uint32)
        """The distance from each posting to the one before it in its bucket; 0 if there is none."""

    def make_room(self, rows: int) -> None:
        """Make room for this many rows. The array is enlarged in place, as `realloc` does."""
        self.back.resize((rows, self._slots), refcheck=False)

    def add(self, row: int, hashes: NDArray[np.uint32]) -> None:
        """Add rows newer than all others, beginning with the given number: a line of hashes each, 0 for none."""
        flat = hashes.reshape(-1)
        used = np.flatnonzero(flat)
        if not len(used):
            return
        buckets, postings = flat[used] & np.uint32(self._mask), row * self._slots + used + 1
        order = np.argsort(buckets, kind="stable")
        buckets, postings = buckets[order], postings[order]
        differ = buckets[1:] != buckets[:-1]
        before = self.newest[buckets].astype(np.int64)
        before[1:] = np.where(differ, before[1:], postings[:-1])
        self.back.reshape(-1)[postings - 1] = np.where(before > 0, postings - before, 0)
        ends = np.append(differ, True)  # the last of its bucket
        self.newest[buckets[ends]] = postings[ends]

    def find(self, hashes: NDArray[np.uint32], most: int) -> tuple[Rows, NDArray[np.int64]]:
        """The rows that may have the hashes, the newest `most` of each bucket, and the hash that found each. A row is found
        once for each shared hash."""
        which = np.arange(len(hashes))
        at = self.newest[hashes & np.uint32(self._mask)].astype(np.int64)
        back = self.back.reshape(-1)
        rows, found_by = [], []
        for _ in range(most):
            alive = at > 0
            if not alive.any():
                break
            at, which = at[alive], which[alive]
            rows.append((at - 1) // self._slots)
            found_by.append(which)
            distance = back[at - 1].astype(np.int64)
            at = np.where(distance > 0, at - distance, 0)
        empty = np.zeros(0, dtype=np.int64)
        return np.concatenate([empty, *rows]), np.concatenate([empty, *found_by])

    def state(self, rows: int) -> dict[str, Any]:
        """The first rows, for `restore`."""
        return {"newest": self.newest.tobytes(), "back": self.back[:rows].tobytes()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from a state; there is room for its rows."""
        self.newest = np.frombuffer(state["newest"], dtype=np.uint32).copy()
        back = np.frombuffer(state["back"], dtype=np.uint32).reshape(-1, self._slots)
        self.back[: len(back)] = back

    def drop(self, number: int, kept: int) -> None:
        """Drop the oldest rows; the `kept` others move down by as many."""
        self.back[:kept] = self.back[number : number + kept]
        gone = np.uint32(number * self._slots)
        self.newest = np.where(self.newest > gone, self.newest - gone, np.uint32(0))
