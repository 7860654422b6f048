"""A backup: one ZIP file with a manifest and the saved files, each compressed with Zstandard.

Any `unzip` and `zstd` can open it. The manifest names each file with its size and SHA-256. A backup to be read may come from
anybody: its names can't leave the folder, and no more is written than the manifest announces and the disk has room for.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from stream.errors import ConfigError

MANIFEST = "manifest.json"
VERSION = 1
_LEVEL = 3
_PIECE = 2**20
_PAGES = 4096
"""Pages of a database that are copied in one step."""
_LARGEST_MANIFEST = 2**20
_MOST_FILES = 1_000
_NAME = re.compile(r"[A-Za-z0-9_][\w. -]{0,99}(?:/[A-Za-z0-9_][\w. -]{0,99}){0,5}", re.ASCII)

Tell = Callable[[str, int, int], None]
"""Is told how far it is: the file's name, the bytes that are done, and all its bytes."""


class Saved(msgspec.Struct, frozen=True):
    """A file of a backup."""

    name: str
    """Its path in the data folder that is restored."""
    bytes: int
    sha256: str
    was: str = ""
    """Where it was, if that was outside the data folder."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup has."""

    v: int = VERSION
    wirewatch: str
    """The version that wrote it."""
    made: datetime
    counts: Mapping[str, int] = {}
    """How many articles and so on it has, to be compared after it was restored."""
    missing: Sequence[str] = ()
    """What it does not have, in sentences."""
    files: tuple[Saved, ...]


class Source(msgspec.Struct, frozen=True):
    """A file to be saved."""

    name: str
    path: Path
    was: str = ""
    count: tuple[str, str] | None = None
    """What is counted of the copy, and by which SQL; None: nothing."""


class NotABackup(ConfigError):
    """The file is not a backup, or is damaged."""


class Writer:
    """Adds files to a backup, made by `writing`."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path, tell: Tell) -> None:
        self._archive = archive
        self._folder = folder
        self._tell = tell
        self.saved: list[Saved] = []
        self.counts: dict[str, int] = {}

    def add(self, source: Source) -> None:
        """Add a file as it is now. A SQLite database is copied as of one moment, whoever writes to it; meanwhile the copy needs
        its size beside the backup."""
        if not _is_database(source.path):
            self._pack(source, source.path)
            return
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=self._folder) as folder:
            copy = Path(folder) / "copy"
            copy_database(source.path, copy)
            if source.count:
                self.counts[source.count[0]] = count(copy, source.count[1])
            self._pack(source, copy)

    def _pack(self, source: Source, path: Path) -> None:
        total, done, digest = path.stat().st_size, 0, hashlib.sha256()
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
        with (
            path.open("rb") as file,
            self._archive.open(f"{source.name}.zst", "w", force_zip64=True) as packed,
            compressor.stream_writer(packed, closefd=False) as out,
        ):
            while piece := file.read(_PIECE):
                out.write(piece)
                digest.update(piece)
                done += len(piece)
                self._tell(source.name, done, max(done, total))
        self.saved.append(Saved(source.name, done, digest.hexdigest(), source.was))

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest."""
        content = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        self._archive.writestr(MANIFEST, content)


@contextmanager
def writing(file: Path, tell: Tell) -> Iterator[Writer]:
    """A new backup, readable by its owner only, which takes its name when the block has ended well.

    Raises ConfigError if the file exists.
    """
    _check_is_new(file)
    partial = file.with_name(f".{file.name}.part")
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
                yield Writer(archive, file.parent, tell)
            out.flush()
            os.fsync(out.fileno())
        _check_is_new(file)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def is_name(name: str) -> bool:
    """Whether a file of a backup may have this name: a plain path within the folder."""
    return _NAME.fullmatch(name) is not None and not any(
        part.endswith((".", " ")) for part in name.split("/")
    )


def _check_is_new(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise ConfigError(f"{file} exists already; a backup never replaces a file")


def copy_database(path: Path, copy: Path) -> None:
    """Copy a SQLite database as of now, by SQLite's own means, while others may write to it."""
    with closing(_opened(path)) as source, closing(sqlite3.connect(copy, isolation_level=None)) as target:
        source.execute("BEGIN")  # without it, the copy would begin anew with each write of another process
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(target, pages=_PAGES)


def count(path: Path, query: str) -> int:
    """The number that a query of a database gives."""
    with closing(_opened(path)) as connection:
        (number,) = connection.execute(query).fetchone()
        return int(number)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


@contextmanager
def reading(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup and its manifest, which was checked against what the file has.

    Raises NotABackup, or ConfigError for one that a newer wirewatch made.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, _manifest(archive, file)
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file") from None
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise NotABackup(f"{file} is not a backup of wirewatch, or is damaged: {error}") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    entries = archive.infolist()
    found = [one for one in entries if one.filename == MANIFEST]
    if len(found) != 1 or found[0].file_size > _LARGEST_MANIFEST:
        raise NotABackup(f"{file} is not a backup of wirewatch: it has no {MANIFEST}")
    try:
        content = archive.read(found[0])
        if msgspec.json.decode(content, type=_Versioned).v > VERSION:
            raise ConfigError(f"{file} was made by a newer wirewatch: use that to restore it")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RuntimeError) as error:
        raise NotABackup(f"{file}: {MANIFEST} can't be read: {error}") from None
    names = [one.name for one in manifest.files]
    if bad := [name for name in names if not is_name(name)]:
        raise NotABackup(f"{file} names a file {bad[0][:100]!r}, which no backup has")
    expected = sorted([MANIFEST, *(f"{name}.zst" for name in names)])
    if len(names) > _MOST_FILES or sorted(one.filename for one in entries) != expected:
        raise NotABackup(f"{file} does not have exactly the files that its {MANIFEST} names")
    return manifest


class _Versioned(msgspec.Struct):
    v: int = 0


def unpack(archive: zipfile.ZipFile, manifest: Manifest, folder: Path, tell: Tell) -> None:
    """Write the files of a backup into a folder, for its owner only.

    Raises NotABackup if one is not what the manifest says, ConfigError if they don't fit on the disk.
    """
    needed, free = sum(one.bytes for one in manifest.files), shutil.disk_usage(folder).free
    if needed > free:
        raise ConfigError(f"the backup needs {needed:,} bytes in {folder.parent}, where {free:,} are free")
    for one in manifest.files:
        target = folder / one.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            _unpack_one(archive, one, out, tell)
            out.flush()
            os.fsync(out.fileno())


def _unpack_one(archive: zipfile.ZipFile, one: Saved, out: BinaryIO, tell: Tell) -> None:
    done, digest = 0, hashlib.sha256()
    try:
        with (
            archive.open(f"{one.name}.zst") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=False) as content,
        ):
            while piece := content.read(min(_PIECE, one.bytes + 1 - done)):
                done += len(piece)
                if done > one.bytes:
                    break
                digest.update(piece)
                out.write(piece)
                tell(one.name, done, one.bytes)
    except (zipfile.BadZipFile, zstandard.ZstdError, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotABackup(f"{one.name} in the backup is damaged: {error}") from error
    if done != one.bytes or digest.hexdigest() != one.sha256:
        raise NotABackup(f"{one.name} in the backup is damaged: it is not what {MANIFEST} says")
