import multiprocessing
import stat
from pathlib import Path

import pytest

from stream.files import BusyError, edit, locked, replace


def _append_numbers(path: Path, worker: int, times: int) -> None:
    for number in range(times):
        edit(path, lambda before, n=number: (before or b"") + f"{worker}.{n}\n".encode())


def test_many_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    path, context = tmp_path / "list", multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_numbers, args=(path, worker, 20)) for worker in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert [one.exitcode for one in workers] == [0] * 4
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(f"{worker}.{number}" for worker in range(4) for number in range(20))
    assert {one.name for one in tmp_path.iterdir()} - {".list.lock"} == {"list"}


def test_what_an_editor_saved_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"a\n")
    seen: list[bytes | None] = []

    def change(before: bytes | None) -> bytes:
        seen.append(before)
        if len(seen) == 1:
            path.write_bytes(b"a\nby the editor\n")
        return (before or b"") + b"b\n"

    edit(path, change)
    assert path.read_bytes() == b"a\nby the editor\nb\n"


def test_a_file_that_never_stands_still_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "list"

    def change(before: bytes | None) -> bytes:
        path.write_bytes((before or b"") + b"x")
        return b"mine"

    with pytest.raises(BusyError, match="keeps changing"):
        edit(path, change)
    assert b"mine" not in path.read_bytes()


def test_a_change_that_fails_leaves_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"a")

    def change(before: bytes | None) -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        edit(path, change)
    assert path.read_bytes() == b"a"
    assert not list(tmp_path.glob("*.new"))


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "real", tmp_path / "link"
    replace(path, b"1", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    link.symlink_to(path)
    edit(link, lambda _: b"2")
    assert link.is_symlink()
    assert path.read_bytes() == b"2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_writer_that_holds_the_file_is_named_after_a_while(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "list"),
        pytest.raises(BusyError, match="another process"),
        locked(tmp_path / "list", 0.01),
    ):
        pass
