"""Serialises the calls of a consumer, and refuses them once it is closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stream.log.base import LogError


class Calls:
    """Lets any thread close a consumer: its resources are released only when no call is running.

    Args:
        whose: names the consumer in error messages.
    """

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._woken = threading.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Enter a call once the previous one has ended. Raises LogError if the consumer was closed."""
        with self._turn:
            self.go_on()
            yield

    def go_on(self) -> None:
        """Raise LogError if the consumer is being closed; a call that waits must check this."""
        if self.closing:
            raise LogError(f"{self._whose} was closed")

    def wake(self) -> None:
        """Let the running call, or the next one, wait no longer; the caller wakes its thread."""
        self._woken.set()

    def is_woken(self) -> bool:
        """Whether a call that waits must return now. Asked once: the answer is used up."""
        if not self._woken.is_set():
            return False
        self._woken.clear()  # only one that was seen: another thread may wake it in between
        return True

    @property
    def closing(self) -> bool:
        """Whether the consumer is closed, or about to be."""
        return self._closing.is_set()

    def shut(self) -> None:
        """Refuse new calls, and interrupt the running one."""
        self._closing.set()

    @contextmanager
    def last(self) -> Iterator[None]:
        """Run the close itself; waits for the running call."""
        self.shut()
        with self._turn:
            yield
