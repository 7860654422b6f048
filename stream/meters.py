"""Counts of what this process has done, and what it last failed at, for the progress display and the logs."""

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["done", "emitted", "retried", "quarantined", "failed"]
"""`done`: messages (or polls) finished; `emitted`: messages produced from them; `failed`: polls without a response."""


KEPT = 20
"""Failures whose reasons are kept."""


@dataclass(frozen=True)
class Trouble:
    """Why something failed: a kind to count by, and a sentence."""

    kind: str
    reason: str


class Meters:
    """Counters by stage and outcome; thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._troubles: dict[str, deque[Trouble]] = {}
        self._lock = threading.Lock()

    def count(self, stage: str, outcome: Outcome, number: int = 1) -> None:
        """Add `number`."""
        with self._lock:
            self._counts[stage, outcome] += number

    def get(self, stage: str, outcome: Outcome) -> int:
        """The count so far."""
        return self._counts[stage, outcome]

    def total(self) -> int:
        """All counts together: it changes with whatever this process does."""
        with self._lock:
            return self._counts.total()

    def failed(self, stage: str, kind: str, reason: str) -> None:
        """Count a failure, and keep why."""
        with self._lock:
            self._counts[stage, "failed"] += 1
            self._troubles.setdefault(stage, deque(maxlen=KEPT)).append(Trouble(kind, reason))

    def succeeded(self, stage: str) -> None:
        """Count a success, which ends the trouble before it."""
        with self._lock:
            self._counts[stage, "done"] += 1
            self._troubles.pop(stage, None)

    def troubles(self, stage: str) -> Sequence[Trouble]:
        """The last failures since the stage last succeeded, oldest first."""
        with self._lock:
            return tuple(self._troubles.get(stage, ()))
