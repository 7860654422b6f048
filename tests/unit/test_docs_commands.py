"""Checks what documents, docstrings and messages say about commands and files against the commands and files."""

import re
import subprocess
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import click
import pytest
from samples.places import ROOT

from wirewatch.cli import cli

PACKAGES = sorted(init.parent for init in ROOT.glob("*/__init__.py"))
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
CALLED = re.compile(r"(?:^|[\s`/(])wirewatch ((?:[a-z]+(?:\\?\|[a-z]+)* ?)+)", re.MULTILINE)
"""Words after the program's name, as in `wirewatch feeds add|list`."""
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
CODE = re.compile(r"\s*(?:\S*/)?wirewatch ")
BENCH = re.compile(r"python -m (bench(?:\.\w+)+)((?: [^`\n]*)?)")
FILE = re.compile(r"(?<![\w/.{*<-])((?:[a-z_]+/)+[a-z0-9_][\w.-]*\.(?:py|md|toml|json|yml|csv|java))\b")
FOREIGN = (
    "check-jsonschema",
    "systemd-run",
    "pip install",
    "docker compose",
    "python3 -m",
    "uv ",
    "curl ",
    "pytest",
    "bench.",
    "shared/",
)
"""Lines with these speak of other programs' options, or of files outside."""


def sources() -> Iterator[tuple[str, int, str]]:
    """Each line of the documents and of the source's docstrings and comments, with its place."""
    for page in PAGES:
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            yield page.relative_to(ROOT).as_posix(), number, line
    for folder in (*PACKAGES, ROOT / "bench"):
        for file in sorted(folder.rglob("*.py")):
            with tokenize.open(file) as opened:
                for token in tokenize.generate_tokens(opened.readline):
                    if token.type in (tokenize.STRING, tokenize.COMMENT):
                        for number, line in enumerate(token.string.splitlines(), token.start[0]):
                            yield file.relative_to(ROOT).as_posix(), number, line


@cache
def lines() -> Sequence[tuple[str, int, str]]:
    return tuple(sources())


def command(words: Sequence[str]) -> tuple[click.Command, Sequence[str]]:
    """The command that words name, and the words after its name."""
    found: click.Command = cli
    context = click.Context(cli)
    for place, word in enumerate(words):
        inner = found.get_command(context, word) if isinstance(found, click.Group) else None
        if inner is None:
            return found, words[place:]
        found = inner
    return found, ()


def alternatives(said: str) -> Iterator[list[str]]:
    """`feeds add|list` is `feeds add` and `feeds list`."""
    words = [re.split(r"\\?\|", word) for word in said.split()]
    yield from (
        [*(first for first, *_ in words[:place]), other] for place, word in enumerate(words) for other in word
    )


def test_named_commands_exist() -> None:
    wrong = []
    for file, number, line in lines():
        for said in CALLED.findall(line):
            first = said.split()[0].split("\\|")[0].split("|")[0]
            if command([first])[1]:
                continue  # a sentence about wirewatch, not a call
            for words in alternatives(said):
                found, left = command(words)
                if left and isinstance(found, click.Group):
                    wrong.append(f"{file}:{number}: wirewatch {' '.join(words)}")
    assert not wrong


def options_of(found: click.Command) -> set[str]:
    own = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    inner: list[click.Command] = []
    if isinstance(found, click.Group):
        context = click.Context(found)
        inner = [one for name in found.list_commands(context) if (one := found.get_command(context, name))]
    return own.union(*map(options_of, inner)) | {"--help", "--version"}


def test_options_that_are_named_are_there() -> None:
    """In a line of code those of its command; in a sentence, which may speak of another, those of any."""
    wrong, seen = [], 0
    for file, number, line in lines():
        called = [
            words
            for said in CALLED.findall(line)
            for words in alternatives(said)
            if not command(words[:1])[1]
        ]
        if not called or any(foreign in line for foreign in FOREIGN):
            continue
        meant = [command(words)[0] for words in called] if CODE.match(line) else [cli]
        known = set[str]().union(*map(options_of, meant))
        seen += len(OPTION.findall(line))
        wrong += [f"{file}:{number}: {option}" for option in OPTION.findall(line) if option not in known]
    assert not wrong
    assert seen > 40


def test_named_benches_exist_with_their_options() -> None:
    wrong, seen = [], 0
    for file, number, line in lines():
        for module, rest in BENCH.findall(line):
            path = ROOT / f"{module.replace('.', '/')}.py"
            known = path.read_text("utf-8") if path.exists() else ""
            seen += 1
            wrong += [
                f"{file}:{number}: {module} {option}"
                for option in OPTION.findall(rest)
                if f'"{option}"' not in known
            ]
            wrong += [f"{file}:{number}: {module}"] if not known else []
    assert not wrong
    assert seen > 20


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no git checkout")
def test_named_files_exist() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    there = {f"/{file}" for file in listed.stdout.splitlines()}
    wrong, seen = [], 0
    for file, number, line in lines():
        if file == "CHANGELOG.md" or any(foreign in line for foreign in FOREIGN):
            continue  # of earlier versions
        beside = Path(file).parent.as_posix()
        for name in FILE.findall(line):
            seen += 1
            if not any(f.endswith(f"/{name}") for f in there) and f"/{beside}/{name}" not in there:
                wrong.append(f"{file}:{number}: {name}")
    assert not wrong
    assert seen > 50
