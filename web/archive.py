"""The archive as requests use it: opened when it is first there, read in threads."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from index.store import Store

R = TypeVar("R")


class Archive:
    """A store that is opened by the first request that finds it.

    Args:
        open_store: opens it for reading; raises ConfigError where there is nothing to read yet.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._turn = threading.Lock()
        self._store: Store | None = None

    async def read(self, function: Callable[[Store], R]) -> R:
        """Call a function with the store, in a thread; raises what it raises, and ConfigError where there is no archive yet."""
        return await asyncio.to_thread(lambda: function(self._opened()))

    def _opened(self) -> Store:
        with self._turn:
            if self._store is None:
                self._store = self._open_store()
            return self._store

    def close(self) -> None:
        """Release the store."""
        if self._store is not None:
            self._store.close()
