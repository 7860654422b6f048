"""Delivery to a file: a line of JSON an alert."""

import asyncio
import os
from pathlib import Path

import msgspec

from alerts.deliver import Send
from alerts.message import Alert
from alerts.results import alert_document
from stream.errors import RetryLater


def file(path: Path) -> Send:
    """What appends to a file, which is made where it is missing."""

    async def send(alert: Alert) -> None:
        try:
            await asyncio.to_thread(_append, path, msgspec.json.encode(alert_document(alert)) + b"\n")
        except OSError as error:
            raise RetryLater(
                "file", f"channel {alert.channel}: {path} can't be written: {error.strerror}"
            ) from error

    return send


def _append(path: Path, line: bytes) -> None:
    """Durable when it returns. A line that a crash or a full disk cut short is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as out:
        if out.tell() > 0:
            out.seek(-1, os.SEEK_END)
            if out.read(1) != b"\n":
                out.write(b"\n")
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
