"""A demo world in a process of its own, and processes that end with their test."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from acceptance.alerting import Receiver
from acceptance.command import Wirewatch, World, reading_of, worlds
from servers.commands import Process
from servers.ports import free_port


@pytest.fixture
def serve_world() -> Iterator[Callable[..., World]]:
    """Starts worlds; all are stopped at the end."""
    with worlds() as start:
        yield start


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

    return partial(reading_of, tmp_path)


@pytest.fixture
def desk() -> Iterator[Receiver]:
    receiver = Receiver(free_port())
    receiver.open()
    yield receiver
    receiver.close()
