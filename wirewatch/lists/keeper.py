"""What keeps a list that people write as TOML (alerts, topics): a file of one machine, or the log that several share."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tomlkit import TOMLDocument

from stream import files
from stream.errors import ConfigError
from wirewatch.process.private import FILE_MODE, make_folder


class Keeper(Protocol):
    """Keeps a list. Its methods block, and raise ConfigError or RetryLater."""

    place: str
    """Where it is, for a person and in errors."""
    folder: Path
    """What relative paths in the list are relative to."""

    def read(self) -> bytes | None:
        """The list as it is now; None if there is none."""

    def edit(self, change: Callable[[bytes | None], bytes]) -> None:
        """Change the list in one step. `change` maps the list as it is to the one that is to be; if it raises, the list stays
        as it was. It may be called again if others change the list meanwhile."""

    def guard(self, document: TOMLDocument) -> None:
        """Take out of a changed list what must not be kept in it."""


class OwnFile:
    """A list in a file of this machine.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path)
        self.folder = path.parent

    def read(self) -> bytes | None:
        """What is in the file."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"{self._path}: can't be read: {error}") from error

    def edit(self, change: Callable[[bytes | None], bytes]) -> None:
        """Change the file."""
        try:
            make_folder(self._path.parent)
            files.edit(self._path, change, FILE_MODE)  # it may hold passwords
        except OSError as error:
            raise ConfigError(f"{self._path}: can't be changed: {error.strerror or error}") from error

    def guard(self, document: TOMLDocument) -> None:
        """Nothing: the file is this user's alone."""
