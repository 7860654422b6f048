"""Finds a subscription by id in the log, because pollers in other processes may change subscriptions at any time."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable

from ingest.websub.protocol import Subscription

READ_SECONDS = 0.5
"""The minimum interval between reads, however many callers there are: hubs are untrusted."""


class Directory:
    """The subscriptions by id.

    Each answer is from a read that began after the question, because a hub may call back at the very moment it is asked. All
    who wait share one read.

    Args:
        read: all subscriptions, as they are now.
    """

    def __init__(self, read: Callable[[], Awaitable[Iterable[Subscription]]]) -> None:
        self._read = read
        self._by_id: dict[str, Subscription] = {}
        self._turn = asyncio.Lock()
        self._began = -math.inf

    async def find(self, token: str) -> Subscription | None:
        """The subscription with an id; None if there is none. Raises what `read` raises."""
        asked = time.monotonic()
        async with self._turn:
            if self._began <= asked:
                await asyncio.sleep(max(self._began + READ_SECONDS - time.monotonic(), 0.0))
                began = time.monotonic()
                self._by_id = {one.id: one for one in await self._read()}
                self._began = began
        return self._by_id.get(token)
