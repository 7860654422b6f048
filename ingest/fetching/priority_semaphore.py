"""A semaphore with a queue in which news goes before requests that can wait."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class PrioritySemaphore:
    """A semaphore with two priorities: first come, first served, but requests that can wait go after all others.

    Args:
        places: how many may hold it at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def place(self, *, can_wait: bool = False) -> AsyncIterator[None]:
        """A context that holds one place; entering it waits for one."""
        await self.enter(can_wait=can_wait)
        try:
            yield
        finally:
            self.leave()

    async def enter(self, *, can_wait: bool = False) -> None:
        """Wait for a place. The caller must then `leave`."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (can_wait, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # cancelled just as we got the place
                self.leave()
            raise

    def leave(self) -> None:
        """Pass the place to the next waiter that still wants it."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
