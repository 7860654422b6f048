"""Wakes threads that wait for the next message of a topic."""

import threading


class Bell:
    """Rung after each append. Callers wait for a count to change, so that a ring between checking and waiting is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    def rings(self) -> int:
        """How many times it was rung; read this before checking for messages."""
        return self._rings

    def ring(self) -> None:
        """Wake all waiting threads."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, since: int, seconds: float) -> bool:
        """Wait until it is rung after the count `since`, or until `seconds` have passed; returns whether it was rung."""
        with self._condition:
            return self._condition.wait_for(lambda: self._rings != since, seconds)
