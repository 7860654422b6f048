"""Keeps other users of the machine out of the data folder: the log holds the secrets of hubs, the lists those of channels."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog

log_line = structlog.get_logger("wirewatch.process.private")

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OURS = (
    *("log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "log.sqlite.locks", "index", "images"),
    *(
        f"{name}{part}"
        for name in ("access.sqlite", "desk.sqlite", "digests.sqlite")
        for part in ("", "-wal", "-shm")
    ),
    *("audit.jsonl", "sizes.json", "feeds.opml", "topics.toml", "alerts.toml", "wirewatch.toml"),
    *("alerts.shared.toml", "topics.shared.toml", "secrets"),
)
"""What wirewatch keeps in a data folder. It leaves everything else there alone."""


def make_folder(folder: Path) -> None:
    """Make the data folder where it is missing, for this user alone."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def make_private(folder: Path) -> None:
    """Take from others what an older wirewatch let them read; said in the log when that is done.

    The folder itself is left as it is where it is more than a data folder: one that others write to as well (`/tmp`), the home
    folder or one above it. Symbolic links are not followed.
    """
    ours = [folder] if _is_a_data_folder(folder) else []
    ours += [each for name in OURS for each in _with_contents(folder / name)]
    changed = [each for each in ours if _tighten(each)]
    if folder in changed or folder / OURS[0] in changed:
        log_line.warning(
            "other users of this machine could read the data folder; now only you can",
            folder=str(folder),
            changed=len(changed),
        )


def _is_a_data_folder(folder: Path) -> bool:
    whole, home = folder.resolve(), Path.home().resolve()
    shared = folder.stat().st_mode & (stat.S_ISVTX | stat.S_IWOTH)
    return not shared and whole != home and whole not in home.parents


def _with_contents(path: Path) -> Iterator[Path]:
    if path.is_symlink():
        return
    if path.is_dir():
        for folder, _, names in os.walk(path):
            yield Path(folder)
            yield from _files(Path(folder), names)
    elif path.is_file():
        yield path


def _files(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    return (folder / name for name in names if not (folder / name).is_symlink())


def _tighten(path: Path) -> bool:
    """Whether others could read, and can no longer. What vanished meanwhile, or is another user's, is left alone."""
    with suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
            return True
    return False
