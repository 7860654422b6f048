"""Which URLs a request goes to: the first one, and where redirects lead."""

from collections.abc import Sequence

from ingest.urls import join, normal, shown, without_fragment
from stream.errors import Reject

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
SAME_METHOD = frozenset({307, 308})
"""A form is sent again there."""


def absolute(url: str, base: str | None = None) -> str:
    """A URL as the WHATWG URL standard spells it, without fragment; resolved against `base` if there is one.

    Raises Reject (`bad-url`) if it is not http or https, too long, or no URL at all.
    """
    try:
        return without_fragment(normal(url) if base is None else join(base, url))
    except ValueError as error:
        raise Reject("bad-url", str(error)) from error


def next_hop(hops: Sequence[str], location: str, max_redirects: int) -> str:
    """Where a Location header leads from the last of the hops. Raises Reject if that is no URL, a loop or one too many."""
    target = absolute(location, hops[-1])
    if target in hops:
        loop = " -> ".join(shown(hop) for hop in [*hops[hops.index(target) :], target])
        raise Reject("too-many-redirects", f"{shown(hops[0])} redirects in a loop: {loop}")
    if len(hops) > max_redirects:
        raise Reject(
            "too-many-redirects",
            f"{shown(hops[0])} redirects more than {max_redirects} times, the last time to {shown(target)}",
        )
    return target
