"""Trying a form over the archive before it is saved."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from index.store import Store
from stream.errors import ConfigError, FieldError
from web.archive import Archive
from web.bars import Bars

T = TypeVar("T")


class Trial(msgspec.Struct, Generic[T], frozen=True):
    """What a definition would have done, or why that can't be told."""

    tried: T | None = None
    chart: Bars | None = None
    fault: FieldError | None = None
    why_not: str = ""


class Trials:
    """Makes trials, one at a time, since each goes through many articles.

    Args:
        archive: the store.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._turn = asyncio.Lock()

    async def make(self, read: Callable[[Store], T], chart: Callable[[T], Bars]) -> Trial[T]:
        """A trial: what `read` finds, with its chart. A definition that `read` refuses is a fault of the form."""
        async with self._turn:
            try:
                tried = await self._archive.read(read)
            except FieldError as error:
                return Trial(fault=error)
            except ConfigError as error:
                return Trial(why_not=str(error))
        return Trial(tried, chart(tried))
