"""Reports damaged files (a failing disk, a truncated copy) in words, never with a traceback from SQLite or tantivy."""

import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import zstandard

from stream.errors import ConfigError

_FOOTER_MAGIC = 1337
_CHECKED = (".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term", ".del")
"""Files of a tantivy segment. Each ends with a footer: JSON with the CRC-32 of what is before it, its length, and a magic
number (tantivy's src/directory/footer.rs)."""
_CHUNK = 2**20


class Damaged(ConfigError):
    """Stored data can't be read. The message names the file and what to do."""


@contextmanager
def archive_is_read(path: Path) -> Iterator[None]:
    """Raises Damaged for errors of SQLite and the decoders about damaged documents. Temporary errors are not touched."""
    try:
        yield
    except (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_about_text(error):
            raise
        raise Damaged(
            f"{path} is damaged ({error}): wirewatch check says how badly, wirewatch check --repair saves what can be read"
        ) from error


def _is_about_text(error: sqlite3.OperationalError) -> bool:
    """Whether Python could not decode a column; SQLite itself had no objection, so there is no code."""
    return "decode to UTF-8" in str(error)


@contextmanager
def index_is_read(folder: Path) -> Iterator[None]:
    """Raises Damaged for tantivy's reaction to damaged files: a panic, which is not an Exception, or an error."""
    try:
        yield
    except BaseException as error:
        if not _is_damage(error):
            raise
        raise Damaged(
            f"the search index in {folder} is damaged ({str(error)[:200]}): wirewatch run rebuilds it from the archive when it"
            " starts, wirewatch check --repair does so now"
        ) from error


def _is_damage(error: BaseException) -> bool:
    panicked = type(error).__name__ == "PanicException"  # pyo3's; it can't be imported
    said = str(error).lower()
    return panicked or (
        isinstance(error, ValueError) and ("corrupt" in said or "file does not exist" in said)
    )


def broken_files(folder: Path) -> list[str]:
    """The names of a tantivy index's files that differ from what was written. Files not in use (yet) are ignored."""
    try:
        meta = json.loads((folder / "meta.json").read_bytes())
        used = {each["segment_id"].replace("-", "") for each in meta["segments"]}
    except (OSError, ValueError, KeyError, TypeError):
        return ["meta.json"]
    found = sorted(
        file for file in folder.iterdir() if file.suffix in _CHECKED and file.name.partition(".")[0] in used
    )
    return [file.name for file in found if not _is_whole(file)]


def _is_whole(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            size = file.stat().st_size
            opened.seek(max(size - 8, 0))
            length, magic = struct.unpack("<II", opened.read(8))
            if magic != _FOOTER_MAGIC or length + 8 > size:
                return False
            opened.seek(size - 8 - length)
            wanted = json.loads(opened.read(length))["crc"]
            opened.seek(0)
            left, crc = size - 8 - length, 0
            while left and (chunk := opened.read(min(left, _CHUNK))):
                crc, left = zlib.crc32(chunk, crc), left - len(chunk)
    except FileNotFoundError:  # merged away in the meantime
        return True
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False
    return bool(crc == wanted)
