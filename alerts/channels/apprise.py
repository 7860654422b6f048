"""Delivery through Apprise: e-mail, Slack, Telegram, Matrix, Teams and so on. https://github.com/caronc/apprise"""

import asyncio
import logging
from typing import Any

import apprise as library

from alerts.deliver import Send
from alerts.message import Alert, body, headline
from stream.errors import RetryLater

_LEVELS = {
    "info": library.NotifyType.INFO,
    "warning": library.NotifyType.WARNING,
    "critical": library.NotifyType.FAILURE,
}
_PARALLEL = 4
"""Deliveries at once: each takes a thread."""
SECONDS = 60.0
"""For one delivery."""


def apprise(url: str) -> Send:
    """What delivers to a URL of Apprise."""
    free = asyncio.Semaphore(_PARALLEL)

    async def send(alert: Alert) -> None:
        async with free:
            try:
                async with asyncio.timeout(SECONDS):
                    reason = await asyncio.to_thread(_notify, url, alert)
            except TimeoutError:
                reason = f"no answer within {SECONDS:g} s"
        if reason is not None:
            raise RetryLater("channel-down", f"channel {alert.channel}: {reason}")

    return send


def _notify(url: str, alert: Alert) -> str | None:
    """Deliver; why not, or None if it went well. A URL holds passwords, so it is never part of the reason."""
    target = library.Apprise()
    target.add(url)
    capture: Any = library.LogCapture  # untyped
    with capture(level=logging.WARNING, fmt="%(message)s") as captured:
        delivered = target.notify(
            title=headline(alert),
            body=body(alert),
            notify_type=_LEVELS[alert.severity],
            interpret_escapes=False,
        )
        lines = captured.getvalue().strip().splitlines()
    if delivered:
        return None
    return lines[0][:300] if lines else "it was not taken"
