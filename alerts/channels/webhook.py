"""Delivery by webhook: a POST of the alert as JSON (`wirewatch schema alert`), signed if there is a secret.

The header `X-Wirewatch-Signature: t=SECONDS,v1=HEX` carries the HMAC-SHA256 of `SECONDS.BODY` under the secret, as Stripe and
others do it: a receiver that also checks the time is safe from replays of old messages. `X-Wirewatch-Key` is the same for each
try of one alert.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping

from alerts.deliver import Send
from alerts.message import Alert
from alerts.results import alert_document
from stream.display import to_json, without_secrets
from stream.errors import Reject, RetryLater

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Sends a body to a URL with headers, follows no redirect, and returns the status; raises RetryLater if there is no
response."""

_NOT_NOW = frozenset({408, 425, 429})


def webhook(url: str, secret: str, post: Post) -> Send:
    """Makes a function that delivers to a URL."""

    async def send(alert: Alert) -> None:
        payload = to_json(alert_document(alert)).encode()
        headers = {"Content-Type": "application/json", "X-Wirewatch-Key": _ascii(without_secrets(alert.key))}
        if secret:
            headers["X-Wirewatch-Signature"] = signature(secret, payload, int(time.time()))
        status = await post(url, payload, headers)
        _judge(alert.channel, status)

    return send


def signature(secret: str, payload: bytes, seconds: int) -> str:
    """The value of the signature header for a body sent at a time (seconds since 1970)."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _judge(channel: str, status: int) -> None:
    if 200 <= status < 300:
        return
    reason = f"channel {channel}: the webhook answered {status}"
    if (
        status in _NOT_NOW or status >= 500 or status in (401, 403, 404)
    ):  # a mistake in its setup can be fixed
        raise RetryLater(f"http-{status}", reason)
    raise Reject(f"http-{status}", reason)


def _ascii(key: str) -> str:
    """A key in the form that a header can carry."""
    return key.encode("ascii", "backslashreplace").decode()
