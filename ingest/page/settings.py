"""The section [extract] of the configuration."""

from typing import Annotated

import msgspec

from stream.settings import Count, Positive


class Extract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are read."""

    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Worker processes; 0: one per core."""
    cpu_seconds: Positive = 5.0
    """The processor time that one page or feed may take. Beyond it, the page is quarantined and its worker replaced."""
    timeout_seconds: Positive = 20.0
    """The same limit in elapsed time, for work that waits."""
    memory_bytes: Count = 2_000_000_000
    """The address space of one worker."""
