"""Group commit for polls: everything that arrives during one write goes into the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ingest.polling.feed_state import FeedState
from stream.errors import RetryLater
from stream.messages import Entry

Publish = Callable[[Sequence[Entry], Sequence[FeedState]], Awaitable[None]]
"""Makes all durable in one step, or raises and leaves none."""


class _Found(msgspec.Struct, frozen=True):
    """What a poll found; `written` is done when it is durable, or could not be made so."""

    entries: Sequence[Entry]
    state: FeedState
    written: asyncio.Future[None]


class GroupCommit:
    """One write at a time; a write never waits for more to arrive.

    Args:
        publish: writes.
    """

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._waiting: list[_Found] = []
        self._writer: asyncio.Task[None] | None = None

    def add(self, entries: Sequence[Entry], state: FeedState) -> asyncio.Future[None]:
        """Have a feed's new entries and its state written in one step; the future fails if they could not be."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Found(entries, state, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return written

    async def _write(self) -> None:
        """Write until nothing is left."""
        try:
            while self._waiting:
                found, self._waiting = self._waiting, []
                await self._together(found)
        finally:
            self._writer = None

    async def _together(self, found: Sequence[_Found]) -> None:
        """Write them together; if that fails, one by one, so that a bad one does not block the others."""
        try:
            await self._publish(
                [entry for one in found for entry in one.entries], [one.state for one in found]
            )
        except Exception as error:  # noqa: BLE001 - whoever waits for it decides
            if len(found) == 1 or isinstance(error, RetryLater):  # then it is the log that fails
                _settle(found, error)
            else:
                for one in found:
                    await self._together([one])
        else:
            _settle(found, None)


def _settle(found: Sequence[_Found], error: Exception | None) -> None:
    for one in found:
        if one.written.done():  # given up
            continue
        if error is None:
            one.written.set_result(None)
        else:
            one.written.set_exception(error)
