"""The file of a backup: what is saved is restored byte for byte, and no made-up file does harm."""

import hashlib
import os
import sqlite3
import stat
import threading
import warnings
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from stream.errors import ConfigError
from wirewatch.process import backup_file
from wirewatch.process.backup_file import (
    MANIFEST,
    Manifest,
    NotABackup,
    Saved,
    Source,
    copy_database,
    is_name,
    reading,
    unpack,
    writing,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def silent(*_: object) -> None:
    pass


def manifest(*files: Saved, **fields: Any) -> Manifest:
    return Manifest(wirewatch="0.3", made=NOON, files=files, **fields)


def save(file: Path, *sources: Source) -> None:
    with writing(file, silent) as writer:
        for source in sources:
            writer.add(source)
        writer.finish(manifest(*writer.saved))


def restored(file: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with reading(file) as (archive, found):
        unpack(archive, found, folder, silent)
    return folder


def made_up(file: Path, name: str = "a", content: bytes = b"content", **manifested: Any) -> Path:
    """A file that is well-formed but for what is said otherwise."""
    saved = Saved(name, len(content), hashlib.sha256(content).hexdigest())
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.zst", zstandard.compress(content))
        archive.writestr(
            MANIFEST, msgspec.json.encode(manifest(msgspec.structs.replace(saved, **manifested)))
        )
    return file


def test_files_come_back_byte_for_byte_and_private(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "one").write_bytes(content)
    (tmp_path / "empty").touch()
    save(tmp_path / "b.zip", Source("deep/one", tmp_path / "one"), Source("empty", tmp_path / "empty"))
    folder = restored(tmp_path / "b.zip", tmp_path / "new")
    assert (folder / "deep" / "one").read_bytes() == content
    assert (folder / "empty").read_bytes() == b""
    for path in (tmp_path / "b.zip", folder / "deep" / "one"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("precious")
    with pytest.raises(ConfigError, match="exists already"):
        save(tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "precious"


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save(tmp_path / "b.zip", Source("a", tmp_path / "missing"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_is_copied_as_of_one_moment_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "_PAGES", 1)
    path, copy, over = tmp_path / "live.sqlite", tmp_path / "copy.sqlite", threading.Event()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE pairs (a INTEGER, b INTEGER, filling BLOB)")
        connection.executemany(
            "INSERT INTO pairs VALUES (?, ?, randomblob(2000))", [(n, -n) for n in range(500)]
        )

        def write() -> None:
            number = 500
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                while not over.is_set():
                    other.execute("INSERT INTO pairs VALUES (?, ?, randomblob(2000))", (number, -number))
                    number += 1

        writer = threading.Thread(target=write)
        writer.start()
        copy_database(path, copy)
        over.set()
        writer.join()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (number, last) = connection.execute("SELECT count(*), max(a) FROM pairs").fetchone()
        assert number == last + 1 >= 500


def test_what_is_counted_is_counted_in_the_copy(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "d")) as connection:
        connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2);")
    with writing(tmp_path / "b.zip", silent) as writer:
        writer.add(Source("d", tmp_path / "d", count=("rows", "SELECT count(*) FROM t")))
        assert writer.counts == {"rows": 2}
        writer.finish(manifest(*writer.saved))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.zip", "d"]


@pytest.mark.parametrize(
    "name",
    [
        *("../a", "/a", "a/../../b", "C:\\a", "a\\b", "", ".", "a//b", "a/", ".hidden", "a\0", "a\n"),
        *("x" * 101, "é", "a.", "a ", "a/b/c/d/e/f/g"),
    ],
)
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    assert not is_name(name)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.zst", zstandard.compress(b""))
        archive.writestr(MANIFEST, msgspec.json.encode(manifest(Saved(name, 0, ""))))
    with pytest.raises(NotABackup):
        restored(tmp_path / "b.zip", tmp_path / "new")


@pytest.mark.parametrize(
    "name", ["log.sqlite", "index/documents.sqlite", "outside/alerts.toml", "my alerts.toml"]
)
def test_the_names_that_are_used(name: str) -> None:
    assert is_name(name)


def no_zip(file: Path) -> None:
    file.write_bytes(b"PK no zip")


def no_manifest(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.zst", b"")


def no_json(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, b"{")


def huge_manifest(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b" " * 2_000_000)


def further_file(file: Path) -> None:
    made_up(file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("b.zst", b"")


def missing_file(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, msgspec.json.encode(manifest(Saved("a", 0, ""))))


def twice(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's, of the name that is there twice
        for _ in range(2):
            archive.writestr("a.zst", b"")
        archive.writestr(MANIFEST, msgspec.json.encode(manifest(Saved("a", 0, ""), Saved("a", 0, ""))))


def bomb(file: Path) -> None:
    made_up(file, content=b"\0" * 50_000_000, bytes=10)


def too_short(file: Path) -> None:
    made_up(file, bytes=100)


def other_hash(file: Path) -> None:
    made_up(file, sha256="0" * 64)


def cut(file: Path) -> None:
    made_up(file, content=os.urandom(100_000))
    data = bytearray(file.read_bytes())
    data[50_000] ^= 1
    file.write_bytes(data)


def not_compressed(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.zst", b"plain")
        archive.writestr(
            MANIFEST, msgspec.json.encode(manifest(Saved("a", 5, hashlib.sha256(b"plain").hexdigest())))
        )


@pytest.mark.parametrize(
    "make",
    [
        *(no_zip, no_manifest, no_json, huge_manifest, further_file, missing_file, twice, bomb, too_short),
        *(other_hash, cut, not_compressed),
    ],
)
def test_a_file_that_is_damaged_or_not_a_backup_is_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "b.zip")
    with pytest.raises(NotABackup):
        restored(tmp_path / "b.zip", tmp_path / "new")
    assert sum(one.stat().st_size for one in (tmp_path / "new").rglob("*")) < 1_000_000


def test_a_newer_one_is_refused_in_words(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(MANIFEST, msgspec.json.encode({"v": 2, "other": []}))
    with pytest.raises(ConfigError, match="a newer wirewatch"):
        restored(tmp_path / "b.zip", tmp_path / "new")


def test_one_that_does_not_fit_is_refused_before_it_is_written(tmp_path: Path) -> None:
    made_up(tmp_path / "b.zip", bytes=2**62)
    with pytest.raises(ConfigError, match="are free"):
        restored(tmp_path / "b.zip", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        restored(tmp_path / "none.zip", tmp_path / "new")
