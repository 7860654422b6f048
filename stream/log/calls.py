"""The calls of a consumer: one at a time, and none when it is closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stream.log.base import LogError


class Calls:
    """Lets a consumer be closed from any thread: what it reads with is released only when no call is inside.

    Args:
        whose: names the consumer in errors.
    """

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self._turn = threading.Lock()
        self._closing = threading.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A call; waits for the one before it. Raises LogError if the consumer was closed."""
        with self._turn:
            self.go_on()
            yield

    def go_on(self) -> None:
        """Raise LogError if the consumer is being closed: to be asked by whatever waits inside a call."""
        if self.closing:
            raise LogError(f"{self._whose} was closed")

    @property
    def closing(self) -> bool:
        """Whether the consumer is closed, or about to be."""
        return self._closing.is_set()

    def shut(self) -> None:
        """No call begins any more, and the one that is inside goes on no longer."""
        self._closing.set()

    @contextmanager
    def last(self) -> Iterator[None]:
        """The close itself: waits for the call that is inside."""
        self.shut()
        with self._turn:
            yield
