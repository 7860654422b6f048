"""What CI does with a test that failed: `.ci/again`."""

import subprocess
import sys
from pathlib import Path

import pytest

AGAIN = Path(__file__).parents[2] / ".ci" / "again"
FAILS_ONCE = """
from pathlib import Path

def test_it():
    tried = Path(__file__).with_suffix(".tried")
    is_first = not tried.exists()
    tried.touch()
    assert not is_first
"""


def asked_again(folder: Path, *tests: str) -> "subprocess.CompletedProcess[str]":
    """Run tests, of which some fail, and then `.ci/again` in the same folder."""
    for number, text in enumerate(tests):
        (folder / f"test_{number}.py").write_text(text)
    subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, capture_output=True, check=False)
    return subprocess.run([AGAIN, sys.executable], cwd=folder, capture_output=True, text=True, check=False)


def test_what_failed_once_has_to_pass_three_times_and_is_named(tmp_path: Path) -> None:
    done = asked_again(tmp_path, FAILS_ONCE, "def test_well(): pass")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1 passed") == 3
    assert "WARNING" in done.stdout
    assert "test_0.py::test_it" in done.stdout
    assert "test_1" not in done.stdout


@pytest.mark.parametrize(
    "tests",
    [
        (FAILS_ONCE, "def test_never(): assert False"),
        (FAILS_ONCE,) * 4,
        ("def test_well(): pass",),
    ],
    ids=["one that fails again", "four that failed", "none that failed"],
)
def test_all_else_stays_red(tmp_path: Path, tests: tuple[str, ...]) -> None:
    assert asked_again(tmp_path, *tests).returncode != 0


def test_a_run_that_never_began_stays_red(tmp_path: Path) -> None:
    done = subprocess.run([AGAIN, sys.executable], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode != 0
