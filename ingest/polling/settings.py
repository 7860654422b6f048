"""The section [poll] of the configuration."""

from collections.abc import Iterator

import msgspec

from stream.settings import Count, Fault, NotNegative, Positive


class Poll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How feeds are polled."""

    pace_seconds: Positive = 1320.0
    """From one poll to the next of a feed that has an item an hour; others by the root of their rate. Less finds news sooner,
    and asks more often."""
    shortest_seconds: Positive = 60.0
    """No feed is asked more often."""
    quiet_seconds: Positive = 10_800.0
    """A feed without news is asked as often."""
    every_seconds: NotNegative = 0.0
    """Instead of all that a fixed interval for every feed, whatever it asks for; 0: each at its own pace."""
    longest_seconds: Positive = 86_400.0
    """How far errors may stretch the interval."""
    concurrency: Count = 32
    parse_timeout_seconds: Positive = 20.0

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.shortest_seconds > self.quiet_seconds:
            yield Fault(
                "quiet_seconds",
                f"expected no less than poll.shortest_seconds = {self.shortest_seconds:g}, got {self.quiet_seconds:g}",
            )
