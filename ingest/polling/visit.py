"""What a poll holds during a request: the host's turn, and one of a limited number of places."""

import asyncio

from ingest.fetching.politeness import HostGate


class Visit:
    """A turn at a host and a place, as a context; entering it waits for both, and it may be left early.

    A caller that waits for a visit must not hold another, to prevent deadlocks.

    Args:
        gate: hands out turns.
        places: how many visits there may be at once.
        host: where to.
    """

    def __init__(self, gate: HostGate, places: asyncio.Semaphore, host: str) -> None:
        self._gate = gate
        self._places = places
        self.host = host
        self._is_on = False

    async def __aenter__(self) -> "Visit":
        await self._gate.begin(self.host, can_wait=False)
        try:
            await self._places.acquire()
        except BaseException:
            self._gate.end(self.host)
            raise
        self._is_on = True
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """End the visit, if it has not ended yet: the host's gap begins."""
        if self._is_on:
            self._is_on = False
            self._places.release()
            self._gate.end(self.host)
