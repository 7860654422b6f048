"""A service manager that listens as systemd does: on a socket for datagrams, named in the environment."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import PATIENCE

from wirewatch.process.manager import STATUS_SECONDS, _pause_seconds, tell_manager


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(PATIENCE)
        yield listener


async def heard(listener: socket.socket) -> list[str]:
    return (await asyncio.to_thread(listener.recv, 4096)).decode().splitlines()


@pytest.mark.parametrize("abstract", [False, True])
async def test_a_manager_hears_of_a_process_from_ready_to_stopping(tmp_path: Path, abstract: bool) -> None:
    name = f"wirewatch-{os.getpid()}" if abstract else str(tmp_path / "notify")
    stop = asyncio.Event()
    with manager(f"\0{name}" if abstract else name) as listener:
        environment = {"NOTIFY_SOCKET": f"@{name}" if abstract else name, "WATCHDOG_USEC": "30000"}
        async with tell_manager(stop, lambda: "2 messages waiting", environment):
            assert await heard(listener) == ["READY=1", "STATUS=2 messages waiting"]
            for _ in range(3):  # a sign of life, again and again
                assert await heard(listener) == ["WATCHDOG=1", "STATUS=2 messages waiting"]
            stop.set()
            while (said := await heard(listener))[0] == "WATCHDOG=1":
                pass
            assert said[0] == "STOPPING=1"


async def test_a_manager_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    async with tell_manager(asyncio.Event(), lambda: "", {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        pass


async def test_without_a_manager_nothing_is_asked() -> None:
    def doing() -> str:
        raise AssertionError

    async with tell_manager(asyncio.Event(), doing, {}):
        pass


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, STATUS_SECONDS),
        ({"WATCHDOG_USEC": "120000000"}, 40.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 40.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, STATUS_SECONDS),
        ({"WATCHDOG_USEC": "0"}, STATUS_SECONDS),
        ({"WATCHDOG_USEC": "soon"}, STATUS_SECONDS),
    ],
)
def test_signs_of_life_come_well_before_the_manager_takes_us_for_dead(
    environment: dict[str, str], seconds: float
) -> None:
    assert _pause_seconds(environment) == seconds
