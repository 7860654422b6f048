"""What the page of alerts is made over."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from index.store import Store
from results.alert import Firing
from results.alerts import Alerts, Tested

Table = Mapping[str, Any]
"""An alert's keys as alerts.toml has them."""


class AlertServices(Protocol):
    """What the roof gives the page of alerts; all of it but `test_channel` may be called in any thread.

    What changes the file raises FieldError for a value that is wrong, EditConflict where someone else was quicker, and other
    ConfigErrors. A version is that of `AlertStatus`.
    """

    def listed(self) -> Alerts:
        """The alerts and channels as they are now."""

    def history(self, name: str) -> Sequence[Firing]:
        """What an alert has sent and holds back, the newest first."""

    def tried(self, store: Store, table: Table) -> Tested:
        """What an alert would have sent; raises ConfigError where that can't be told."""

    def add(self, table: Table, urls: Sequence[str]) -> None:
        """Make an alert; `urls` is where it is sent to besides its channels."""

    def put(self, name: str, table: Table, version: str) -> None:
        """Give an alert other keys."""

    def remove(self, name: str, version: str) -> Sequence[str]:
        """Remove an alert; returns what became of its channels, in sentences."""

    def mute(self, name: str, until: datetime | None) -> None:
        """Mute an alert, until a moment or for good."""

    def unmute(self, name: str) -> None:
        """Unmute an alert."""

    async def test_channel(self, name: str) -> None:
        """Send a test message; raises Reject or RetryLater if that fails, ConfigError if there is no such channel."""
