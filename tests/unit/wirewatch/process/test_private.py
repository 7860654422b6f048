import os
import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from stream.log.base import TopicSpec
from stream.log.sqlite.log import SqliteLog
from wirewatch.process.private import make_folder, make_private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


def modes(folder: Path) -> dict[str, int]:
    return {
        str(each.relative_to(folder)): stat.S_IMODE(each.stat().st_mode)
        for each in [folder, *folder.rglob("*")]
    }


def as_older_versions_made_it(folder: Path) -> None:
    (folder / "index" / "search").mkdir(parents=True)
    for name in (
        "log.sqlite",
        "log.sqlite-wal",
        "index/documents.sqlite",
        "index/search/meta.json",
        "mine.txt",
    ):
        (folder / name).write_text(name)
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o755 if each.is_dir() else 0o644)


def test_new_files_are_private_from_the_beginning(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make_folder(folder)
    with SqliteLog(folder / "log.sqlite", [TopicSpec("t")]):
        files = {
            name: mode for name, mode in modes(folder).items() if not name.startswith("log.sqlite.locks")
        }
    assert files == {".": 0o700, "log.sqlite": 0o600, "log.sqlite-shm": 0o600, "log.sqlite-wal": 0o600}


def test_an_older_folder_is_made_private_and_that_is_reported_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    as_older_versions_made_it(folder)
    outside = tmp_path / "shared"
    outside.write_text("x")
    outside.chmod(0o644)
    (folder / "alerts.toml").symlink_to(outside)
    with capture_logs() as logs:
        make_private(folder)
        (folder / "index" / "search" / "new").touch(mode=0o644)
        make_private(folder)
    assert [line["event"] for line in logs] == [
        "other users of this machine could read the data folder; now only you can"
    ]
    found = modes(folder)
    assert (found.pop("mine.txt"), found.pop("alerts.toml")) == (0o644, 0o644), "these are none of ours"
    assert {name for name, mode in found.items() if mode & 0o077} == set()
    assert found["index/search"] == 0o700


@pytest.mark.parametrize("which", ["home", "above home", "sticky"])
def test_a_folder_that_is_more_than_a_data_folder_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    folder = tmp_path / "data"
    as_older_versions_made_it(folder)
    if which == "sticky":
        folder.chmod(0o1777)
    else:
        monkeypatch.setattr(Path, "home", lambda: folder if which == "home" else folder / "someone")
    before = folder.stat().st_mode
    make_private(folder)
    assert folder.stat().st_mode == before
    assert stat.S_IMODE((folder / "log.sqlite").stat().st_mode) == 0o600
