"""What the page tells as it happens."""

from collections.abc import Sequence
from datetime import datetime

from alerts.results import firing_document
from results.alert import Firing
from stream.errors import WirewatchError
from stream.log.base import LogError
from web.events.services import Live
from wirewatch.commands.alerts.history import delivered_at, read_past
from wirewatch.commands.settings import Settings


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

    return Live(fired_after=fired_after)
