"""The feeds of one host: an item that one of them has had already is not new in another.

This only avoids fetching a page twice, because an article's id is derived from its URL. So only feeds with recent news are
checked: an article appears in all its feeds within hours, and some hosts have many thousands of feeds.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from ingest.polling.feed_state import FeedState
from ingest.urls import host_if_any

LOOKED_AT = 50
"""How many of a host's other feeds, those with the latest news, are checked."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class SameHost:
    """Which feeds each host has.

    Args:
        states: what is known of them.
    """

    def __init__(self, states: Iterable[FeedState]) -> None:
        self._at: dict[str, dict[str, None]] = {}
        for state in sorted(states, key=lambda state: state.last_item_seen or _NEVER):
            self.had_news(state.url)

    def had_news(self, url: str) -> None:
        """A feed had news just now, or is new."""
        feeds = self._at.setdefault(host_if_any(url), {})
        feeds.pop(url, None)
        feeds[url] = None

    def of(self, url: str) -> list[str]:
        """The other feeds at a feed's host, those with the latest news first, 50 at most."""
        others = (other for other in reversed(self._at.get(host_if_any(url), {})) if other != url)
        return list(islice(others, LOOKED_AT))
