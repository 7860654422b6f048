"""The command line as a shell runs it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from wirewatch.cli import main


@dataclass(frozen=True)
class Said:
    """A command's output and exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def call(
    data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Runs a command on the data folder of the test."""

    def run(command: str, *arguments: str) -> Said:
        named = command == "schema" or "--data" in arguments  # the one reads no data
        where = [] if named else ["--data", str(data)]
        monkeypatch.setattr(sys, "argv", ["wirewatch", *command.split(), *arguments, *where])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(ended.value.code or 0), *capfd.readouterr())

    return run
