"""Requests one feed and has the response parsed: conditional requests, responses without a body, parts of a sitemap index."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from ingest.fetching.politeness import HostGate, retry_after
from ingest.formats.items import ParsedFeed
from ingest.formats.sitemap_parts import Parse, parse_part, with_parts
from ingest.http.response import Response
from ingest.polling import decide
from ingest.polling.decide import Failed, Gone, Outcome, Same, Unchanged, Validators
from ingest.polling.feed_state import FeedState
from ingest.polling.visit import Visit
from ingest.sources.feed import Feed
from ingest.urls import host_if_any, shown
from ingest.websub.protocol import with_links


class Get(Protocol):
    """Fetches a URL; raises Reject or RetryLater: `Client.get`."""

    def __call__(self, url: str, *, headers: Mapping[str, str]) -> Awaitable[Response]:
        """The response to a GET of the URL, whatever its status."""


class Body(msgspec.Struct, frozen=True):
    """A parsed feed, whose items have not been compared with known ones.

    Attributes:
        said: what the server said about the response.
        parsed: the feed, with its parts.
        whole: whether it was asked for without conditions.
        digest: of the body; empty for an index, which stays the same while its parts change.
    """

    said: Validators
    parsed: ParsedFeed
    whole: bool
    digest: bytes


class FeedReader:
    """Fetches feeds and has them read.

    Args:
        get: fetches a URL.
        parse: reads a feed.
        gate: lets requests to one host pass one at a time, with a gap between them.
        at_once: how many visits there may be at the same time.
        now: the time, aware, in UTC.
    """

    def __init__(
        self, get: Get, parse: Parse, gate: HostGate, at_once: int, now: Callable[[], datetime]
    ) -> None:
        self._get = get
        self._parse = parse
        self._gate = gate
        self._now = now
        self._places = asyncio.Semaphore(at_once)
        self._indexes = asyncio.Semaphore(at_once)

    def visit(self, host: str) -> Visit:
        """A turn at a host and a place, needed to request a feed."""
        return Visit(self._gate, self._places, host)

    async def ask(self, feed: Feed, state: FeedState, visit: Visit) -> Outcome | Body:
        """Request and parse a feed; raises Reject or RetryLater if it can't be fetched or parsed."""
        asked = decide.address(feed, state)
        headers = decide.conditions(state, self._now())
        response = await self._get(asked, headers=headers)
        now = self._now()
        said = decide.validators(asked, response, now)
        return _without_body(said, headers, response, now) or await self._read(
            state, said, response, visit, whole=not headers
        )

    async def read_pushed(self, feed: Feed, body: bytes, content_type: str, charset: str) -> ParsedFeed:
        """Parse what a feed's hub has sent; raises Reject or RetryLater."""
        return await self._whole(await self._parse(body, content_type, charset, feed.url))

    async def _read(
        self, state: FeedState, said: Validators, response: Response, visit: Visit, *, whole: bool
    ) -> Body | Same:
        digest = hashlib.blake2b(response.body, digest_size=8).digest()
        if digest == state.body:
            return Same(said)
        parsed = await self._parse(response.body, response.content_type, response.charset, response.url)
        if parsed.parts:
            visit.leave()  # the parts take visits of their own, also to this host
            said, digest = decide.whatever_it_says(said), b""
        return Body(said, with_links(await self._whole(parsed), response), whole, digest)

    async def _whole(self, feed: ParsedFeed) -> ParsedFeed:
        """A feed with its parts, if it is a sitemap index. No more indexes are held at once than feeds are polled."""
        if not feed.parts:
            return feed
        async with self._indexes:
            return await with_parts(feed, self._read_part)

    async def _read_part(self, url: str) -> ParsedFeed:
        async with self.visit(host_if_any(url)):
            return await parse_part(await self._get(url, headers={}), self._parse)


def _without_body(
    said: Validators, headers: Mapping[str, str], response: Response, now: datetime
) -> Outcome | None:
    """The outcome of a response without a feed; None if it should have one."""
    status = response.status
    if status in (200, 203):
        return None
    if status == 304 and headers:
        return Unchanged(said)
    if status == 410:
        return Gone(f"{shown(response.url)} was removed for good (HTTP 410)")
    after = retry_after(response.headers.get("retry-after", ""), now)
    return Failed(f"http-{status}", f"{shown(response.url)} answered with HTTP {status}", after)
