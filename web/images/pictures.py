"""Small pictures of originals elsewhere: kept ones, or made once for all who ask."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from stream.errors import Reject, RetryLater
from web.images.cache import Cache
from web.images.services import Make, Size

log_line = structlog.get_logger("web.images")

AT_ONCE = 8
"""Pictures that are fetched and made at a time."""
REMEMBERED = 10_000
"""Failures."""
AGAIN_SECONDS = 3600.0
"""A picture that could not be fetched is requested again after this time."""


class Pictures:
    """Small pictures.

    Args:
        make: makes one.
        cache: keeps them.
        clock: seconds, which never go back.
    """

    def __init__(self, make: Make, cache: Cache, clock: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._cache = cache
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[str, asyncio.Task[bytes | None]] = {}
        self._failed: OrderedDict[str, float] = OrderedDict()

    async def picture(self, url: str, size: Size) -> bytes | None:
        """The small picture of an original as WebP; None if it can't be made."""
        key = key_of(url, size)
        if kept := await asyncio.to_thread(self._cache.get, key):
            return kept
        if self._clock() < self._failed.get(url, float("-inf")):
            return None
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._made(key, url, size))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)  # who hangs up leaves it to the others

    async def close(self) -> None:
        """Abandon what is under way."""
        tasks = [*self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _made(self, key: str, url: str, size: Size) -> bytes | None:
        try:
            async with self._places:
                data = await self._make(url, size)
        except (Reject, RetryLater) as error:
            log_line.info("no picture", url=url[:500], kind=error.kind, reason=error.reason)
            self._remember(url)
            return None
        try:
            await asyncio.to_thread(self._cache.put, key, data)
        except OSError as error:
            log_line.warning("a picture is not kept", reason=error.strerror or str(error))
        return data

    def _remember(self, url: str) -> None:
        self._failed[url] = self._clock() + AGAIN_SECONDS
        self._failed.move_to_end(url)
        if len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)


def key_of(url: str, size: Size) -> str:
    """The name under which a picture is kept, which is its entity tag, too."""
    return hashlib.blake2b(f"{size} {url}".encode(errors="surrogatepass"), digest_size=16).hexdigest()
