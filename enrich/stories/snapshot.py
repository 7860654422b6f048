"""The state of `relate` in a file, so that a start reads from the log only what was written since.

The file is made from the log, never from a running state, so it holds nothing that the log does not. One that is missing, of
another version, of another log, or damaged is not used: then everything is read from the log.
"""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

log_line = structlog.get_logger("enrich.stories.snapshot")

VERSION = 2
"""Of the file, and of what it means: to be raised with each change of features, signatures or columns."""
_HEAD = b"wirewatch stories %d\n" % VERSION
_CHECK_BYTES = 4


class _UnusableError(Exception):
    """A snapshot that can't be used, and why."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered, as of a position in the log."""

    origin: str
    """The log."""
    stories_at: Mapping[int, int]
    moves_at: Mapping[int, int]
    """The positions in the topics of articles and of moves."""
    stories: dict[str, Any]
    """See `Stories.state`."""
    addresses: dict[str, Any]
    """See `Addresses.state`."""
    moved: list[str]
    """The articles that went to another story."""


class SnapshotFile:
    """The file.

    Args:
        path: where it is.
        origin: names the log that it is made from.
    """

    def __init__(self, path: Path, origin: str) -> None:
        self._path = path
        self.origin = origin

    def save(self, snapshot: Snapshot) -> None:
        """Put a snapshot in place of the one before. A failure is logged: the log has everything."""
        content = msgspec.msgpack.encode(snapshot)
        new = self._path.with_name(self._path.name + ".new")
        try:
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            with new.open("wb") as file:
                file.write(_HEAD + zlib.crc32(content).to_bytes(_CHECK_BYTES, "big"))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            log_line.warning(
                "no snapshot of the stories was written", file=str(self._path), reason=str(error)
            )
            return
        log_line.info("snapshot of the stories written", file=str(self._path), bytes=len(content))

    def load(self) -> Snapshot | None:
        """The snapshot; None if there is none that can be used."""
        try:
            return self._read()
        except FileNotFoundError:
            return None
        except (_UnusableError, OSError, msgspec.DecodeError) as error:
            log_line.warning(
                "the snapshot of the stories is not used; reading everything from the log",
                file=str(self._path),
                reason=str(error),
            )
            return None

    def _read(self) -> Snapshot:
        content = memoryview(self._path.read_bytes())
        start = len(_HEAD) + _CHECK_BYTES
        if content[: len(_HEAD)] != _HEAD:
            raise _UnusableError("it was written by another version")
        if zlib.crc32(content[start:]).to_bytes(_CHECK_BYTES, "big") != content[len(_HEAD) : start]:
            raise _UnusableError("it is damaged")
        found = msgspec.msgpack.decode(content[start:], type=Snapshot)
        if found.origin != self.origin:
            raise _UnusableError("it was made from another log")
        return found
