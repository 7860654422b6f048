"""Runs the real command line as a subprocess, and reads its output for tests."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samples.documents import checked
from servers.commands import COMMAND, DEMO, Commands, Process
from servers.ports import free_port
from waiting import PATIENCE

from demo.feeds import render_opml
from demo.world import bundled
from index.store import Search
from stream.errors import ConfigError
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load

WIREWATCH, COMMANDS = COMMAND, Commands()
PROCESSES = (
    ("poll",),
    ("fetch",),
    ("fetch",),
    ("extract", "enrich"),
    ("relate", "index"),
    ("alert", "deliver"),
)
"""The stages apart: the arguments of each process."""


@dataclass(frozen=True)
class World:
    """A running demo world."""

    port: int

    def published(self) -> list[dict[str, Any]]:
        """The articles published so far."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/_world/published", timeout=PATIENCE
        ) as answer:
            return json.load(answer)  # type: ignore[no-any-return]

    def expected(self, outcome: str) -> set[str]:
        """The URLs of the published articles with this expected result."""
        return {one["url"] for one in self.published() if one["expected"] == outcome}


@dataclass(frozen=True)
class Wirewatch:
    """The command, with a data folder of its own."""

    data: Path
    config: Path
    feeds: Path

    def options(self) -> list[str]:
        return ["--data", str(self.data), "--config", str(self.config), "--feeds", str(self.feeds)]

    def start(self, *arguments: str) -> Process:
        """Start a process that keeps running."""
        return COMMANDS.start((*arguments, *self.options()), clean_environment())

    def run(self, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        """Run a process that ends with the expected exit code."""
        done = run(*arguments, *self.options())
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def ask(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one document that a command prints, validated against the schema that it names."""
        return checked(json.loads(self.run(*arguments, "--json", code=code).stdout))

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """The documents that a command prints, one per line, each validated against its schema."""
        done = self.run(*arguments, "--jsonl")
        return [checked(json.loads(line)) for line in done.stdout.splitlines()]

    def search(self, *arguments: str) -> list[dict[str, Any]]:
        """The heads of all articles that are found."""
        page = self.ask("search", *arguments, "--limit", "10000")
        return [hit["article"] for hit in page["hits"]]

    def archived(self) -> list[str]:
        """The URLs of all findable articles, read in this process; for waiting, because a command costs a second of CPU."""
        try:
            paths = Paths(data=self.data, feeds=self.feeds, topics=None)
            with open_store(load(self.config), paths, readonly=True) as store:
                hits = store.search(Search(limit=10_000)).hits
        except ConfigError:  # no archive yet
            return []
        return [hit.document.enriched.article.url for hit in hits]

    def status(self) -> dict[str, Any]:
        return self.ask("status")


@contextmanager
def worlds() -> Iterator[Callable[..., World]]:
    """Starts demo worlds, each in a process of its own, which must end well at the end of the block."""
    running: list[Process] = []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def start(*arguments: str, port: int | None = None) -> World:
        port = port or free_port()
        running.append(COMMANDS.start(("--port", port, *arguments), environment, DEMO))
        assert "serving on" in running[-1].stdout.readline()
        return World(port)

    yield start
    for process in running:
        process.terminate()
        process.communicate(PATIENCE)
        assert process.returncode == 0


def reading_of(folder: Path, world: World) -> Wirewatch:
    """A wirewatch in a folder that polls a world every second."""
    opml = render_opml(bundled(), world.port)
    feeds, config = folder / "feeds.opml", folder / "wirewatch.toml"
    feeds.write_text(opml)
    config.write_text(
        "[poll]\nevery_seconds = 1\nlongest_seconds = 3\n"
        "[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n"
        + "".join(f"'{host}' = '127.0.0.1'\n" for host in sorted(hosts_of(opml)))
    )
    return Wirewatch(folder / "data", config, feeds)


def demo_once(data: Path) -> Wirewatch:
    """Run `wirewatch demo --once` in a folder."""
    done = run("demo", "--once", "--data", data, "--port", free_port())
    assert done.returncode == 0, done.stderr
    assert "indexed" in done.stdout
    assert f"wirewatch search 'peace talks' --data {data}" in done.stdout
    empty = data / "wirewatch.toml"
    empty.touch()
    return Wirewatch(data, empty, data / "feeds.opml")


def run(*arguments: object, given: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with a text on its standard input and variables in its environment."""
    return COMMANDS.run(arguments, clean_environment() | environment, PATIENCE, given)


def clean_environment() -> dict[str, str]:
    """Our environment, without the variables that configure the command."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}


def hosts_of(opml: str) -> set[str]:
    return {part.split("/")[2].split(":")[0] for part in opml.split('"') if part.startswith("http://")}


def urls(hits: Sequence[dict[str, Any]]) -> list[str]:
    return [hit["url"] for hit in hits]
