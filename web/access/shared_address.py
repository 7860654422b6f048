"""Which views can be shared, and the addresses of their links. Pure."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "/shared"
_PATHS = (
    "/",
    "/search.{form}",
    "/article/{id}",
    "/story/{id}",
)
"""The addresses of the views that can be shared, as routes have them: those that say all there is to say by themselves."""
_PATTERNS = tuple(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in _PATHS)
_LINK = re.compile(rf"{PREFIX}/([A-Za-z0-9_-]{{20,100}})(/[^?]*)(?:\?(.*))?", re.DOTALL)


def can_be_shared(address: str) -> bool:
    """Whether an address of ours, or a route, is that of a view that can be shared."""
    path = urlsplit(address).path
    is_ours = address.startswith("/") and not address.startswith("//")
    return is_ours and any(pattern.fullmatch(path) for pattern in _PATTERNS)


def is_link(path: str) -> bool:
    """Whether a path is that of a link to a view, good or not."""
    return path.startswith(f"{PREFIX}/")


def link_to(address: str, secret: str) -> str:
    """The address of the link to a view."""
    return f"{PREFIX}/{secret}{address}"


def parts_of(link: str) -> tuple[str, str] | None:
    """The secret, and the address of the view, of a link; None for what is none.

    Args:
        link: path and query, as they were asked for.
    """
    found = _LINK.fullmatch(link)
    return (found[1], found[2] + (f"?{found[3]}" if found[3] else "")) if found else None


def is_same(one: str, other: str) -> bool:
    """Whether two addresses are those of one view, however their letters are escaped."""
    return _read(one) == _read(other)


def _read(address: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(address)
    return unquote(parts.path), parse_qsl(parts.query, keep_blank_values=True)
