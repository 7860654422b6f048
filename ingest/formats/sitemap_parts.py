"""Reads a sitemap index as one feed: fetches its parts one after the other, and combines them."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from ingest.formats.items import MAX_ITEMS, Item, ParsedFeed
from ingest.http.response import Response
from ingest.urls import shown
from stream.errors import Reject, RetryLater

log_line = structlog.get_logger("ingest.formats.sitemap_parts")

ReadPart = Callable[[str], Awaitable[ParsedFeed]]
"""Fetches a part, with the politeness that its host asks for, and reads it with `parse_part`."""
Parse = Callable[[bytes, str, str, str], Awaitable[ParsedFeed]]
"""`feeds.parse_feed`, run where its time and memory are limited."""


async def with_parts(feed: ParsedFeed, read_part: ReadPart) -> ParsedFeed:
    """The feed with the items of its parts; parts of parts are not followed.

    A missing part makes the feed incomplete. If no part is available at all, the last error is raised.
    """
    if not feed.parts:
        return feed
    found: list[ParsedFeed] = []
    problem: Reject | RetryLater | None = None
    for url in feed.parts:
        try:
            found.append(await read_part(url))
        except (Reject, RetryLater) as error:
            log_line.warning(
                "part of a sitemap index not read", part=shown(url), kind=error.kind, reason=error.reason
            )
            problem = error
    if not found and problem is not None:
        raise problem
    items = _newest([item for part in found for item in part.items])
    return msgspec.structs.replace(
        feed,
        title=next((part.title for part in found if part.title), ""),
        language=next((part.language for part in found if part.language), ""),
        items=tuple(items[:MAX_ITEMS]),
        incomplete=feed.incomplete or problem is not None or any(part.incomplete for part in found),
    )


async def parse_part(response: Response, parse: Parse) -> ParsedFeed:
    """The response for a part, as a feed; raises Reject if it is not one."""
    if response.status != 200:
        url = shown(response.url)
        raise Reject(f"http-{response.status}", f"{url} answered with HTTP {response.status}")
    return await parse(response.body, response.content_type, response.charset, response.url)


def _newest(items: Sequence[Item]) -> list[Item]:
    """The items, each URL once, latest first, those without a date last."""
    once = list({item.url: item for item in reversed(items)}.values())[::-1]
    return sorted(once, key=lambda item: -(item.published.timestamp() if item.published else 0.0))
