"""The addresses that the page may link to."""

from urllib.parse import quote, urlencode

from aiohttp import web

_MOST = 4_000  # characters


class Address(str):
    """An address of this site whose parts are quoted: no secret and no hidden character can be in it as such."""

    __slots__ = ()


def own_path(text: str) -> str:
    """An address of this site to go on to, from a form or an address; `/` if it could lead elsewhere."""
    if len(text) > _MOST or not text.isprintable() or "\\" in text:
        return "/"
    return text if text.startswith("/") and not text.startswith("//") else "/"


def with_next(path: str, after: str) -> str:
    """An address of ours, and where to go on to from there."""
    return f"{path}?{urlencode({'next': after})}" if own_path(after) != "/" else path


def origin(request: web.Request, *, encrypted: bool) -> str:
    """How this site begins for whoever asks: `https://desk.example`.

    Args:
        request: whose Host is one of our names.
        encrypted: whether browsers reach the page by https alone, be it through a proxy.
    """
    return f"{'https' if encrypted else request.scheme}://{request.host}"


def entity_address(name: str) -> Address:
    """The page of a person, organisation or place, by its name or its id."""
    return Address(f"/entity/{quote(name, safe=':')}")
