"""The user's feed list: an OPML file, re-read when it changes."""

import importlib.resources
from collections.abc import Sequence
from pathlib import Path

import structlog

from ingest.opml import feeds_in, read_opml, write_opml
from ingest.poll import Feed
from wirewatch.errors import ConfigError

log_line = structlog.get_logger("wirewatch.feedlist")


def default_opml() -> bytes:
    """The bundled list of public news feeds."""
    return importlib.resources.files("wirewatch").joinpath("defaults/feeds.opml").read_bytes()


def load(path: Path) -> list[Feed]:
    """The feeds of a list; raises ConfigError that names the file, also if there are none."""
    return read_opml(_read(path), str(path))


def load_for_edit(path: Path) -> list[Feed]:
    """The feeds of a list, which may be none yet; raises ConfigError that names the file."""
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


def save(path: Path, feeds: Sequence[Feed]) -> None:
    """Replace the list in one step, so that a running poller never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(write_opml(feeds))
    fresh.replace(path)


def ensure(path: Path) -> None:
    """Begin with the bundled list where there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(default_opml())


class FeedFile:
    """The current feeds of a file, for a poller that asks often. A list that was broken by an edit is reported, and the last
    good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._read_stamp()
        self._feeds = load(path)

    def __call__(self) -> Sequence[Feed]:
        """The feeds as the file has them now."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._feeds = load(self._path)
                log_line.info("feed list read again", file=str(self._path), feeds=len(self._feeds))
            except ConfigError as error:
                log_line.error("feed list not read, the last good one stays", reason=str(error))
        return self._feeds

    def _read_stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
