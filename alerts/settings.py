"""The sections [alerts] and [digest] of the configuration."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from alerts.periods import clock_time
from stream.settings import Fault


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The alerts file."""

    file: str = ""
    """An alerts file, relative to the configuration's folder; empty: alerts.toml in the data folder. With Kafka, the
    shared list begins with it."""


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a day brought, sent once a day by the process that delivers alerts: see `wirewatch digest`."""

    at: str = ""
    """The time of day, such as `07:00`; empty: none is sent."""
    zone: str = "UTC"
    """Whose clocks show that time, such as `Europe/Berlin`."""
    channels: tuple[str, ...] = ()
    """The channels of alerts.toml that get the topics, and the saved searches of `local` (of a page without log-in)."""
    people: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """The channels of people who get a digest with saved searches of their own: `{ ann = ["mail-ann"] }`."""
    topics: tuple[str, ...] = ()
    """The ids of its topics; empty: all."""
    most: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    """Stories of a topic or saved search."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if self.at:
            try:
                clock_time(self.at)
            except ValueError as error:
                yield Fault("at", f"{error}, got {self.at!r}")
            if not (self.channels or self.people):
                yield Fault("channels", "name the channels of alerts.toml that get it, or people with theirs")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            yield Fault("zone", f"expected a time zone such as Europe/Berlin, got {self.zone!r}")
