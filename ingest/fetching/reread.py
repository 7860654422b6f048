"""The fetch stage's other half: asks for a page that was read before, in case it has changed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import structlog

from ingest.fetching.fetch import page_of, politely
from ingest.fetching.further import with_further
from ingest.fetching.politeness import HostGate
from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.fetching.robots import Robots
from ingest.http.response import Response
from ingest.page.own_text import has_full_text, is_no_page, page_of_feed, page_of_item
from ingest.sites import same_site
from ingest.urls import shown
from stream.errors import Reject, RetryLater
from stream.messages import Again, Entry, Page, article_id

log_line = structlog.get_logger("ingest.fetching.reread")

WITHDRAWN = frozenset({"http-404", "http-410"})
"""Answers that say that a page no longer exists."""
UNCHANGED = 304
_FRONT = frozenset({"", "/", "/index.html", "/index.php", "/home"})


class GetIf(Protocol):
    """Fetches a URL; raises Reject or RetryLater: `Client.get`."""

    def __call__(self, url: str, *, headers: Mapping[str, str]) -> Awaitable[Response]:
        """The response to a request with these headers."""


@dataclass(frozen=True)
class Rereading:
    """The work of the fetch stage for entries with `again`.

    Attributes:
        get: fetches a URL.
        gate: admits requests to one host one at a time, news first.
        places: limits how many requests run at once to all hosts.
        share: how many of these may be for pages that were read before.
        robots: the rules of robots.txt; None: don't check.
        now: returns the time in UTC, aware.
    """

    get: GetIf
    gate: HostGate
    places: PrioritySemaphore
    share: PrioritySemaphore
    robots: Robots | None
    now: Callable[[], datetime]

    async def __call__(self, entry: Entry) -> Sequence[Page]:
        """The page of an entry; one without a body if it was withdrawn; nothing if its server says that it has not changed, or
        won't show it: what was read before stays.

        Raises RetryLater for a temporary failure if the feed asked: what the clock asks for comes due again anyway.
        """
        again = entry.again or Again(why="feed")
        if entry.address:
            return [page_of_item(entry, self.now())]
        try:
            return await self._confirmed(entry, again)
        except Reject as error:
            return self._in_place_of(entry, again, error)
        except RetryLater as error:
            if again.why == "feed":
                raise
            log_line.info("not read again now", url=shown(entry.url), kind=error.kind, reason=error.reason)
            return []

    async def _confirmed(self, entry: Entry, again: Again) -> Sequence[Page]:
        """As `_asked`, but a page counts as gone only if two answers say so."""
        try:
            return await self._asked(entry, again)
        except Reject as error:
            if error.kind not in WITHDRAWN:
                raise
        return await self._asked(entry, Again(why=again.why, article=again.article))

    async def _asked(self, entry: Entry, again: Again) -> Sequence[Page]:
        headers = conditions(again)
        async with self.share.place():
            response = await politely(
                entry, lambda: self.get(entry.url, headers=headers), self.gate, self.places, self.robots
            )
        if response.status == UNCHANGED:
            return []
        if is_front_page(entry.url, response.url):
            why = f"front-page: {shown(entry.url)} now leads to the front page"
            return [_without_page(entry, why, self.now())]
        return [await with_further(page_of(entry, response, self.now()), self._further)]

    async def _further(self, entry: Entry) -> Page:
        """A further page of an article."""
        async with self.share.place():
            response = await politely(
                entry, lambda: self.get(entry.url, headers={}), self.gate, self.places, self.robots
            )
        return page_of(entry, response, self.now())

    def _in_place_of(self, entry: Entry, again: Again, error: Reject) -> Sequence[Page]:
        """What replaces a page that is not available."""
        if error.kind in WITHDRAWN:
            return [_without_page(entry, f"{error.kind}: {error.reason}", self.now())]
        if again.why == "feed" and is_no_page(error) and has_full_text(entry):
            return [page_of_feed(entry, error, self.now())]
        log_line.info("not read again", url=shown(entry.url), kind=error.kind, reason=error.reason)
        return []


def conditions(again: Again) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110, 13.1)."""
    headers = {"If-None-Match": again.etag, "If-Modified-Since": again.last_modified}
    return {name: value for name, value in headers.items() if value}


def is_front_page(asked: str, answered: str) -> bool:
    """Whether a request for a page was redirected to its site's front page."""
    return _path(answered) in _FRONT and _path(asked) not in _FRONT and same_site(asked, answered)


def _path(url: str) -> str:
    return urlsplit(url).path.casefold()


def _without_page(entry: Entry, why: str, fetched: datetime) -> Page:
    """A page that no longer exists."""
    empty = Page(
        entry=entry,
        url=entry.url,
        content_type="",
        charset="",
        body=b"",
        fetched=fetched,
        key=article_id(entry.url),
    )
    return msgspec.structs.replace(empty, withdrawn=why)
