"""How often a caller may do a thing: token buckets."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_KEYS = 10_000


@dataclass
class _Bucket:
    left: float
    at: float


class Limit:
    """So many at once, and then at a steady rate, for each caller.

    Args:
        at_once: how many are let through after a rest.
        per_second: how many come free in a second.
        clock: seconds, which never go back.
    """

    def __init__(self, at_once: float, per_second: float, clock: Callable[[], float]) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller: str) -> float:
        """Let a caller through; else how many seconds it must wait. 0: it was let through."""
        bucket = self._filled(caller)
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= 1
        return 0.0

    def give_back(self, caller: str) -> None:
        """Let what a caller has taken not count after all."""
        bucket = self._filled(caller)
        bucket.left = min(self._at_once, bucket.left + 1)

    def _filled(self, caller: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.pop(caller, None) or _Bucket(self._at_once, now)
        bucket.left = min(self._at_once, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets[caller] = bucket
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket
