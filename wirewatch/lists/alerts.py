"""The user's alerts file, re-read when it changes."""

import hashlib
import importlib.resources
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
import tomlkit
from tomlkit import TOMLDocument

from alerts.channels.definitions import MADE_FOR, SECRETS, is_reference, resolved
from alerts.definitions import NONE, Definitions, load_definitions
from alerts.tables import NAME
from stream import files
from stream.errors import ConfigError, EditConflict, FieldError
from stream.toml import read_toml
from wirewatch.lists.entries import Section, TakenIn, take_in
from wirewatch.lists.keeper import Keeper
from wirewatch.process.private import FILE_MODE, make_folder

log_line = structlog.get_logger("wirewatch.lists.alerts")

SECTIONS = (Section("alert", "name"), Section("channels"))
WITHHELD = "secrets"
"""The folder of the files with the secrets of channels, where the list itself is shared."""
BROKEN_SECONDS = 30.0
"""Between two tries of channels that can't be used."""
MUTES = ("muted", "muted_until")
"""The keys that `silence` sets."""
HEAD = "# Alerts and their channels: docs/alerts.md has all keys. A running wirewatch picks up changes by itself.\n"
"""The first lines of a new file."""


def load(path: Path) -> Definitions:
    """The alerts of a file, none where there is no file; raises ConfigError that names the file."""
    try:
        return load_definitions(path.read_bytes(), str(path), folder=path.parent)
    except FileNotFoundError:
        return NONE
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error


def default_alerts() -> bytes:
    """The alerts of the demo."""
    return importlib.resources.files("wirewatch").joinpath("defaults/alerts.toml").read_bytes()


class AlertList:
    """The alerts and channels, to be read and edited.

    Args:
        keeper: keeps them.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.place = keeper.place
        """Where they are, for a person."""

    def load(self) -> Definitions:
        """The alerts as they are now, none where there is no list; raises ConfigError that names the place."""
        return self._checked(self._keeper.read() or b"")

    def tables(self) -> dict[str, dict[str, Any]]:
        """The alerts' tables as they are written, by name."""
        content = read_toml(self._keeper.read() or b"", self.place)
        return {table["name"]: table for table in content.get("alert", [])}

    def edit(self, change: Callable[[TOMLDocument], None]) -> Definitions:
        """Change the alerts in one step; comments, order and blank lines stay.

        Others may edit them at the same time: each change is made to what the others have written.

        Args:
            change: changes the document; may raise ConfigError. It is called again if the list changes meanwhile.

        Raises ConfigError, and leaves the alerts as they were, if the result is no list of alerts.
        """
        after = NONE

        def apply(before: bytes | None) -> bytes:
            nonlocal after
            self._checked(before or b"")  # one that is broken already is reported as such
            document = tomlkit.parse((before or HEAD.encode()).decode("utf-8-sig"))
            change(document)
            self._keeper.guard(document)
            data = tomlkit.dumps(document).encode()
            after = self._checked(data)
            return data

        self._keeper.edit(apply)
        return after

    def take_in(self, data: bytes, name: str, *, replace: bool = False) -> TakenIn:
        """Add the alerts and channels of a file; those that are there stay unless `replace`. `name` is what errors call the
        file."""
        load_definitions(data, name, folder=self._keeper.folder)
        other, found = tomlkit.parse(data.decode("utf-8-sig")), TakenIn()

        def change(document: TOMLDocument) -> None:
            nonlocal found
            found = take_in(document, other, SECTIONS, replace=replace)

        self.edit(change)
        return found

    def toml(self) -> bytes:
        """The alerts as a file."""
        return self._keeper.read() or HEAD.encode()

    def _checked(self, data: bytes) -> Definitions:
        return load_definitions(data, self.place, folder=self._keeper.folder)


def withhold(document: TOMLDocument, folder: Path) -> None:
    """Move the secrets of channels from a list into files of this machine, and leave references (`file:...`) to these.

    Args:
        document: the list.
        folder: the files go into `secrets` there; references are relative to it.
    """
    for name, table in document.get("channels", {}).items():
        kept = [key for key in SECRETS if table.get(key) and not is_reference(table[key])]
        for key in kept if NAME.fullmatch(name) else ():
            place = f"{WITHHELD}/{_file_name(name)}.{key}"
            make_folder((folder / place).parent)
            files.replace(folder / place, f"{table[key]}\n".encode(), FILE_MODE)
            log_line.warning(
                "a channel's secret stays on this machine: each machine that delivers alerts needs this file",
                channel=name,
                file=str(folder / place),
            )
            table[key] = f"file:{place}"


