"""Who makes a request."""

from collections.abc import Mapping

from web.access.person import ROLES, Person
from web.access.services import Access, LogIn

COOKIE, SECURE_COOKIE = "wirewatch", "__Host-wirewatch"
_LONGEST_NAME = 100


def cookie_name(access: Access) -> str:
    """The session's cookie; by its prefix a browser takes it from this very host by https alone."""
    return SECURE_COOKIE if access.encrypted else COOKIE


def identify(
    access: Access, login: LogIn, peer: str, headers: Mapping[str, str], cookies: Mapping[str, str]
) -> Person | None:
    """Who makes a request; None if that is not known. It reads files.

    A token that is worth nothing is not made good by a cookie beside it.
    """
    kind, _, token = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return login.tokens.whose(token.strip())
    if (named := _named_by_proxy(access, login, peer, headers)) is not None:
        return named
    secret = cookies.get(cookie_name(access), "")
    return login.sessions.whose(secret) if secret else None


def _named_by_proxy(access: Access, login: LogIn, peer: str, headers: Mapping[str, str]) -> Person | None:
    proxy = access.proxy
    if proxy is None or not proxy.header or not proxy.is_at(peer):
        return None
    name = headers.get(proxy.header, "").strip().lower()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        return None
    role = login.accounts.role_of(name)
    return Person(name, ROLES[role] if role else proxy.scope, "proxy")
