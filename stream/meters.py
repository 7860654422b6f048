"""Counts of what this process has done, and what it last failed at, for the progress display, the logs and `/metrics`."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stream.histogram import NEWS_BOUNDS, POLL_BOUNDS, Histogram

Outcome = Literal["taken", "done", "emitted", "retried", "quarantined", "failed"]
"""`taken`: messages read; `done`: messages (or polls) finished; `emitted`: messages produced from them; `failed`: polls without
a response."""

Tally = Literal["retried", "quarantined", "poll", "poll-failed", "fetch", "worker"]
"""What is counted by kind: messages retried and quarantined (stage, kind), polls (result), polls that failed (kind), fetches
(result), and worker processes that ended before their time (why)."""

Duration = Literal["poll", "seen-indexed", "published-indexed", "seen-alerted", "published-alerted"]
"""What is timed: a poll, and the way of an article from a moment to another."""

KEPT = 20
"""Failures whose reasons are kept."""
MOST_KINDS = 100
"""Kinds that each tally tells apart: servers choose the numbers of their statuses."""
OTHER = "other"
"""The kind under which further ones are counted."""

Oldest = Callable[[], datetime | None]
"""When the oldest message was appended that a stage has taken and not finished, or else the last one that it has taken; None
where it has taken none."""


@dataclass(frozen=True)
class Trouble:
    """Why something failed: a kind to count by, and a sentence."""

    kind: str
    reason: str


class Meters:
    """Counters by stage and outcome, tallies by kind, and durations; thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._tallies: dict[Tally, Counter[tuple[str, ...]]] = {}
        self._durations: dict[Duration, Histogram] = {}
        self._oldest: dict[str, Oldest] = {}
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

    def tally(self, what: Tally, *labels: str) -> None:
        """Count one by its labels, the last of which is its kind; a kind beyond MOST_KINDS counts as OTHER."""
        with self._lock:
            counts = self._tallies.setdefault(what, Counter())
            known = labels in counts or len(counts) < MOST_KINDS
            counts[labels if known else (*labels[:-1], OTHER)] += 1

    def tallies(self, what: Tally) -> Mapping[tuple[str, ...], int]:
        """The counts so far, by labels."""
        with self._lock:
            return dict(self._tallies.get(what, {}))

    def observe(self, what: Duration, seconds: float) -> None:
        """Count a duration."""
        with self._lock:
            if what not in self._durations:
                self._durations[what] = Histogram(POLL_BOUNDS if what == "poll" else NEWS_BOUNDS)
            self._durations[what].observe(seconds)

    def durations(self, what: Duration) -> tuple[Sequence[float], Sequence[int], float]:
        """The bounds of the buckets, how many took at most that long (and at last, all), and the sum in seconds."""
        with self._lock:
            kept = self._durations.get(what) or Histogram(POLL_BOUNDS if what == "poll" else NEWS_BOUNDS)
            return kept.bounds, kept.cumulative(), kept.sum

    def follow(self, stage: str, oldest: Oldest) -> None:
        """Ask `oldest` for the age of a stage's oldest message, from now on."""
        self._oldest[stage] = oldest

    def oldest(self, stage: str) -> datetime | None:
        """See `Oldest`; None for a stage that does not run here."""
        ask = self._oldest.get(stage)
        return ask() if ask else None

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
