"""What we say we can read (RFC 9110, section 12.5): servers that have a page in several forms choose by it."""

from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from ingest.http.response import Response

PAGES: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""For pages, as browsers send it."""

FEEDS: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.6"
)
"""For feeds, as feed readers send it. HTML is included because some servers refuse requests without it."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Get(Protocol):
    """Fetches a URL: `Client.get`."""

    def __call__(self, url: str, *, headers: Mapping[str, str] = NOTHING) -> Awaitable[Response]:
        """The response to a GET of the URL, whatever its status."""


def for_feeds(get: Get) -> Get:
    """The same, but a feed is preferred to a page at the same URL."""

    def get_feed(url: str, *, headers: Mapping[str, str] = NOTHING) -> Awaitable[Response]:
        return get(url, headers={"Accept": FEEDS, **headers})

    return get_feed
