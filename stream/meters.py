"""Counts of what this process has done, for the progress display and the logs."""

import threading
from collections import Counter
from typing import Literal

Outcome = Literal["done", "emitted", "retried", "quarantined", "failed"]
"""`done`: messages (or polls) finished; `emitted`: messages that came of them; `failed`: polls without an answer."""


class Meters:
    """Counters by stage and outcome; safe to use from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._lock = threading.Lock()

    def count(self, stage: str, outcome: Outcome, number: int = 1) -> None:
        """Add `number`."""
        with self._lock:
            self._counts[stage, outcome] += number

    def get(self, stage: str, outcome: Outcome) -> int:
        """The count so far."""
        return self._counts[stage, outcome]
