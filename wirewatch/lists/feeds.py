"""The user's feed list: an OPML file, or with Kafka a compacted topic that begins with one; re-read when it changes."""

import hashlib
import importlib.resources
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from ingest.sources.feed import Feed
from ingest.sources.opml import Listed, Refused, add, feeds_in, missing, write_opml
from ingest.urls import shown
from stream import files
from stream.errors import ConfigError, EditConflict
from stream.log.base import Log, Outgoing
from stream.messages import decode, encode
from wirewatch.process.private import FILE_MODE, make_folder

log_line = structlog.get_logger("wirewatch.lists.feeds")


def default_opml() -> bytes:
    """The bundled list of public news feeds."""
    return importlib.resources.files("wirewatch").joinpath("defaults/feeds.opml").read_bytes()


def bundled() -> Sequence[Feed]:
    """Its feeds."""
    return feeds_in(default_opml(), "the bundled feed list").feeds


def load(path: Path) -> Listed:
    """What a list holds; raises ConfigError that names the file."""
    return feeds_in(_read(path), str(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such feed list; create one with: wirewatch feeds add URL"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error


def change(path: Path, to: Callable[[list[Feed]], Sequence[Feed]]) -> None:
    """Change a list in one step, so that a running poller never reads half of it and no other change is lost.

    Rows that can't be polled stay as they are. Raises ConfigError that names the file, or what `to` raises.
    """

    def changed(before: bytes | None) -> bytes:
        listed = Listed() if before is None else feeds_in(before, str(path))
        return write_opml(to(list(listed.feeds)), listed.refused)

    _edit(path, changed)


def ensure(path: Path) -> None:
    """Begin with the bundled list where there is none yet."""
    if not path.exists():
        _edit(path, lambda before: default_opml() if before is None else before)


def _edit(path: Path, to: Callable[[bytes | None], bytes]) -> None:
    try:
        make_folder(path.parent)
        files.edit(path, to, FILE_MODE)  # addresses of feeds may have passwords in them
    except OSError as error:
        raise ConfigError(f"{path}: can't be changed: {error.strerror or error}") from error


def version_of(feed: Feed) -> str:
    """A hash of a feed's row: another one after each change of it, and of it alone."""
    return hashlib.blake2b(encode(feed), digest_size=8).hexdigest()


def put_into(known: Sequence[Feed], feed: Feed, version: str) -> list[Feed]:
    """The list with another row for the feed of that URL; raises EditConflict if its row is not the one of that version."""
    found = _unchanged(known, feed.url, version)
    if feed.folder == found.folder:
        return [feed if one is found else one for one in known]
    return add([one for one in known if one is not found], feed)


def without(known: Sequence[Feed], url: str, version: str) -> list[Feed]:
    """The list without the feed of that URL; raises EditConflict as `put_into` does."""
    found = _unchanged(known, url, version)
    return [one for one in known if one is not found]


def _unchanged(known: Sequence[Feed], url: str, version: str) -> Feed:
    """The feed whose row is still what its editor read."""
    found = next((one for one in known if one.url == url), None)
    if found is None:
        raise EditConflict(f"{shown(url)}: has been removed from the feed list in the meantime")
    if version_of(found) != version:
        raise EditConflict(f"{shown(url)}: has been changed in the meantime; nothing was overwritten")
    return found


class FeedList(Protocol):
    """The feeds to be polled. Every method but the call itself may block."""

    def __call__(self) -> Sequence[Feed]:
        """The feeds to be polled, as of the last `refresh`; the same object for as long as nothing changed."""

    def refresh(self) -> None:
        """See whether the list has changed. May raise RetryLater."""

    def load(self) -> list[Feed]:
        """All feeds as they are now, also those that are paused; raises ConfigError if there is no list."""

    def refused(self) -> Sequence[Refused]:
        """The rows that can't be polled; raises ConfigError if there is no list."""

    def change(self, to: Callable[[list[Feed]], Sequence[Feed]]) -> None:
        """Change the list in one step.

        Args:
            to: from the feeds as they are (none where there is no list) to those there are to be. It may be called again if
                others change the list meanwhile; if it raises, the list stays as it was.
        """

    def ensure(self) -> None:
        """Begin with a list where there is none yet."""

    def exists(self) -> bool:
        """Whether there is a list."""

    @property
    def place(self) -> str:
        """Where it is, for a person."""


class FeedFile:
    """The feeds of an OPML file. A list that was broken by an edit is reported, and the last good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._feeds: Sequence[Feed] = ()

    def __call__(self) -> Sequence[Feed]:
        """The feeds as of the last `refresh`."""
        return self._feeds

    def refresh(self) -> None:
        """Read the file again if it changed."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            listed = load(self._path)
            self._feeds = _polled(listed.feeds)
            log_line.info("feed list read", file=str(self._path), feeds=len(listed.feeds))
            _report(listed, self._path)
        except ConfigError as error:
            log_line.error("feed list not read, the last good one stays", reason=str(error))

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def load(self) -> list[Feed]:
        """The feeds as the file has them now."""
        return list(load(self._path).feeds)

    def refused(self) -> Sequence[Refused]:
        """The rows of the file that can't be polled."""
        return load(self._path).refused

    def change(self, to: Callable[[list[Feed]], Sequence[Feed]]) -> None:
        """Change the file in one step."""
        change(self._path, to)

    def ensure(self) -> None:
        """Begin with the bundled list."""
        ensure(self._path)

    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self._path)


class FeedTopic:
    """The feeds of a compacted topic, which pollers on any number of machines share. It begins with those of an OPML file."""

    def __init__(self, log: Log, topic: str, file: Path) -> None:
        self._log = log
        self._topic = topic
        self._file = file
        self._position: Mapping[int, int] = {}
        """Of the topic, at the last `refresh`."""
        self._feeds: Sequence[Feed] = ()

    def __call__(self) -> Sequence[Feed]:
        """The feeds as of the last `refresh`."""
        return self._feeds

    def refresh(self) -> None:
        """Read what others have changed; cheap if nothing has changed."""
        found = self._log.changes(self._topic, self._position)
        if found.position != self._position:
            values = found.values if found.is_all else self._log.latest(self._topic)
            self._position, self._feeds = found.position, _polled(_in_order(values))

    def load(self) -> list[Feed]:
        """The feeds as they are now, by folder and title; a topic keeps no order of its own."""
        return _in_order(self._log.latest(self._topic))

    def refused(self) -> Sequence[Refused]:
        """None: what can't be polled is not put into the topic."""
        return ()

    def change(self, to: Callable[[list[Feed]], Sequence[Feed]]) -> None:
        """Write what differs. Of two who change the same feed at once, the later one wins."""
        held = self._log.latest(self._topic)
        wanted = {feed.url: encode(feed) for feed in to(_in_order(held))}
        changed = [Outgoing(self._topic, url, new) for url, new in wanted.items() if held.get(url) != new]
        gone = [Outgoing(self._topic, url, None) for url in held if url not in wanted]
        self._log.produce([*changed, *gone])

    def ensure(self) -> None:
        """Begin with the file's feeds, or the bundled ones."""
        if self.exists():
            return
        ensure(self._file)
        listed = load(self._file)
        self.change(lambda others: [*listed.feeds, *missing(listed.feeds, others)])
        log_line.info("feed list taken over", file=str(self._file), place=self.place)
        _report(listed, self._file)

    def exists(self) -> bool:
        """Whether there is any feed."""
        return bool(self._log.latest(self._topic))

    @property
    def place(self) -> str:
        """The topic."""
        return f"the topic {self._topic} of the log, which all pollers share"


def _polled(feeds: Sequence[Feed]) -> Sequence[Feed]:
    """Those that are not paused."""
    return tuple(feed for feed in feeds if not feed.paused)


def _in_order(values: Mapping[str, bytes]) -> list[Feed]:
    feeds = [decode(value, Feed) for value in values.values()]
    return sorted(feeds, key=lambda feed: (feed.folder, feed.title.casefold(), feed.url))


def _report(listed: Listed, path: Path) -> None:
    for one in listed.refused:
        log_line.warning(
            "row of the feed list can't be polled",
            file=str(path),
            line=one.line,
            title=one.title,
            reason=one.reason,
        )
