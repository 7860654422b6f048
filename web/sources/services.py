"""What the page of sources is made over."""

from typing import Protocol

import msgspec

from results.sources import FeedPlan, FoundSource, Imported, SourceHealth, Sources


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What people say of a source in the feed list."""

    title: str = ""
    folder: str = ""
    """The path of its group, such as `World/Europe`."""
    language: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2, or ''."""
    paused: bool = False


class SourceServices(Protocol):
    """What the roof gives the page of sources; all of it but `find` may be called in any thread.

    What changes the list raises FieldError for a value that is wrong, EditConflict where someone else was quicker, and other
    ConfigErrors. A version is that of `SourceHealth`.
    """

    def listed(self) -> Sources:
        """All sources, the worst first."""

    def plan(self, url: str) -> FeedPlan:
        """When a source is asked next, and why; ConfigError if the list has none of that URL."""

    async def find(self, address: str) -> FoundSource:
        """The feed or news sitemap of a site; raises Reject or RetryLater if there is none, or it can't be reached now."""

    def add(self, url: str, row: Row) -> None:
        """Put a feed into the list."""

    def put(self, source: SourceHealth, row: Row, version: str) -> None:
        """Change what the list says of a source."""

    def remove(self, url: str, version: str) -> None:
        """Take a source off the list; its articles stay."""

    def take_in(self, opml: bytes, name: str) -> Imported:
        """Add the feeds of an OPML file; `name` is what errors call it."""

    def opml(self) -> bytes:
        """The list as OPML, with the passwords of its addresses."""
