"""Delivery to a file: one line of JSON per alert."""

import asyncio
import errno
import os
from io import RawIOBase
from pathlib import Path

from alerts.deliver import Send
from alerts.message import Alert
from alerts.results import alert_document
from stream.display import to_json
from stream.errors import RetryLater
from stream.files import locked


def file(path: Path) -> Send:
    """Makes a function that appends to a file, which is created if it is missing."""

    async def send(alert: Alert) -> None:
        try:
            await asyncio.to_thread(_append, path, to_json(alert_document(alert)).encode() + b"\n")
        except OSError as error:
            raise RetryLater(
                "file", f"channel {alert.channel}: {path} can't be written: {error.strerror}"
            ) from error

    return send


def _append(path: Path, line: bytes) -> None:
    """Write the line at once, under the file's lock; durable when it returns. A line that a crash cut short is ended first."""
    with locked(path), path.open("ab+", buffering=0) as out:
        data = b"\n" + line if _is_torn(out) else line
        written = out.write(data)
        if written != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(out.fileno())


def _is_torn(file: RawIOBase) -> bool:
    """Whether the last line of a file has no end."""
    if file.tell() == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
