"""Small pictures on disk, up to a bound; those that were not asked for longest go first."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from stream.files import replace

_KEY = re.compile(r"[0-9a-f]{32}")
_OF_THE_BOUND = 20
"""The folder is checked whenever a twentieth of the bound was written, so no process exceeds it by more than that."""
_KEPT_SHARE = 0.9


class Cache:
    """Files by key, in a folder of their own. May be used in several threads and processes.

    Args:
        folder: where; made when something is kept.
        max_bytes: of all files together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._unchecked = max_bytes  # what an earlier process left was not looked at yet

    def get(self, key: str) -> bytes | None:
        """What is kept under a key of 32 hexadecimal digits; None if there is nothing."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # it was asked for now
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep something. Raises OSError where that fails: then it is not kept."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace(path, data, 0o600)
        self._unchecked += len(data)
        if self._unchecked > self._max_bytes // _OF_THE_BOUND:
            self._unchecked = 0
            self._make_room()

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        return self._folder / key[:2] / key

    def _make_room(self) -> None:
        files = sorted(self._files())
        taken = sum(size for _, size, _ in files)
        if taken <= self._max_bytes:
            return
        for _, size, path in files:
            if taken <= self._max_bytes * _KEPT_SHARE:
                return
            with suppress(OSError):
                path.unlink()
            taken -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was last asked for, its size, and where it is."""
        for path in self._folder.glob("??/*"):
            with suppress(OSError):  # another process removed it
                status = path.stat()
                yield status.st_mtime, status.st_size, path
