"""Bench results, kept in bench/results/ as JSON: `python -m bench.measured` turns them into docs/measured.md.

A bench passes its figures to `record`, which writes them only for a published command: a trial run with fewer articles changes
no document.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "bench" / "results"
PROGRAM = (
    "wirewatch",
    "ingest",
    "enrich",
    "index",
    "alerts",
    "kibana",
    "demo",
    "query",
    "stream",
    "results",
    "web",
)
"""The folders with the measured code."""


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number.

    Attributes:
        what: what was measured, such as `feeds parsed per CPU-second`; unique within a run.
        value: the number.
        unit: such as `ms`, `MB`, `x`; empty for shares and counts.
        at_most: the goal, if less is better.
        at_least: the goal, if more is better.
        peers: the values of peers in the same run, by name.
    """

    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    peers: dict[str, float] = {}

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least


class Machine(msgspec.Struct, frozen=True):
    """The machine that a bench ran on."""

    cores: int
    cpu: str
    python: str


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of a published command.

    Attributes:
        command: as typed in a shell.
        date: the day, in UTC.
        commit: the commit that was measured; with a `+` if the program's files differed from it.
        figures: what was found.
        machine: None if it was not recorded.
        load: the load average over the minute before its end: how many processes wanted to run, on all cores together.
        note: what a reader must know about this run.
    """

    command: str
    date: str
    commit: str
    figures: tuple[Figure, ...]
    machine: Machine | None = None
    load: float | None = None
    note: str = ""


def record(bench: str, figures: Sequence[Figure], published: Sequence[str] = ("",)) -> None:
    """Store the figures of this run, replacing those of an earlier run of the same command.

    Args:
        bench: the module's name within bench/.
        figures: what was found.
        published: the arguments with which a run is kept.
    """
    arguments = " ".join(sys.argv[1:])
    if arguments not in published:
        commands = " or ".join(f"`{command_of(bench, one)}`" for one in published)
        print(f"(not kept: docs/measured.md shows what {commands} finds)")
        return
    keep(bench, arguments, figures)
    print(f"kept in bench/results/{bench}.json; `python -m bench.measured` renders docs/measured.md")


def keep(bench: str, arguments: str, figures: Sequence[Figure]) -> None:
    """Store the figures as those of a run with these arguments."""
    day, load_average = f"{datetime.now(UTC):%Y-%m-%d}", round(os.getloadavg()[0])
    run = Run(command_of(bench, arguments), day, commit(), tuple(figures), machine(), load_average)
    path = FOLDER / f"{bench}.json"
    runs = {one.command: one for one in (load(path) if path.exists() else ())} | {run.command: run}
    FOLDER.mkdir(exist_ok=True)
    path.write_bytes(dump(tuple(runs.values())))


def command_of(bench: str, arguments: str) -> str:
    """The command line of a bench."""
    return f"python -m bench.{bench} {arguments}".rstrip()


def load(path: Path) -> tuple[Run, ...]:
    """The runs stored in a file."""
    return msgspec.json.decode(path.read_bytes(), type=tuple[Run, ...])


def dump(runs: Sequence[Run]) -> bytes:
    """The file's content for these runs."""
    return msgspec.json.format(msgspec.json.encode(runs), indent=1) + b"\n"


def machine() -> Machine:
    """This machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores, _cpu(), platform.python_version())


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def commit() -> str:
    """The last commit that changed the program, abbreviated, with a `+` if its files differ from the commit."""
    head = _git("log", "-1", "--format=%h", "--abbrev=7", "--", *PROGRAM)
    return f"{head}+" if _git("status", "--porcelain", "--", *PROGRAM) else head or "unknown"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
