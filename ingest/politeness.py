"""How servers ask to be treated: one request at a time a host, with a gap between, and not before they say."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Longer than any honest server asks for; what is due later is tried again all the same.
MAX_RETRY_AFTER = 86_400.0


@dataclass
class _Queue:
    """Those who want one host now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    members: int = 0


class HostGate:
    """Lets requests to one host pass one at a time, in the order they came, with a gap between them.

    Hosts do not wait for each other. A host is forgotten once its gap is over and nobody waits for it.

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
        self._free_at: dict[str, float] = {}  # in the order of the times, since the gap is the same for all

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """A context in which nobody else is let through to the host; entering it waits for that."""
        queue = self._queues.setdefault(host, _Queue())
        queue.members += 1
        try:
            async with queue.lock:
                await self._wait_for_gap(host)
                try:
                    yield
                finally:
                    self._end_turn(host)
        finally:
            queue.members -= 1
            if not queue.members:
                del self._queues[host]

    async def _wait_for_gap(self, host: str) -> None:
        # A loop, since timers may wake us a little early.
        while (wait := self._free_at.get(host, 0.0) - self._now()) > 0:
            await self._sleep(wait)

    def _end_turn(self, host: str) -> None:
        now = self._now()
        self._free_at.pop(host, None)
        self._free_at[host] = now + self._gap
        while self._free_at and (oldest := next(iter(self._free_at))) and self._free_at[oldest] <= now:
            del self._free_at[oldest]


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks to wait (RFC 9110, section 10.2.3).

    Args:
        value: the header: seconds, or an HTTP date.
        now: aware; what a date is measured from.

    Returns seconds from 0 to a day; None if the header is empty or malformed.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MAX_RETRY_AFTER)
