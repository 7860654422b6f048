"""A user's mistake is answered with a message that names it, and with the exit code."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from acceptance.command import WIREWATCH, clean_environment, run
from waiting import PATIENCE


def wirewatch(*arguments: str | Path, code: int = 2) -> str:
    done = run(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr + done.stdout


def test_a_toml_with_a_typo(tmp_path: Path) -> None:
    config = tmp_path / "wirewatch.toml"
    config.write_text("[fetch]\ntimeout_secs = 3\n")
    said = wirewatch("run", "--once", "--data", tmp_path, "--config", config)
    assert "wirewatch.toml: fetch.timeout_secs: there is no such key; did you mean 'timeout_seconds'?" in said


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>no</body></html>", b"\x00\x01", b"<opml version='2.0'><body/></opml>"]
)
def test_a_file_that_is_not_opml(tmp_path: Path, content: bytes) -> None:
    feeds = tmp_path / "list.opml"
    feeds.write_bytes(content)
    assert "list.opml" in wirewatch("run", "--once", "--data", tmp_path / "data", "--feeds", feeds)
    assert "list.opml" in wirewatch("feeds", "import", feeds, "--data", tmp_path / "data")


def test_a_query_with_a_fault_shows_where(tmp_path: Path) -> None:
    said = wirewatch("search", 'syria AND (peace "talks', "--data", tmp_path)
    assert "^" in said
    assert "syria AND (peace" in said


def test_searching_before_there_is_anything(tmp_path: Path) -> None:
    said = wirewatch("search", "syria", "--data", tmp_path / "nothing")
    assert "wirewatch run" in said
    assert "wirewatch demo" in wirewatch("status", "--data", tmp_path / "nothing")


def test_a_topics_file_with_a_fault(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text(
        '[[topic]]\nid = "x"\nname = "X"\nquery = "(a OR"\ndescription = "d"\n'
    )
    (tmp_path / "wirewatch.toml").write_text('[topics]\nfile = "topics.toml"\n')
    said = wirewatch("run", "--once", "--data", tmp_path, "--config", tmp_path / "wirewatch.toml")
    assert "topics.toml" in said
    assert "query" in said


@pytest.mark.parametrize(
    ("setting", "file", "told"),
    [
        ('gazetteer = "desk.csv"', None, ["entities.gazetteer", "desk.csv", "can't be read"]),
        (
            'gazetteer = "desk.csv"',
            "name,type\nSyria,planet\n",
            ["desk.csv", "line 2", "column 'type'", "person"],
        ),
        ('corrections = "desk.csv"', None, ["entities.corrections", "desk.csv", "can't be read"]),
        (
            'corrections = "desk.csv"',
            "written,rule\nVolkov,isnt\n",
            ["desk.csv", "line 2", "column 'rule'", "'is not'"],
        ),
        ('model = "nothing_like_it"', None, ["entities.model", "'nothing_like_it'", "spaCy"]),
    ],
)
def test_entities_that_cannot_be_found_so(
    tmp_path: Path, setting: str, file: str | None, told: list[str]
) -> None:
    if file:
        (tmp_path / "desk.csv").write_text(file)
    (tmp_path / "wirewatch.toml").write_text(f"[entities]\n{setting}\n")
    said = wirewatch("run", "--once", "--data", tmp_path, "--config", tmp_path / "wirewatch.toml")
    assert not [word for word in told if word not in said], said


def test_a_wrong_network_a_wrong_date_and_an_unknown_id(tmp_path: Path) -> None:
    assert "expected a network" in wirewatch("run", "--once", "--data", tmp_path, "--allow-private", "10/99")
    assert "expected a date" in wirewatch("search", "--since", "lately", "--data", tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "run",
        "demo",
        "search",
        "show",
        "status",
        "replay",
        "feeds",
        "feeds add",
        "quarantine",
        "quarantine retry",
    ],
)
def test_every_command_has_help(command: str) -> None:
    assert "Usage: " in wirewatch(*command.split(), "--help", code=0)


def test_ctrl_c_before_anything_began_is_quiet(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [WIREWATCH, "demo", "--data", tmp_path, "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in err
