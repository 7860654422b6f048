"""The user's alerts file, re-read when it changes."""

import importlib.resources
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog
import tomlkit
from tomlkit import TOMLDocument

from alerts.channels.definitions import MADE_FOR
from alerts.definitions import NONE, Definitions, load_definitions
from stream import files
from stream.errors import ConfigError
from wirewatch.process.private import FILE_MODE, make_folder

log_line = structlog.get_logger("wirewatch.lists.alerts")

HEAD = "# Who is told of what: docs/alerts.md has all keys. A running wirewatch takes changes up by itself.\n"
"""The first lines of a new file."""


def load(path: Path) -> Definitions:
    """The alerts of a file, none where there is no file; raises ConfigError that names the file."""
    try:
        return load_definitions(path.read_bytes(), str(path))
    except FileNotFoundError:
        return NONE
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error


def default_alerts() -> bytes:
    """The alerts of the demo."""
    return importlib.resources.files("wirewatch").joinpath("defaults/alerts.toml").read_bytes()


def edit(path: Path, change: Callable[[TOMLDocument], None]) -> Definitions:
    """Change the file in one step, and keep its comments, order and blank lines.

    Others may edit it at the same time: each change is made to what the others have written.

    Args:
        path: the file; begun anew where there is none.
        change: changes the document; may raise ConfigError. It is called again if the file changes meanwhile.

    Raises ConfigError, and leaves the file as it was, if the result is no alerts file.
    """
    changed = NONE

    def apply(before: bytes | None) -> bytes:
        nonlocal changed
        load_definitions(before or b"", str(path))  # one that is broken already is reported as such
        document = tomlkit.parse((before or HEAD.encode()).decode("utf-8-sig"))
        change(document)
        after = tomlkit.dumps(document).encode()
        changed = load_definitions(after, str(path))
        return after

    try:
        make_folder(path.parent)
        files.edit(path, apply, FILE_MODE)  # it may hold passwords
    except OSError as error:
        raise ConfigError(f"{path}: can't be changed: {error.strerror or error}") from error
    return changed


def table_of(document: TOMLDocument, name: str, path: Path) -> Any:
    """An alert's table in the document; raises ConfigError if there is none."""
    tables = document.get("alert", [])
    found = next((table for table in tables if table.get("name") == name), None)
    if found is None:
        known = ", ".join(repr(str(table.get("name"))) for table in tables) or "none"
        raise ConfigError(f"{path}: no alert is called {name!r}; there are: {known}")
    return found


class TakenOut(msgspec.Struct, frozen=True):
    """What became of an alert's channels when it was taken out of the file."""

    removed: tuple[str, ...]
    """They were made for it, and nothing else uses them."""
    used: Mapping[str, tuple[str, ...]]
    """They stay: the alerts that use them, too."""
    unused: tuple[str, ...]
    """They stay though no alert uses them any more: people wrote them."""


def take_out(document: TOMLDocument, name: str, path: Path) -> TakenOut:
    """Take an alert out of the document, with the channels that `add_channel` made for it and that no other alert uses."""
    table = table_of(document, name, path)
    document["alert"].remove(table)
    channels = document.get("channels", {})
    own = [channel for channel in table.get("channels", ()) if channel in channels]
    users = {channel: _users(document, channel) for channel in own}
    free = [channel for channel in own if not users[channel]]
    removed = tuple(channel for channel in free if channels[channel].get(MADE_FOR) == name)
    for channel in removed:
        del channels[channel]
    return TakenOut(
        removed=removed,
        used={channel: others for channel, others in users.items() if others},
        unused=tuple(channel for channel in free if channel not in removed),
    )


def _users(document: TOMLDocument, channel: str) -> tuple[str, ...]:
    """The alerts that are told on a channel."""
    return tuple(str(one.get("name")) for one in document["alert"] if channel in one.get("channels", ()))


def add_channel(document: TOMLDocument, name: str, url: str, number: int) -> str:
    """Put a channel for a URL into the document, under the name of the alert it is for; returns how it is called.

    The channel bears the mark that it was made for this alert, so that it goes with it.
    """
    called = f"{name} {number + 1}" if number else name
    channels = document.setdefault("channels", tomlkit.table(is_super_table=True))
    if called in channels:
        raise ConfigError(f"channel {called!r}: is there already; use --channel {called!r}, or another name")
    table = tomlkit.table()
    kind = "webhook" if url.startswith(("http://", "https://")) else "apprise"
    table.update({"kind": kind, "url": url, MADE_FOR: name})
    channels[called] = table
    return called


class AlertFile:
    """The current alerts of a file, for stages that ask often; a change gives another object. A file that was broken by an edit
    is reported, and the last good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._definitions = _reported(load(path))

    def __call__(self) -> Definitions:
        """The alerts as the file has them now; may be called from any thread."""
        with self._lock:
            return self._current()

    def _current(self) -> Definitions:
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._definitions = _reported(load(self._path))
                log_line.info("alerts read again", file=str(self._path), alerts=len(self._definitions.alerts))
            except ConfigError as error:
                log_line.error("alerts not read, the last good ones stay", reason=str(error))
        return self._definitions

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _reported(definitions: Definitions) -> Definitions:
    """The same; the log names the channels that can't be used."""
    for channel, reason in definitions.broken.items():
        log_line.error("channel can't be used, its alerts wait", channel=channel, reason=reason)
    return definitions
