"""The addresses that the page may link to."""

from urllib.parse import urlsplit

_MOST = 4_000  # characters


def web_address(url: str) -> str:
    """The address if it leads to a page of the web, else '': `javascript:` and `data:` never do."""
    if len(url) > _MOST:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