def _file_name(channel: str) -> str:
    """The name of a channel as that of a file which any file system and backup can hold."""
    return channel if channel.isascii() else hashlib.blake2b(channel.encode(), digest_size=8).hexdigest()


def version_of(table: Mapping[str, Any]) -> str:
    """A hash of an alert's table, which differs after each change of this table, and of no other."""
    return hashlib.blake2b(msgspec.json.encode(dict(table), order="deterministic"), digest_size=8).hexdigest()


def add_to(document: TOMLDocument, table: Mapping[str, Any], urls: Sequence[str], place: str) -> None:
    """Put a new alert into the document.

    Args:
        document: the file.
        table: the alert's keys.
        urls: where it is sent besides its channels: each becomes a channel that goes with it.
        place: where they are, for errors.
    """
    name = str(table.get("name", ""))
    if any(one.get("name") == name for one in document.get("alert", [])):
        reason = "there is an alert of this name; choose another, or remove it with `wirewatch alerts remove`"
        raise FieldError(f"{place}, alert {name!r}", "name", reason)
    made = [add_channel(document, name, url, number) for number, url in enumerate(urls)]
    added = tomlkit.table()
    added.update(table)
    if made:
        added["channels"] = [*table.get("channels", ()), *made]
    document.setdefault("alert", tomlkit.aot()).append(added)


def put_into(document: TOMLDocument, name: str, table: Mapping[str, Any], version: str, place: str) -> None:
    """Give an alert other keys; its comments stay, and whether it is muted.

    Raises EditConflict if it is not the one that `version` was made of.
    """
    found = _unchanged(document, name, version, place)
    kept = {"name", *MUTES}
    for key in [key for key in found if key not in table and key not in kept]:
        del found[key]
    for key, value in table.items():
        if key not in kept and found.get(key) != value:
            found[key] = value


def _unchanged(document: TOMLDocument, name: str, version: str, place: str) -> Any:
    """The table of an alert that is still what its editor read."""
    found = next((table for table in document.get("alert", []) if table.get("name") == name), None)
    if found is None:
        raise EditConflict(f"{place}, alert {name!r}: has been removed in the meantime")
    if version_of(found.unwrap()) != version:
        raise EditConflict(
            f"{place}, alert {name!r}: has been changed in the meantime; nothing was overwritten"
        )
    return found


def silence(document: TOMLDocument, name: str, until: datetime | None, place: str) -> None:
    """Mute an alert, until a moment or for good."""
    table = unmute(document, name, place)
    if until:
        table["muted_until"] = until.replace(microsecond=0)
    else:
        table["muted"] = True


def unmute(document: TOMLDocument, name: str, place: str) -> Any:
    """Unmute an alert; returns its table."""
    table = table_of(document, name, place)
    for key in MUTES:
        table.pop(key, None)
    return table


def table_of(document: TOMLDocument, name: str, place: str) -> Any:
    """An alert's table in the document; raises ConfigError if there is none."""
    tables = document.get("alert", [])
    found = next((table for table in tables if table.get("name") == name), None)
    if found is None:
        known = ", ".join(repr(str(table.get("name"))) for table in tables) or "none"
        raise ConfigError(f"{place}: no alert is called {name!r}; there are: {known}")
    return found


class TakenOut(msgspec.Struct, frozen=True):
    """What became of an alert's channels when it was taken out of the file."""

    removed: tuple[str, ...]
    """They were made for it, and nothing else uses them."""
    used: Mapping[str, tuple[str, ...]]
    """They stay: the alerts that use them, too."""
    unused: tuple[str, ...]
    """They stay though no alert uses them any more: people wrote them."""


