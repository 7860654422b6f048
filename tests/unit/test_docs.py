"""The documentation, held against what it describes."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from samples.places import ROOT

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = {"bench", *PROJECT["tool"]["importlinter"]["root_packages"]}
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")


def files() -> set[str]:
    """What is in the repository, or will be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(found.splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_files_named_are_there(page: str) -> None:
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
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing


def test_every_folder_of_the_layout_is_there() -> None:
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
