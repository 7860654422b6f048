"""Files that people edit, and that several processes write: one writer at a time, and a reader never sees half of one.

The lock is a file `.NAME.lock` beside the file. It holds among processes of wirewatch; an editor knows nothing of it, so `edit`
looks again before it replaces the file.
"""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOCK_SECONDS = 60.0
"""How long one waits for other writers."""
TRIES = 20
"""How often an edit begins again because somebody else changed the file meanwhile."""


class BusyError(OSError):
    """Others keep writing the file."""


@contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the file for as long as the block runs; makes its folder where it is missing.

    Raises BusyError after `seconds`, and other OSErrors if there can be no file in that folder.
    """
    path = _real(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=seconds, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(None, f"another process has been writing it for {seconds:g} s", str(path)) from None
    try:
        yield
    finally:
        lock.release()


def edit(path: Path, change: Callable[[bytes | None], bytes], mode: int = 0o666) -> None:
    """Change a file in one step, with no other writer in between.

    Args:
        path: the file.
        change: from what it holds (None: there is no file) to what it is to hold. If it raises, the file stays as it was. It is
            called again if somebody changed the file meanwhile.
        mode: the permissions of a new file, of which the process's umask takes away; those of an old one stay.
    """
    with locked(path):
        for _ in range(TRIES):
            before = _read(path)
            after = change(before)
            if after == before or _replaced(path, before, after, mode):
                return
    raise BusyError(None, "it keeps changing while it is edited", str(path))


def replace(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Put a file in the place of another in one step; `mode` as for `edit`."""
    with _beside(_real(path), data, mode) as fresh:
        fresh.replace(_real(path))


def _replaced(path: Path, before: bytes | None, after: bytes, mode: int) -> bool:
    """Replace the file if it still is as it was before; whether that was so."""
    with _beside(_real(path), after, mode) as fresh:
        if _read(path) != before:
            return False
        fresh.replace(_real(path))
        return True


@contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file with the data, flushed to disk, beside another; removed after the block if it is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}.new")
    binary = getattr(os, "O_BINARY", 0)  # of Windows
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(path, fresh)
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _real(path: Path) -> Path:
    """The file itself, where the path is a link to it: the link stays."""
    return Path(os.path.realpath(path))
