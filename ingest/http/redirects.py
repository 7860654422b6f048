"""The URLs that a request goes to: the first one, and where redirects lead."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.http.cookies import Cookies
from ingest.urls import join, normal, shown, without_fragment
from stream.errors import Reject

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
SAME_METHOD = frozenset({307, 308})
"""A form is sent again there."""


class Hop(NamedTuple):
    """One request of a chain: its URL, and the cookies that it sends."""

    url: str
    cookies: str = ""


def absolute(url: str, base: str | None = None) -> str:
    """A URL as the WHATWG URL standard spells it, without fragment; resolved against `base` if there is one.

    Raises Reject (`bad-url`) if it is not http or https, is too long, or is not a URL.
    """
    try:
        return without_fragment(normal(url) if base is None else join(base, url))
    except ValueError as error:
        raise Reject("bad-url", str(error)) from error


def next_hop(hops: Sequence[Hop], location: str, cookies: Cookies, max_redirects: int) -> Hop:
    """Where a Location header leads from the last hop. Raises Reject if that is not a URL, is a loop or is one redirect too
    many.

    The same URL with other cookies is not a loop: many sites set a cookie and redirect to themselves.
    """
    url = absolute(location, hops[-1].url)
    target = Hop(url, cookies.header(url))
    if target in hops:
        loop = " -> ".join(shown(hop.url) for hop in [*hops[hops.index(target) :], target])
        raise Reject("too-many-redirects", f"{shown(hops[0].url)} redirects in a loop: {loop}")
    if len(hops) > max_redirects:
        raise Reject(
            "too-many-redirects",
            f"{shown(hops[0].url)} redirects more than {max_redirects} times, the last time to {shown(url)}",
        )
    return target
