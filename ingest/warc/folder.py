"""The folder that pages are written to, file after file.

A file is called `NAME.warc.gz.open` while it is being written. If a killed process has left one, the next process finishes it:
all its records but perhaps the last can be read.
"""

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from ingest.http.response import Response
from ingest.warc.records import of_file, of_page
from ingest.warc.settings import Warc

log_line = structlog.get_logger("ingest.warc.folder")

_OPEN = ".open"


class WarcFolder:
    """Writes pages; its methods may be called from any thread.

    Args:
        folder: where to; created with the first page.
        settings: how large a file may get.
        user_agent: the one that pages are fetched with.
        now: the clock.
    """

    def __init__(self, folder: Path, settings: Warc, user_agent: str, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._most = settings.file_bytes
        self._user_agent = user_agent
        self._now = now
        self._turn = threading.Lock()
        self._file: BinaryIO | None = None
        self._path = folder
        self._serial = 0
        self._failing = False

    def keep(self, response: Response) -> None:
        """Write a page. A failure is logged, and holds nothing up."""
        records = of_page(response, self._now())
        with self._turn:
            try:
                self._write(records)
                self._failing = False
            except OSError as error:
                if not self._failing:
                    log_line.error(
                        "pages can't be written to WARC", folder=str(self._folder), reason=str(error)
                    )
                self._failing = True

    def _write(self, records: bytes) -> None:
        file = self._file or self._begin()
        before = file.tell()
        try:
            file.write(records)
            file.flush()
        except OSError:
            file.truncate(before)  # half a record would hide those after it
            file.seek(before)
            raise
        if file.tell() >= self._most:
            self._finish()

    def _begin(self) -> BinaryIO:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._serial:
            _finish_left_open(self._folder)
        self._serial += 1
        began = self._now()
        name = (
            f"wirewatch-{began:%Y%m%d%H%M%S}-{self._serial:05}-{socket.gethostname()}-{os.getpid()}.warc.gz"
        )
        self._path = self._folder / f"{name}{_OPEN}"
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._file.write(of_file(name, self._user_agent, began))
        return self._file

    def _finish(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
            _finish_file(self._path)

    def close(self) -> None:
        """Finish the file."""
        with self._turn:
            self._finish()


def _finish_file(path: Path) -> None:
    path.rename(path.with_name(path.name.removesuffix(_OPEN)))


def _finish_left_open(folder: Path) -> None:
    """Finish the files of processes of this machine that no longer run."""
    for path in folder.glob(f"*-{socket.gethostname()}-*.warc.gz{_OPEN}"):
        pid = path.name.removesuffix(f".warc.gz{_OPEN}").rpartition("-")[2]
        if pid.isdigit() and not _runs(int(pid)):
            _finish_file(path)


def _runs(pid: int) -> bool:
    if pid == os.getpid():
        return False  # of an earlier process with this id
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
