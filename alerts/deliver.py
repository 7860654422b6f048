"""The stage `deliver`: sends each alert to its channel, once.

The log records that an alert was delivered, under its key. A crash between sending and recording sends it again, with the same
key, so that a receiver can recognise the repeat. The runner tries a channel that is down again at growing intervals; an alert
not delivered within a day and a half waits in quarantine.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from alerts.channels.definitions import Channel
from alerts.definitions import Definitions
from alerts.message import Alert
from stream.errors import Reject, RetryLater
from stream.stage import Forget, Topic

log_line = structlog.get_logger("wirewatch.deliver")

REMEMBERED = timedelta(days=30)
"""How long the delivery of an alert is remembered."""
TIDY = timedelta(hours=1)

Send = Callable[[Alert], Awaitable[None]]
"""Delivers; raises RetryLater if the channel can't take it now, Reject if it never will."""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """An alert reached its channel."""

    key: str
    """The alert's."""
    alert: str
    channel: str
    article: str
    """The first article or source that it reports."""
    fired: datetime
    delivered: datetime
    seconds: float
    """The time from when the article was first seen to the delivery; for a held-back alert, from when it fired."""
    v: int = 1


class Deliverer:
    """Delivers alerts.

    Args:
        definitions: returns the current channels.
        sender: makes the function that delivers to a channel; called again when the channel's definition has changed.
        remembered: reads the deliveries from the log.
        record: the topic of the deliveries.
        now: the clock.
    """

    def __init__(
        self,
        definitions: Callable[[], Definitions],
        sender: Callable[[Channel], Send],
        remembered: Callable[[], Iterable[Delivered]],
        record: Topic,
        now: Callable[[], datetime],
    ) -> None:
        self._definitions = definitions
        self._sender = sender
        self._remembered = remembered
        self._record = record
        self._now = now
        self._delivered: dict[str, datetime] = {}
        self._under_way: set[str] = set()
        self._senders: dict[str, tuple[Channel, Send]] = {}
        self._tidied: datetime | None = None

    def reload(self) -> None:
        """Read the deliveries from the log: another process may have made some. Those made here may not be in it yet."""
        for one in self._remembered():
            self._delivered.setdefault(one.key, one.delivered)

    async def __call__(self, alert: Alert) -> Sequence[Any]:
        """Deliver an alert, unless it was delivered before."""
        if alert.key in self._delivered or alert.key in self._under_way:
            return []
        self._under_way.add(alert.key)
        try:
            definitions = await asyncio.to_thread(self._definitions)
            await self._send_to(alert.channel, definitions)(alert)
        finally:
            self._under_way.discard(alert.key)
        now = self._now()
        self._delivered[alert.key] = now
        done = delivered(alert, now)
        log_line.info("delivered", alert=alert.alert, channel=alert.channel, seconds=round(done.seconds, 3))
        return [done]

    def _send_to(self, name: str, definitions: Definitions) -> Send:
        if name in definitions.broken:
            raise RetryLater("channel-broken", f"channel {name}: {definitions.broken[name]}")
        channel = definitions.channels.get(name)
        if channel is None:
            raise Reject("no-channel", f"alerts.toml has no channel {name!r} (any more)")
        known = self._senders.get(name)
        if known is None or known[0] != channel:
            known = self._senders[name] = (channel, self._sender(channel))
        return known[1]

    async def tick(self) -> Sequence[Any]:
        """What need not be remembered any longer."""
        now = self._now()
        if self._tidied is not None and abs(now - self._tidied) < TIDY:
            return []
        self._tidied = now
        old = [key for key, at in list(self._delivered.items()) if now - at > REMEMBERED]
        for key in old:
            del self._delivered[key]
        return [Forget(self._record, key) for key in old]


def delivered(alert: Alert, now: datetime) -> Delivered:
    """That an alert reached its channel just now."""
    first = alert.mentions[0]
    waited = alert.fired if len(alert.mentions) > 1 else first.noticed
    return Delivered(
        key=alert.key,
        alert=alert.alert,
        channel=alert.channel,
        article=first.article,
        fired=alert.fired,
        delivered=now,
        seconds=(now - waited).total_seconds(),
    )
