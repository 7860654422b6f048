"""Which articles are published at a given moment: a pure function of the clock."""

from datetime import datetime, timedelta

import msgspec


class Timetable(msgspec.Struct, frozen=True):
    """When each article appears. Articles are numbered from 0 in publishing order.

    Attributes:
        started: when the server started.
        head_start: how many articles are published from the start; None for all.
        every: seconds between two later articles, more than 0.
    """

    started: datetime
    head_start: int | None
    every: float

    def __post_init__(self) -> None:
        """Refuse settings that would never publish: a ValueError names the argument."""
        if self.head_start is not None and self.head_start < 0:
            raise ValueError(f"head_start must be 0 or more, or None for all at once; got {self.head_start}")
        if not 0 < self.every < float("inf"):
            raise ValueError(f"every must be a positive number of seconds; got {self.every}")

    def appears(self, number: int) -> datetime:
        """When the article of this number appears."""
        if self.head_start is None or number < self.head_start:
            return self.started
        return self.started + timedelta(seconds=self.every * (number - self.head_start + 1))

    def out(self, total: int, now: datetime) -> int:
        """How many of `total` articles are published."""
        return sum(self.appears(number) <= now for number in range(total))
