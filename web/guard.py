"""Which requests are answered, and what each answer tells the browser.

The page has no log-in, so it answers only those who call it by its own name: a site that points its own name at this machine
(DNS rebinding) is refused, and so is what another site's page sends (Fetch Metadata, W3C), unless a person followed a link.
"""

from collections.abc import Collection, Mapping

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer."""
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def own_names(port: int, more: Collection[str] = ()) -> frozenset[str]:
    """The values of the Host header that mean us.

    Args:
        port: that we listen at.
        more: further names, such as that of a proxy before us, with a port where they need one.
    """
    return frozenset(f"{name}:{port}" for name in _LOOPBACK) | frozenset(name.casefold() for name in more)


def refusal(headers: Mapping[str, str], names: Collection[str]) -> str:
    """Why a request is not answered, as a sentence; '' if it is."""
    if headers.get("Host", "").casefold() not in names:
        return "This server does not answer to that name."
    if headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin"):
        return ""
    if headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document":
        return ""
    return "Another site's page may not read this one."
