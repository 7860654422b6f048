import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from samples.places import ROOT
from waiting import PATIENCE

from stream.log.locks import LockFolder


def is_dead(locks: LockFolder, name: str) -> bool:
    with locks.dead(name) as dead:
        return dead


def test_a_holder_is_alive_until_it_releases(tmp_path: Path) -> None:
    mine, theirs = LockFolder(tmp_path / "locks"), LockFolder(tmp_path / "locks")
    held = mine.hold()
    assert not is_dead(theirs, held.name)
    assert not is_dead(mine, held.name)
    held.release()
    assert is_dead(theirs, held.name)
    assert list((tmp_path / "locks").iterdir()) == []


def test_where_an_open_file_can_not_be_removed_it_is_once_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    unlink, held = Path.unlink, LockFolder(tmp_path).hold()

    def refuse_while_held(self: Path, missing_ok: bool = False) -> None:
        if held._lock.is_locked:
            raise PermissionError
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse_while_held)
    held.release()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_dead_one_stays_when_its_burial_fails(tmp_path: Path) -> None:
    locks = LockFolder(tmp_path)
    with pytest.raises(RuntimeError), locks.dead("gone"):
        raise RuntimeError
    assert is_dead(locks, "gone")


def test_sweeping_leaves_the_living(tmp_path: Path) -> None:
    locks = LockFolder(tmp_path)
    held = locks.hold()
    (tmp_path / "stale.alive").touch()
    (tmp_path / "other.file").touch()
    LockFolder(tmp_path).sweep()
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([f"{held.name}.alive", "other.file"])
    held.release()


def test_sigkill_frees_the_lock_also_when_a_forked_child_lives_on(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from stream.log.locks import LockFolder\n"
        "held = LockFolder(Path(sys.argv[1])).hold()\n"
        "child = os.fork()\n"
        "if not child: print(held.name, os.getpid(), flush=True)\n"  # the child: by now it has released its copy
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        name, child = process.stdout.readline().split()
        try:
            assert not is_dead(LockFolder(tmp_path), name)
            process.kill()
            process.wait(PATIENCE)
            assert is_dead(LockFolder(tmp_path), name)
        finally:
            os.kill(int(child), signal.SIGKILL)
