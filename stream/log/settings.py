"""The section [log] of the configuration."""

import msgspec

from stream.settings import Count, Positive


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log between the stages."""

    backlog: Count = 2_000
    """A stage pauses while the next one has more messages than this to do."""
    keep_days: Positive = 30.0
    """How long messages are kept once they are done: as far back as a replay can reach."""
    keep_bytes: Count = 5_000_000_000
    """How much of each topic is kept."""
