"""The section [log] of the configuration."""

import msgspec

from stream.settings import Count, Positive


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log between the stages."""

    backlog: Count = 2_000
    """A stage rests while the next one has more than so many messages to do."""
    keep_days: Positive = 30.0
    keep_bytes: Count = 5_000_000_000
    """Of each topic's values."""
