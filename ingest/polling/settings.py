"""The section [poll] of the configuration."""

from collections.abc import Iterator

import msgspec

from stream.settings import Count, Fault, NotNegative, Positive


class Poll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How feeds are polled."""

    pace_seconds: Positive = 1320.0
    """The interval for a feed with one item an hour. Busier feeds are polled more often and quieter ones less, by the square
    root of their rate, hour by hour. A smaller value finds news sooner and sends more requests."""
    shortest_seconds: Positive = 60.0
    """The shortest interval for any feed."""
    quiet_seconds: Positive = 10_800.0
    """The interval for a feed without news."""
    every_seconds: NotNegative = 0.0
    """A fixed interval for every feed, whatever the feed asks for; 0: each feed has its own pace."""
    longest_seconds: Positive = 86_400.0
    """The longest interval after errors."""
    concurrency: Count = 32
    """How many feeds are polled at once."""
    parse_timeout_seconds: Positive = 20.0
    """How long parsing one feed may take."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.shortest_seconds > self.quiet_seconds:
            yield Fault(
                "quiet_seconds",
                f"expected no less than poll.shortest_seconds = {self.shortest_seconds:g}, got {self.quiet_seconds:g}",
            )
