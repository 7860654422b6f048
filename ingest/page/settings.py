"""The section [extract] of the configuration."""

from typing import Annotated

import msgspec

from stream.settings import Count, Positive


class Extract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are read."""

    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Worker processes; 0: one for each core."""
    cpu_seconds: Positive = 5.0
    """So much processor time may be spent on one page or feed; beyond it, it is quarantined and its worker replaced."""
    timeout_seconds: Positive = 20.0
    """The same by the clock, for what waits instead of working."""
    memory_bytes: Count = 2_000_000_000
    """Address space of a worker."""
