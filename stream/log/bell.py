"""Wakes the threads that wait for a topic's next message."""

import threading


class Bell:
    """Rung after each append. Waiting is from a count, so that a ring between looking and waiting is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    def rings(self) -> int:
        """How often it was rung: to be asked before looking for messages."""
        return self._rings

    def ring(self) -> None:
        """Wake all who wait."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, since: int, seconds: float) -> bool:
        """Wait until it was rung after the count `since`, or for so many seconds; whether it was rung."""
        with self._condition:
            return self._condition.wait_for(lambda: self._rings != since, seconds)
