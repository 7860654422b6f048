"""Files that people edit and several processes write: one writer at a time, and readers never see a half-written file.

The lock is a file `.NAME.lock` beside the file. Only wirewatch processes honour it; a text editor does not, so `edit` checks
for changes once more before it replaces the file.
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
"""How long to wait for other writers."""
TRIES = 20
"""How many times an edit starts over because the file changed in the meantime."""


class BusyError(OSError):
    """Other processes keep writing the file."""


@contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Lock the file while the block runs; creates its folder if it is missing.

    Raises BusyError after `seconds`, and other OSErrors if the folder can't hold the file.
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
    """Change a file atomically, with no other writer in between.

    Args:
        path: the file.
        change: maps the current content (None: there is no file) to the new content. If it raises, the file is unchanged. It
            is called again if the file changed in the meantime.
        mode: the permissions of a new file, before the process's umask; an existing file keeps its own.
    """
    with locked(path):
        for _ in range(TRIES):
            before = _read(path)
            after = change(before)
            if after == before or _replaced(path, before, after, mode):
                return
    raise BusyError(None, "it keeps changing while it is edited", str(path))


def replace(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Replace a file atomically; `mode` as for `edit`."""
    with _beside(_real(path), data, mode) as fresh:
        fresh.replace(_real(path))


def _replaced(path: Path, before: bytes | None, after: bytes, mode: int) -> bool:
    """Replace the file unless it has changed since it was read; returns whether it did."""
    with _beside(_real(path), after, mode) as fresh:
        if _read(path) != before:
            return False
        fresh.replace(_real(path))
        return True


@contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A temporary file with the data beside the given one, flushed to disk; removed after the block if still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex}.new")
    binary = getattr(os, "O_BINARY", 0)  # Windows only
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
    """The target of a symbolic link, so that the link itself stays."""
    return Path(os.path.realpath(path))
