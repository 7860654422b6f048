"""Notices, for all consumers of a log object, changes by other connections and processes, and dead members."""

import threading
import time
from collections.abc import Callable, Iterable

from stream.errors import WirewatchError
from stream.log.bell import Bell
from stream.log.sqlite.file import SqliteFile

_LOOK_SECONDS = 0.05  # how soon a write of another process is noticed
_QUIET_LOOK_SECONDS = 0.25  # the same after `_QUIET_SECONDS` without one: each look costs something
_QUIET_SECONDS = 5.0
_BURY_SECONDS = 1.0  # how soon the death of another process is noticed


class Watch:
    """One thread for all consumers of a log object: if each looked for itself, an idle process would be busy.

    Args:
        open_file: opens a connection of its own.
        bells: rung when another connection has committed anything.
        bury_dead: hands the partitions of dead members to the others.
    """

    def __init__(
        self, open_file: Callable[[], SqliteFile], bells: Iterable[Bell], bury_dead: Callable[[], None]
    ) -> None:
        self._open_file = open_file
        self._bells = tuple(bells)
        self._bury_dead = bury_dead
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start, unless it is running already. Raises the errors of `SqliteFile`."""
        with self._starting:
            if self._thread is None:
                file = self._open_file()
                self._thread = threading.Thread(
                    target=self._run, args=(file,), name="wirewatch log", daemon=True
                )
                self._thread.start()

    def _run(self, file: SqliteFile) -> None:
        seen, written, buried = -1, time.monotonic(), time.monotonic()
        while not self._stop.wait(_seconds_to_wait(time.monotonic() - written)):
            try:
                changes = file.changes()
                if time.monotonic() - buried >= _BURY_SECONDS:
                    buried = time.monotonic()
                    self._bury_dead()
            except WirewatchError:
                changes = -1  # whoever waits meets the same fault, and reports it
            if changes != seen or changes < 0:
                seen, written = changes, time.monotonic()
                for bell in self._bells:
                    bell.ring()
        file.close()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


def _seconds_to_wait(quiet: float) -> float:
    """How long to wait before the next look, `quiet` seconds after the last write of another connection."""
    return _LOOK_SECONDS if quiet < _QUIET_SECONDS else _QUIET_LOOK_SECONDS
