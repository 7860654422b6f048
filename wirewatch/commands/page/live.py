"""What the page tells as it happens."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime

from alerts.results import firing_document
from results.alert import Firing
from stream.clock import utc_now
from stream.errors import WirewatchError
from stream.log.base import LogError
from web.events.services import Dark, Live
from wirewatch.commands.alerts.history import delivered_at, read_past
from wirewatch.commands.settings import Settings
from wirewatch.composition.heard_hours import dark
from wirewatch.topics import open_log

KEPT_SECONDS = 60.0


def live_of(settings: Settings) -> Live:
    """What happens in this installation."""

    def fired_after(since: datetime) -> Sequence[Firing]:
        try:
            past = read_past(settings)
        except (WirewatchError, LogError):
            return ()  # the next look may find them
        return [
            firing_document(one, delivered_at(one, past.deliveries)) for one in past.fired if one.at > since
        ]

    return Live(fired_after=fired_after, dark=_Kept(settings).dark)


class _Kept:
    """The dark times, kept for a minute: each view of the page asks for them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._until = float("-inf")
        self._found: Sequence[Dark] = ()

    def dark(self) -> Sequence[Dark]:
        """The dark times, as far as the log can be read."""
        with self._turn:
            if time.monotonic() > self._until:
                self._until = time.monotonic() + KEPT_SECONDS
                self._found = self._read()
            return self._found

    def _read(self) -> Sequence[Dark]:
        config, paths = self._settings.config, self._settings.paths
        if not (config.kafka.bootstrap_servers or paths.log.exists()):
            return ()
        try:
            with open_log(config, paths, begins=False) as log:
                return [Dark(one.since, one.until, one.heard, one.sources) for one in dark(log, utc_now())]
        except (WirewatchError, LogError):
            return self._found
