"""A demo world in a process of its own, and processes that end with their test."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acceptance.command import COMMANDS, Wirewatch, World, free_port, hosts_of
from waiting import PATIENCE


@pytest.fixture(scope="session", autouse=True)
def _commands() -> Iterator[None]:
    yield
    COMMANDS.close()


@pytest.fixture
def serve_world() -> Iterator[Callable[..., World]]:
    """Starts worlds; all are stopped at the end."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str, port: int | None = None) -> World:
        port = port or free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "demo", "--port", str(port), *arguments], stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        assert "serving on" in process.stdout.readline()
        return World(port)

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def processes() -> Iterator[list["subprocess.Popen[str]"]]:
    """A list for processes: those still running are killed at the end."""
    running: list[subprocess.Popen[str]] = []
    yield running
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def reading(tmp_path: Path) -> Callable[[World], Wirewatch]:
    """A wirewatch that polls a world every second."""

    def make(world: World) -> Wirewatch:
        opml = subprocess.run(
            [sys.executable, "-m", "demo", "--opml", "--port", str(world.port)],
            capture_output=True,
            check=True,
        ).stdout
        feeds, config = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml"
        feeds.write_bytes(opml)
        hosts = hosts_of(opml.decode())
        config.write_text(
            "[poll]\nevery_seconds = 1\nlongest_seconds = 3\n"
            "[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n"
            + "".join(f"'{host}' = '127.0.0.1'\n" for host in sorted(hosts))
        )
        return Wirewatch(tmp_path / "data", config, feeds)

    return make
