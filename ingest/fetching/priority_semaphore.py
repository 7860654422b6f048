"""A queue for few places that lets news go before what can wait."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class PrioritySemaphore:
    """A semaphore with two ranks: who came first goes first, but nobody who can wait before anybody who can't.

    Args:
        places: how many may be inside at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def place(self, *, can_wait: bool = False) -> AsyncIterator[None]:
        """A context for one place; entering it waits for that."""
        await self.enter(can_wait=can_wait)
        try:
            yield
        finally:
            self.leave()

    async def enter(self, *, can_wait: bool = False) -> None:
        """Wait for a place. Who has got one must `leave`."""
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (can_wait, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place was given to us in the same moment
                self.leave()
            raise

    def leave(self) -> None:
        """Hand the place on to the next who still wants it."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
