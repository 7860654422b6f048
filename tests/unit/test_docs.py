"""Checks the documentation against what it describes."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from samples.places import ROOT

from bench.measured import SUBJECTS, all_runs, render, with_languages
from docs.reference import docstrings
from wirewatch.config import Config

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = {"bench", *PROJECT["tool"]["importlinter"]["root_packages"]}
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def files() -> set[str]:
    """The files in the repository, or in the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(found.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page: str) -> None:
    there = files()
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"`([\w./-]+\.(?:py|toml|md|json|yml|lock))`", text)
    users = {"wirewatch.toml", "alerts.toml", "topics.toml"}
    missing = [
        name
        for name in named
        if name not in users and not any(f"/{file}".endswith(f"/{name}") for file in there)
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_links_have_targets(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing


def test_every_folder_of_the_layout_exists() -> None:
    named = re.findall(r"^\| `([\w/]+/)` \|", ARCHITECTURE, re.MULTILINE)
    assert named
    assert not [folder for folder in named if not (ROOT / folder).is_dir()]


def test_every_dependency_has_its_reason() -> None:
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["bench"]
    table = ARCHITECTURE.partition("## Dependencies")[2]
    named = set(re.split(r"[,|\s]+", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))))
    assert {re.split(r"[\[><=; ]", one)[0] for one in wanted} <= named


def arrows() -> set[tuple[str, str]]:
    """Which top-level folder imports which."""
    found = set()
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            found |= {(folder, other) for other in imported(file) if other in FOLDERS - {folder}}
    return found


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
    return names


def test_the_number_of_arrows_between_folders() -> None:
    stated = re.search(r"there are (\d+) arrows", ARCHITECTURE)
    assert stated
    assert int(stated[1]) == len(arrows()), (
        "docs/architecture.md has another number of arrows between folders"
    )


@pytest.mark.parametrize("page", ["commands.md", "configuration.md", "metrics.md"])
def test_the_reference_is_what_the_code_says(page: str) -> None:
    """In a process of its own: a command that another test has called by itself keeps the help option of that call."""
    script = (
        f"import sys; from docs.reference import pages; sys.stdout.buffer.write(pages()[{page!r}].encode())"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
    assert (ROOT / "docs" / page).read_text("utf-8") == said.decode(), "run: python -m docs.reference"


def test_every_setting_says_what_it_does() -> None:
    silent = [
        f"{section.name}.{key.name}"
        for section in msgspec.structs.fields(Config)
        for key in msgspec.structs.fields(section.type)
        if key.name not in docstrings(section.type)
    ]
    assert not silent


def test_the_measures_are_what_the_benches_found() -> None:
    assert (ROOT / "docs/measured.md").read_text("utf-8") == render(all_runs()), (
        "run: python -m bench.measured"
    )

    page = (ROOT / "docs/languages.md").read_text("utf-8")
    assert page == with_languages(page, all_runs()), "run: python -m bench.measured"


def test_every_bench_has_measures_and_a_subject() -> None:
    grouped = [bench for benches in SUBJECTS.values() for bench in benches]
    commands = {file.stem for file in (ROOT / "bench").glob("*.py")} - {"measured"}
    assert sorted(grouped) == sorted(commands)
    assert all_runs().keys() == commands


def test_every_figure_of_the_readme_is_measured() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## Measured")[2].partition("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ") and "measured |" not in row]
    measured = numbers((ROOT / "docs/measured.md").read_text("utf-8"))
    assert len(rows) == 6
    assert not [number for row in rows for number in numbers(row) if number not in measured]


def numbers(text: str) -> list[str]:
    return re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", text)


def test_each_version_of_the_changelog_has_each_heading_once() -> None:
    for version in (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]:
        headings = re.findall(r"^### (.+)$", version, re.MULTILINE)
        assert len(headings) == len(set(headings)), "two merged lists: keep the entries of one"
