"""The user's alerts file, re-read when it changes."""

import hashlib
import importlib.resources
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
import tomlkit
from tomlkit import TOMLDocument

from alerts.channels.definitions import MADE_FOR
from alerts.definitions import NONE, Definitions, load_definitions
from stream import files
from stream.errors import ConfigError, EditConflict, FieldError
from stream.toml import read_toml
from wirewatch.process.private import FILE_MODE, make_folder

log_line = structlog.get_logger("wirewatch.lists.alerts")

MUTES = ("muted", "muted_until")
"""The keys that `silence` sets."""
HEAD = "# Alerts and their channels: docs/alerts.md has all keys. A running wirewatch picks up changes by itself.\n"
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


def tables(path: Path) -> dict[str, dict[str, Any]]:
    """The alerts' tables as the file has them, by name; none where there is no file. The file is one that `load` accepts."""
    try:
        content = read_toml(path.read_bytes(), str(path))
    except OSError:
        return {}
    return {table["name"]: table for table in content.get("alert", [])}


def version_of(table: Mapping[str, Any]) -> str:
    """A hash of an alert's table: another one after each change of it, and of it alone."""
    return hashlib.blake2b(msgspec.json.encode(dict(table), order="deterministic"), digest_size=8).hexdigest()


def add_to(document: TOMLDocument, table: Mapping[str, Any], urls: Sequence[str], path: Path) -> None:
    """Put a new alert into the document.

    Args:
        document: the file.
        table: the alert's keys.
        urls: where it is sent besides its channels: each becomes a channel that goes with it.
        path: of the file, for errors.
    """
    name = str(table.get("name", ""))
    if any(one.get("name") == name for one in document.get("alert", [])):
        reason = "there is an alert of this name; choose another, or remove it with `wirewatch alerts remove`"
        raise FieldError(f"{path}, alert {name!r}", "name", reason)
    made = [add_channel(document, name, url, number) for number, url in enumerate(urls)]
    added = tomlkit.table()
    added.update(table)
    if made:
        added["channels"] = [*table.get("channels", ()), *made]
    document.setdefault("alert", tomlkit.aot()).append(added)


def put_into(document: TOMLDocument, name: str, table: Mapping[str, Any], version: str, path: Path) -> None:
    """Give an alert other keys; its comments stay, and whether it is muted.

    Raises EditConflict if it is not the one that `version` was made of.
    """
    found = _unchanged(document, name, version, path)
    kept = {"name", *MUTES}
    for key in [key for key in found if key not in table and key not in kept]:
        del found[key]
    for key, value in table.items():
        if key not in kept and found.get(key) != value:
            found[key] = value


def _unchanged(document: TOMLDocument, name: str, version: str, path: Path) -> Any:
    """The table of an alert that is still what its editor read."""
    found = next((table for table in document.get("alert", []) if table.get("name") == name), None)
    if found is None:
        raise EditConflict(f"{path}, alert {name!r}: has been removed in the meantime")
    if version_of(found.unwrap()) != version:
        raise EditConflict(
            f"{path}, alert {name!r}: has been changed in the meantime; nothing was overwritten"
        )
    return found


def silence(document: TOMLDocument, name: str, until: datetime | None, path: Path) -> None:
    """Mute an alert, until a moment or for good."""
    table = unmute(document, name, path)
    if until:
        table["muted_until"] = until.replace(microsecond=0)
    else:
        table["muted"] = True


def unmute(document: TOMLDocument, name: str, path: Path) -> Any:
    """Let an alert speak again; returns its table."""
    table = table_of(document, name, path)
    for key in MUTES:
        table.pop(key, None)
    return table


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


def take_out(document: TOMLDocument, name: str, path: Path, version: str | None = None) -> TakenOut:
    """Take an alert out of the document, with the channels that `add_channel` made for it and that no other alert uses.

    Raises EditConflict if it is not the one that `version` was made of.
    """
    table = table_of(document, name, path) if version is None else _unchanged(document, name, version, path)
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
        raise FieldError(f"channel {called!r}", "name", "is there already; use this channel, or another name")
    table = tomlkit.table()
    kind = "webhook" if url.startswith(("http://", "https://")) else "apprise"
    table.update({"kind": kind, "url": url, MADE_FOR: name})
    channels[called] = table
    return called


class AlertFile:
    """The current alerts of a file, for stages that ask often; a change gives another object. Thread-safe.

    A file that was broken by an edit is reported, and the last good one stays in force. Where there has been none since the
    start, the list is `unusable`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._definitions: Definitions | None = None
        self._fault = ""
        self._load()

    def __call__(self) -> Definitions:
        """The alerts as the file has them now; none while the list is unusable."""
        return self._current() or NONE

    def unusable(self) -> bool:
        """Whether the file can't be read, and has not been readable since the start."""
        return self._current() is None

    def trouble(self) -> str:
        """What is wrong with the file now, and what follows from that; '' if nothing is."""
        usable = self._current() is not None
        if not self._fault:
            return ""
        return f"{self._fault}; " + (
            "the alerts of before stay in force" if usable else "until that is mended, articles wait for it"
        )

    def _current(self) -> Definitions | None:
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                self._load()
            return self._definitions

    def _load(self) -> None:
        try:
            self._definitions, self._fault = _reported(load(self._path)), ""
        except ConfigError as error:
            self._fault = str(error)
            log_line.error("alerts not read", reason=self._fault, last_good=self._definitions is not None)
        else:
            log_line.info("alerts read", file=str(self._path), alerts=len(self._definitions.alerts))

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
