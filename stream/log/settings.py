"""The section [log] of the configuration."""

import msgspec

from stream.settings import Count, Positive


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log between the stages."""

    backlog: Count = 2_000
    """A stage pauses while more messages than this wait for the next one."""
    keep_days: Positive = 30.0
    """How long messages are kept once they are processed: a replay can reach this far back."""
    keep_bytes: Count = 5_000_000_000
    """The maximum size of each topic."""
