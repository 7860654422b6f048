"""Tells whether another process is alive: it holds a file lock, which the operating system releases when it dies.

There are no leases or clocks: a SIGKILL frees the lock at once, and a process that is merely stopped or slow keeps it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_SUFFIX = ".alive"


class LockFolder:
    """The folder with one lock file per living holder. Names are never reused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def hold(self) -> "Held":
        """Take a lock under a new name, until it is released or this process dies."""
        name = uuid.uuid4().hex
        lock = FileLock(self._file(name), thread_local=False)
        lock.acquire()
        return Held(name, lock)

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        """Whether the holder of a name is gone. If so, its file is removed at the end of the block."""
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
        """Remove the files of holders that died before they were registered anywhere."""
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
        """Release the lock and remove its file; the file is removed first, so that nobody else can lock it."""
        _discard(self._lock)


def _discard(lock: FileLock) -> None:
    """Remove the file of a lock, before releasing it where the system allows that (Windows does not)."""
    file = Path(lock.lock_file)
    try:
        file.unlink(missing_ok=True)
        lock.release()
    except PermissionError:
        lock.release()
        with suppress(PermissionError):  # another process is checking whether we are dead, and will remove it
            file.unlink(missing_ok=True)
