"""The command line as a shell runs it."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from samples.documents import checked

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


@dataclass(frozen=True)
class Here:
    """The command line on the data folder of the test.

    Attributes:
        call: runs a command.
        give: puts a text on its standard input.
        data: the folder.
    """

    call: Callable[..., Said]
    give: Callable[[str], None]
    data: Path

    def run(self, *arguments: str, code: int = 0, given: str = "") -> Said:
        """Run a command that ends with this code."""
        self.give(given)
        said = self.call(*arguments)
        assert said.code == code, said
        return said

    def ask(self, *arguments: str) -> dict[str, Any]:
        """The one document that a command prints."""
        return checked(json.loads(self.run(*arguments, "--json").out))

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """The documents that a command prints, one a line."""
        return [checked(json.loads(line)) for line in self.run(*arguments, "--jsonl").out.splitlines()]


@pytest.fixture
def here(call: Callable[..., Said], data: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return Here(call, give, data)
