"""Tells whether another process lives: it holds a lock on a file, which the system takes from it when it dies.

No leases and no clocks: a SIGKILL frees the lock at once, and a process that was merely stopped or slow keeps it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_SUFFIX = ".alive"


class LockFolder:
    """The folder with one lock file for each living holder. A name is never used twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def hold(self) -> "Held":
        """Take a lock under a new name, for as long as this process lives and does not release it."""
        name = uuid.uuid4().hex
        lock = FileLock(self._file(name), thread_local=False)
        lock.acquire()
        return Held(name, lock)

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        """Whether the holder of a name is gone. If it is, its file is removed at the end of the block."""
        lock = FileLock(self._file(name), timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        except BaseException:
            lock.release()
            raise
        _discard(lock)

    def sweep(self) -> None:
        """Remove the files of holders that died before anybody knew of them."""
        for file in self._folder.glob(f"*{_SUFFIX}"):
            with self.dead(file.stem):
                pass

    def _file(self, name: str) -> Path:
        return self._folder / (name + _SUFFIX)


class Held:
    """A lock that this process holds."""

    def __init__(self, name: str, lock: FileLock) -> None:
        self.name = name
        self._lock = lock

    def release(self) -> None:
        """Give it up and remove its file; while it is still held, so that nobody else can hold this file."""
        _discard(self._lock)


def _discard(lock: FileLock) -> None:
    """Remove the file of a lock, while it is still held where the system allows that (Windows does not), and release it."""
    file = Path(lock.lock_file)
    try:
        file.unlink(missing_ok=True)
        lock.release()
    except PermissionError:
        lock.release()
        with suppress(PermissionError):  # another process looks whether we are dead: then that one removes it
            file.unlink(missing_ok=True)
