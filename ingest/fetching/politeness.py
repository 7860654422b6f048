"""Politeness to servers: one request at a time per host, a gap between requests, and Retry-After respected."""

import asyncio
import heapq
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.http.response import http_date

# Longer than any honest server asks for; requests due later are retried anyway.
MAX_RETRY_AFTER = 86_400.0


@dataclass
class _Queue:
    """The requests waiting for one host."""

    turns: PrioritySemaphore = field(default_factory=lambda: PrioritySemaphore(1))
    members: int = 0
    gap: float = 0.0
    """The longest gap that the host itself asks for, as far as known."""


class HostGate:
    """Admits requests to one host one at a time, news first, in order of arrival, with a gap between them.

    Hosts do not wait for each other. A host is forgotten once its gap is over and no request waits for it.

    Args:
        gap: seconds from the end of one turn to the start of the next at the same host.
        now: a monotonic clock, in seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        gap: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._gap = gap
        self._now = now
        self._sleep = sleep
        self._queues: dict[str, _Queue] = {}
        self._free_at: dict[str, float] = {}
        self._ends: list[
            tuple[float, str]
        ] = []  # a heap of the times in _free_at, and of some that have passed

    @asynccontextmanager
    async def turn(self, host: str, *, can_wait: bool = False) -> AsyncIterator[None]:
        """A context that holds the host exclusively; entering it waits for a turn.

        Requests that can wait let all others go first.
        """
        await self.begin(host, can_wait=can_wait)
        try:
            yield
        finally:
            self.end(host)

    async def begin(self, host: str, *, can_wait: bool) -> None:
        """Wait for a turn. The caller must then `end` it."""
        queue = self._queues.get(host)
        if queue is None:
            queue = self._queues[host] = _Queue()
        queue.members += 1
        try:
            await queue.turns.enter(can_wait=can_wait)
        except BaseException:
            self._leave(host, queue)
            raise
        try:
            await self._wait_for_gap(host)
        except BaseException:
            self._hand_on(host, queue)
            raise

    def end(self, host: str) -> None:
        """The turn is over: the gap begins."""
        queue = self._queues[host]
        self._begin_gap(host, max(self._gap, queue.gap))
        self._hand_on(host, queue)

    def _hand_on(self, host: str, queue: _Queue) -> None:
        queue.turns.leave()
        self._leave(host, queue)

    def _leave(self, host: str, queue: _Queue) -> None:
        queue.members -= 1
        if not queue.members:
            del self._queues[host]

    def ask_gap(self, host: str, seconds: float) -> None:
        """During a turn: the host asks for a gap of so many seconds (`Crawl-delay`), which also applies to waiting requests."""
        queue = self._queues[host]
        queue.gap = max(queue.gap, seconds)

    async def _wait_for_gap(self, host: str) -> None:
        # A loop, since timers may wake us a little early.
        while (wait := self._free_at.get(host, 0.0) - self._now()) > 0:
            await self._sleep(wait)

    def _begin_gap(self, host: str, gap: float) -> None:
        now = self._now()
        self._free_at[host] = now + gap
        heapq.heappush(self._ends, (now + gap, host))
        while self._ends and self._ends[0][0] <= now:
            end, over = heapq.heappop(self._ends)
            if self._free_at.get(over) == end:
                del self._free_at[over]


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds to wait according to a Retry-After header (RFC 9110, section 10.2.3).

    Args:
        value: the header: seconds, or an HTTP date.
        now: aware; dates are measured from it.

    Returns seconds from 0 to a day; None if the header is empty or malformed.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MAX_RETRY_AFTER)
    moment = http_date(value)
    return None if moment is None else min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)
