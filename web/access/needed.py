"""What a person must be allowed for each address."""

from web.access.person import Scope

_PUBLIC = ("/login", "/static/", "/favicon.ico")
_OF_THE_DESK = (
    *("/desk", "/alerts", "/topics", "/channels"),
    *("/api/v1/desk", "/api/v1/alerts", "/api/v1/topics", "/api/v1/channels"),
)
_OF_ADMINS = ("/audit", "/api/v1/audit", "/sources.opml", "/api/v1/sources.opml")
"""Feed lists as files contain the passwords of their addresses."""


def needed(method: str, path: str) -> Scope | None:
    """The scope that a request needs; None if anybody may make it. What is not known to need less is for admins."""
    if _is_in(path, _PUBLIC):
        return None
    if _is_in(path, _OF_ADMINS):
        return "admin"
    if method in ("GET", "HEAD") or path == "/logout":
        return "read"
    return "desk" if _is_in(path, _OF_THE_DESK) else "admin"


def _is_in(path: str, areas: tuple[str, ...]) -> bool:
    return any(path == area or path.startswith(area.rstrip("/") + "/") for area in areas)
