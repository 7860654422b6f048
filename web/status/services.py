"""What the page of operations is made over."""

from collections.abc import Collection
from typing import Protocol

from results.status import Quarantine, Status


class StatusServices(Protocol):
    """What the roof gives the page of operations; all of it may be called in any thread."""

    def status(self) -> Status:
        """What `wirewatch status` tells; raises ConfigError where there is no data yet."""

    def quarantine(self) -> Quarantine:
        """What could not be handled and waits for a person, oldest first."""

    def retry(self, ids: Collection[str]) -> int:
        """Put messages back where they came from; returns how many were."""

    def discard(self, ids: Collection[str]) -> int:
        """Take messages off the quarantine for good; returns how many were."""
