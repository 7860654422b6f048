"""The addresses that a reader may follow, of those that strangers wrote."""

import re
from urllib.parse import quote, urlsplit

LONGEST_LINK = 2000
"""Characters of an address; a longer one is not shown, since a part of it leads elsewhere."""

_IPV6 = re.compile("[0-9a-f:.]+")
_SAFE_IN_LINKS = frozenset("-._~/?#&=+%:;,$*")


def web_address(url: str) -> str:
    """An address that a reader may follow, or '' if it is not safe.

    It is http or https, without a user's name and password. Everything except letters, digits and an address's own punctuation
    is percent-encoded.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    named = all(char.isalnum() or char in "-._" for char in host)
    if parts.scheme not in ("http", "https") or not host or not (named or _IPV6.fullmatch(host)):
        return ""
    site = (host if named else f"[{host}]") + (f":{port}" if port is not None else "")
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    rest = "".join(map(_in_link, f"{parts.path}{query}{fragment}"))
    address = f"{parts.scheme}://{site}{rest}"
    return address if len(address) <= LONGEST_LINK else ""


def _in_link(char: str) -> str:
    safe = char in _SAFE_IN_LINKS or char.isalnum()
    return char if safe else quote(char, safe="", errors="replace")
