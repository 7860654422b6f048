"""The user's alerts file, re-read when it changes."""

import importlib.resources
from pathlib import Path

import structlog

from alerts.definitions import NONE, Definitions, load_definitions
from wirewatch.errors import ConfigError

log_line = structlog.get_logger("wirewatch.alertlist")


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


class AlertFile:
    """The current alerts of a file, for stages that ask often; a change gives another object. A file that was broken by an edit
    is reported, and the last good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._read_stamp()
        self._definitions = load(path)

    def __call__(self) -> Definitions:
        """The alerts as the file has them now."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._definitions = load(self._path)
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
