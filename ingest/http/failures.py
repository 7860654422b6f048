"""Translates errors of aiohttp or a proxy into wirewatch's own; the messages name the URL and are safe to show."""

import aiohttp

from ingest.http.guard import BlockedAddress
from ingest.http.tunnel import ProxyTrouble
from ingest.urls import SHOWN_LENGTH
from stream.display import one_line
from stream.errors import Reject, RetryLater


def failure(error: Exception, url: str, connect_seconds: float, total_seconds: float) -> Reject | RetryLater:
    """The error to raise instead of one of aiohttp's.

    Args:
        error: as it was caught.
        url: the requested URL, safe to show.
        connect_seconds: how long a connection may take.
        total_seconds: how long everything may take.
    """
    match error:
        case ProxyTrouble() | aiohttp.ClientProxyConnectionError():
            return RetryLater("proxy", f"{url}: {proxy_trouble(error)}")
        case (
            BlockedAddress(target=target)
            | aiohttp.ClientConnectorError(os_error=BlockedAddress(target=target))
        ):
            return Reject("blocked-address", f"{url} leads to {target}")
        case aiohttp.ConnectionTimeoutError():
            through = f" {detail(error.__cause__)}" if error.__cause__ and str(error.__cause__) else ""
            return RetryLater("timeout", f"{url}: no connection{through} within {connect_seconds:g} s")
        case TimeoutError():
            return RetryLater("timeout", f"{url} did not answer in full within {total_seconds:g} s")
        case aiohttp.InvalidURL():
            return Reject("bad-url", f"{url} leads to an unusable URL: {detail(error)}")
        case aiohttp.ClientConnectorDNSError():
            return RetryLater("dns", f"{url}: the host was not found: {detail(error.os_error)}")
        case aiohttp.ClientSSLError():
            return RetryLater("tls", f"{url}: no secure connection: {detail(error)}")
        case aiohttp.ClientConnectorError():
            return RetryLater("connect", f"{url}: no connection: {detail(error.os_error)}")
        case _:
            return RetryLater("broken-response", f"{url} sent an invalid HTTP response: {detail(error)}")


def proxy_trouble(error: Exception) -> str:
    """Describes a proxy's problem, and names the proxy."""
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return f"the proxy http://{error.host}:{error.port} can't be reached: {detail(error.os_error)}"
    return detail(error)


def detail(error: BaseException) -> str:
    """The message of a library's error, which may quote an untrusted server."""
    message = (
        getattr(error, "message", None)
        or getattr(error, "strerror", None)
        or str(error)
        or type(error).__name__
    )
    return one_line(str(message), SHOWN_LENGTH)
