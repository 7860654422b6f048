"""A demo world in a process of its own, and processes that end with their test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acceptance.command import COMMANDS, Wirewatch, World, free_port, hosts_of
from servers.commands import DEMO, Process
from waiting import PATIENCE

from demo.feeds import render_opml
from demo.world import bundled


@pytest.fixture
def serve_world() -> Iterator[Callable[..., World]]:
    """Starts worlds; all are stopped at the end."""
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


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """A list for processes: those still running are killed at the end."""
    running: list[Process] = []
    yield running
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def reading(tmp_path: Path) -> Callable[[World], Wirewatch]:
    """A wirewatch that polls a world every second."""

    def make(world: World) -> Wirewatch:
        opml = render_opml(bundled(), world.port)
        feeds, config = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml"
        feeds.write_text(opml)
        hosts = hosts_of(opml)
        config.write_text(
            "[poll]\nevery_seconds = 1\nlongest_seconds = 3\n"
            "[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n"
            + "".join(f"'{host}' = '127.0.0.1'\n" for host in sorted(hosts))
        )
        return Wirewatch(tmp_path / "data", config, feeds)

    return make
