"""Durations counted by buckets, as Prometheus' histograms are."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

POLL_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds for what a server's answer takes."""
NEWS_BOUNDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14_400.0, 86_400.0)
"""Upper bounds in seconds for how late news is."""


class Histogram:
    """Counts durations; not thread-safe.

    Args:
        bounds: the upper bounds of the buckets in seconds, inclusive, in order; one more bucket has no bound.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.sum = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, seconds: float) -> None:
        """Count one; a negative duration (of clocks that differ) counts as none at all."""
        took = max(seconds, 0.0)
        self._counts[bisect_left(self.bounds, took)] += 1
        self.sum += took

    def cumulative(self) -> Sequence[int]:
        """How many took at most each bound; the last number is all of them."""
        return tuple(accumulate(self._counts))
