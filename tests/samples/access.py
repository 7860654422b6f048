"""A clock that stands still, and a valid password."""

from datetime import UTC, datetime, timedelta

GOOD = "correct horse battery"


class Clock:
    """A clock that advances only when the test says so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, time: timedelta) -> None:
        self.time += time
