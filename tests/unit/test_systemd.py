"""deploy/systemd: the units, as far as they can be checked without systemd running."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from samples.places import ROOT
from waiting import PATIENCE

from wirewatch.cli import cli
from wirewatch.config import OTHER_VARIABLES, load
from wirewatch.pipeline import ALL

FOLDER = ROOT / "deploy/systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
LEAST_HARDENED = 20
"""Of 100, by `systemd-analyze security`: 0 is a process that can do nothing else."""
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


def settings(unit: Path) -> list[tuple[str, str]]:
    """The keys of a unit file with their values, in order; a key may come more than once."""
    lines = (line for line in unit.read_text("utf-8").splitlines() if line and line[0] not in "#[")
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def commands(unit: Path) -> list[list[str]]:
    """What a unit starts; a template, once for each stage."""
    (start,) = [value for key, value in settings(unit) if key == "ExecStart"]
    instances = ALL if "@" in unit.name else ("",)
    return [start.replace("%i", instance).split() for instance in instances]


def test_there_are_units_for_one_process_for_stages_and_for_the_page() -> None:
    assert [unit.name for unit in SERVICES] == [
        "wirewatch-page.service",
        "wirewatch.service",
        "wirewatch@.service",
    ]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_a_unit_starts_is_a_command_of_wirewatch(unit: Path) -> None:
    for program, name, *arguments in commands(unit):
        assert Path(program).name == "wirewatch"
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        command.make_context(name, arguments)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_every_variable_is_a_setting(unit: Path) -> None:
    words = " ".join(value for key, value in settings(unit) if key == "Environment").split()
    given = dict(word.split("=", 1) for word in words)
    assert given["WIREWATCH_DATA"] == "/var/lib/wirewatch"
    load(None, {name: value for name, value in given.items() if name not in OTHER_VARIABLES})


def test_the_example_of_an_environment_file_is_taken() -> None:
    lines = (FOLDER / "wirewatch.env.example").read_text("utf-8").splitlines()
    found = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", "\n".join(lines), re.MULTILINE))
    assert "DESK_URL" in found
    config = load(None, found)
    assert config.elasticsearch.hosts == ("https://search.example:9200",)
    assert config.kafka.security_protocol == "SASL_SSL"


def test_the_target_starts_all_stages_and_the_page_instead_of_one_process() -> None:
    target = settings(FOLDER / "wirewatch.target")
    wanted = " ".join(value for key, value in target if key == "Wants").split()
    assert wanted == [*(f"wirewatch@{name}.service" for name in ALL), "wirewatch-page.service"]
    assert ("Conflicts", "wirewatch.service") in target


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_units_stop_their_process_as_it_expects_to_be_stopped(unit: Path) -> None:
    found = dict(settings(unit))
    assert found["Type"] == "notify"  # wirewatch/process/manager.py
    assert int(found["WatchdogSec"]) > 0
    assert found["KillMode"] == "mixed"  # the signal goes to the process alone, which ends its workers
    assert int(found["TimeoutStopSec"]) > 10
    assert found["User"] == "wirewatch"
    assert "MemoryMax" in found
    if "serve" not in found["ExecStart"]:
        assert found["OOMPolicy"] == "continue"  # a worker that is killed for its memory is replaced


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name.replace("@.", "@fetch.")
    installed.write_text(unit.read_text("utf-8").replace("/opt/wirewatch/bin/wirewatch", sys.executable))
    done = analyze("verify", str(installed))
    assert (done.returncode, done.stderr) == (0, "")
    installed.write_text(installed.read_text("utf-8").replace("Restart=always", "Restart=allways"))
    assert "allways" in analyze("verify", str(installed)).stderr


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_units_are_hardened(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name.replace("@.", "@fetch.")
    shutil.copy(unit, installed)
    done = analyze("security", "--offline=true", f"--threshold={LEAST_HARDENED}", str(installed))
    assert done.returncode == 0, done.stdout[-300:]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