def take_out(document: TOMLDocument, name: str, place: str, version: str | None = None) -> TakenOut:
    """Take an alert out of the document, with the channels that `add_channel` made for it and that no other alert uses.

    Raises EditConflict if it is not the one that `version` was made of.
    """
    table = table_of(document, name, place) if version is None else _unchanged(document, name, version, place)
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
    """The alerts that are sent to a channel."""
    return tuple(
        str(one.get("name")) for one in document.get("alert", []) if channel in one.get("channels", ())
    )


def add_channel(document: TOMLDocument, name: str, url: str, number: int) -> str:
    """Put a channel for a URL into the document, under the name of the alert it is for; returns how it is called.

    The channel bears the mark that it was made for this alert, so that it goes with it.
    """
    called = f"{name} {number + 1}" if number else name
    put_channel(document, called, {"kind": kind_of(url), "url": url, MADE_FOR: name})
    return called


def kind_of(url: str) -> str:
    """The kind of channel that a URL leads to. A reference is taken for a webhook only if it refers to one here."""
    with suppress(ValueError):
        url = resolved(url, os.environ, Path()) if is_reference(url) else url
    return "webhook" if url.startswith(("http://", "https://")) else "apprise"


def put_channel(document: TOMLDocument, name: str, table: Mapping[str, Any]) -> None:
    """Put a new channel into the document."""
    channels = document.setdefault("channels", tomlkit.table(is_super_table=True))
    if name in channels:
        raise FieldError(f"channel {name!r}", "name", "is there already; use this channel, or another name")
    added = tomlkit.table()
    added.update(table)
    channels[name] = added


def take_out_channel(document: TOMLDocument, name: str, place: str) -> None:
    """Take a channel out of the document; raises ConfigError if there is none, or an alert uses it."""
    channels = document.get("channels", {})
    if name not in channels:
        known = ", ".join(map(repr, channels)) or "none"
        raise ConfigError(f"{place}: no channel of this list is called {name!r}; there are: {known}")
    users = _users(document, name)
    if users:
        alerts = ", ".join(map(repr, users))
        raise ConfigError(
            f"{place}, channel {name!r}: is used by {alerts}; take it out of these alerts first"
        )
    del channels[name]


class AlertFile:
    """The current alerts of a file, for stages that ask often; a change gives another object. Thread-safe.

    A file that was broken by an edit is reported, and the last good one stays in force. Where there has been none since the
    start, the list is `unusable`. Channels that can't be used are tried again now and then: a file that they refer to may come.

    Args:
        path: of the file.
        before: of the file that counts as long as `path` is not there.
    """

    def __init__(self, path: Path, before: Path | None = None) -> None:
        self._paths = dict.fromkeys((path, before or path))
        self._lock = threading.Lock()
        self._path = path
        self._stamp = self._read_stamp()
        self._definitions: Definitions | None = None
        self._fault = ""
        self._tried = time.monotonic()
        """When the channels that can't be used were last tried (monotonic clock, seconds)."""
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
            "the last good alerts stay in force" if usable else "until that is fixed, articles wait for it"
        )

    def _current(self) -> Definitions | None:
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                self._load()
            elif self._definitions and self._definitions.broken:
                self._try_broken(self._definitions)
            return self._definitions

    def _try_broken(self, before: Definitions) -> None:
        if time.monotonic() - self._tried < BROKEN_SECONDS:
            return
        self._tried = time.monotonic()
        with suppress(ConfigError):
            found = load(self._path)
            if found.broken != before.broken:
                self._definitions = _reported(found)

    def _load(self) -> None:
        try:
            self._definitions, self._fault = _reported(load(self._path)), ""
        except ConfigError as error:
            self._fault = str(error)
            log_line.error("alerts not read", reason=self._fault, last_good=self._definitions is not None)
        else:
            log_line.info("alerts read", file=str(self._path), alerts=len(self._definitions.alerts))

    def _read_stamp(self) -> tuple[int, int, int] | None:
        for path in self._paths:
            try:
                found = path.stat()
            except OSError:
                continue
            self._path = path
            return found.st_mtime_ns, found.st_size, found.st_ino
        return None


def _reported(definitions: Definitions) -> Definitions:
    """The same; the log names the channels that can't be used."""
    for channel, reason in definitions.broken.items():
        log_line.error("channel can't be used, its alerts wait", channel=channel, reason=reason)
    return definitions
