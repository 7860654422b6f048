"""What was changed, by whom: a file of JSON lines that is only ever added to."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from results.parts import Time
from stream.errors import RetryLater

NAME = "audit.jsonl"


class Change(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/change/1"):
    """One change, or one log-in.

    Attributes:
        who: the person's name; `local` where no log-in is asked for.
        by: how she was known: machine, session, proxy, token; `command` for the command line.
        address: from where; '' for the command line.
        what: what was done, such as `POST /desk/marks` or `users add`.
        about: more of it, by name; never a password.
        outcome: `done`, or the status of HTTP where it failed.
    """

    time: Time
    who: str
    by: str
    address: str
    what: str
    about: Mapping[str, str]
    outcome: str


class Recorded(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/audit/1"):
    """Changes and log-ins, the oldest first."""

    changes: tuple[Change, ...]


class Audit:
    """The log of a data folder.

    Args:
        folder: the data folder.
        now: the clock.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.path = folder / NAME
        self._now = now

    def note(
        self, who: str, by: str, address: str, what: str, about: Mapping[str, str], outcome: str = "done"
    ) -> None:
        """Add a line; it is on disk once this returns. Raises RetryLater if it can't be written."""
        line = msgspec.json.encode(Change(self._now(), who, by, address, what, about, outcome)) + b"\n"
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)  # one write: lines of several processes don't mix
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise RetryLater("disk-error", f"{self.path}: can't be written: {error.strerror}") from error

    def changes(self) -> Iterator[Change]:
        """All changes, the oldest first; a line that a power cut has torn is left out."""
        try:
            with self.path.open("rb") as lines:
                for line in lines:
                    if (change := _read(line)) is not None:
                        yield change
        except FileNotFoundError:
            return


def _read(line: bytes) -> Change | None:
    try:
        return msgspec.json.decode(line, type=Change)
    except msgspec.DecodeError:
        return None
