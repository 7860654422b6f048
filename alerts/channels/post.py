"""The small HTTP client for webhooks: a POST with a bounded response, and no redirects.

It connects to whatever address the webhook's URL names, private ones too: the URL comes from the operator's own configuration,
and naming it there allows it. Nothing that a stranger wrote can lead it elsewhere, since redirects are not followed.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from alerts.channels.webhook import Post
from stream.errors import RetryLater

SECONDS = 15.0
"""The limit for a whole request."""


@asynccontextmanager
async def open_post(user_agent: str) -> AsyncIterator[Post]:
    """Yields a function that posts, for use within the block."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=32, limit_per_host=8),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": user_agent},
        timeout=aiohttp.ClientTimeout(total=SECONDS),
    )

    async def post(url: str, payload: bytes, headers: Mapping[str, str]) -> int:
        where = urlsplit(url).hostname or "the webhook"  # a URL may hold a token, so it is never shown
        try:
            async with session.post(url, data=payload, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RetryLater("connect", f"webhook at {where}: no response: {type(error).__name__}") from error

    async with session:
        yield post
