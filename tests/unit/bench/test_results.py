"""bench/material/results.py and bench/measured.py: storing and showing the results of a run."""

from pathlib import Path

import pytest

from bench.material import results
from bench.material.results import Figure, Machine, Run, load, record
from bench.measured import render


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


def run_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["bench", *arguments])


def test_a_published_command_keeps_its_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_with(monkeypatch, "--queries", "10")
    record("matching", [Figure("CPU", 1.5, "ms", peers={"other": 3})], ["--queries 10"])
    (kept,) = load(folder / "matching.json")
    assert kept.command == "python -m bench.matching --queries 10"
    assert kept.figures == (Figure("CPU", 1.5, "ms", peers={"other": 3}),)
    assert kept.machine is not None


def test_another_command_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_with(monkeypatch, "--queries", "3")
    record("matching", [Figure("CPU", 1.5)], ["--queries 10"])
    assert not list(folder.iterdir())
    assert "python -m bench.matching --queries 10" in capsys.readouterr().out


def test_a_run_takes_the_place_of_the_same_command_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, value in (("--queries 10", 1), ("--queries 20", 2), ("--queries 10", 3)):
        run_with(monkeypatch, *arguments.split())
        record("matching", [Figure("CPU", value)], ["--queries 10", "--queries 20"])
    found = {run.command.rpartition(" ")[2]: run.figures[0].value for run in load(folder / "matching.json")}
    assert found == {"10": 3, "20": 2}


@pytest.mark.parametrize(
    ("figure", "is_met"),
    [
        (Figure("a", 1.3, at_most=1.35), True),
        (Figure("a", 1.4, at_most=1.35), False),
        (Figure("a", 20, at_least=20), True),
        (Figure("a", 19.9, at_least=20), False),
        (Figure("a", 1), None),
    ],
)
def test_goals(figure: Figure, is_met: bool | None) -> None:
    assert figure.is_met is is_met


def test_the_page_shows_figure_date_peers_and_machine() -> None:
    figure = Figure("feeds | parsed", 1234567.5, "a second", at_least=2_000_000, peers={"one": 3, "two": 0.5})
    run = Run(
        "python -m bench.feeds", "2026-11-28", "abc1234", (figure,), Machine(2, "CPU", "3.11.7"), 9, "cold"
    )
    page = render({"feeds": [run]})
    row = next(line for line in page.splitlines() if line.startswith("| feeds"))
    assert row == (
        "| feeds \\| parsed | 1,234,567.5 a second | at least 2,000,000: **not met** | one 3; two 0.5 "
        "| `python -m bench.feeds` | 2026-11-28 | abc1234 |"
    )
    assert "- `python -m bench.feeds` (abc1234): machine 1; load 9; cold\n" in page
    assert "1. CPU, 2 cores, Python 3.11.7" in page
