"""Which requests are answered, and what each answer tells the browser.

The page answers only those who call it by its own name: a site that points its own name at this machine (DNS rebinding) is
refused. What another site's page sends is refused too (Fetch Metadata, W3C), unless a person followed a link. A request that
changes something must come from a page of our own; a browser that sends no Fetch Metadata tells that by `Origin`.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "wirewatch",  # and no version of what it is made of
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send `Origin: null` with our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer."""
_HTTPS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
NOT_OUR_NAME = "This server does not answer to that name."
_SAFE = ("GET", "HEAD")
_OWN_SITE = ("none", "same-origin")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def own_names(port: int, more: Collection[str] = ()) -> frozenset[str]:
    """The values of the Host header that mean us.

    Args:
        port: that we listen at.
        more: further names, such as that of a proxy before us, with a port where they need one.
    """
    return frozenset(f"{name}:{port}" for name in _LOOPBACK) | frozenset(name.casefold() for name in more)


def headers_for(*, encrypted: bool) -> Mapping[str, str]:
    """What each answer tells the browser; `encrypted`: it reaches the page by https alone."""
    return {**HEADERS, **_HTTPS_ALONE} if encrypted else HEADERS


def refusal(method: str, headers: Mapping[str, str], names: Collection[str]) -> str:
    """Why a request is not answered, as a sentence; '' if it is.

    Args:
        method: of HTTP.
        headers: of the request; their names are compared without case.
        names: the values of the Host header that mean us, in lower case.
    """
    host = headers.get("Host", "").casefold()
    if host not in names:
        return NOT_OUR_NAME
    if method in _SAFE:
        return "" if _may_read(headers) else "Another site's page may not read this one."
    return "" if _is_own(headers, host) else "Only a page of this site may change something here."


def _may_read(headers: Mapping[str, str]) -> bool:
    if headers.get("Sec-Fetch-Site", "none") in _OWN_SITE:
        return True
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"


def _is_own(headers: Mapping[str, str], host: str) -> bool:
    """Whether a page of our own sent the request, or a person's browser by itself."""
    if site := headers.get("Sec-Fetch-Site"):
        return site in _OWN_SITE
    if "Origin" not in headers and headers.get("Authorization", "").lower().startswith("bearer "):
        return True  # a program; no page of another site can add a token without being asked for its origin
    origin = urlsplit(headers.get("Origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc.casefold() == host
