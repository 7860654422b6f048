"""What a service manager such as systemd is told (sd_notify(3)): that the process is ready, that it is alive, that it stops."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

STATUS_SECONDS = 30.0
"""How often a manager that does not watch the process hears what it does."""


@asynccontextmanager
async def tell_manager(
    stop: asyncio.Event, doing: Callable[[], str], environment: Mapping[str, str] = os.environ
) -> AsyncIterator[None]:
    """Say that the process is ready; while the block runs, that the event loop turns, and once that it stops.

    Nothing is said where no manager listens.

    Args:
        stop: set when the process is to stop.
        doing: what it does, in a few words, for `systemctl status`.
        environment: in which the manager names its socket, and how long it waits for a sign of life.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        yield
        return
    _send(address, f"READY=1\nSTATUS={doing()}")
    task = asyncio.create_task(_keep_telling(address, stop, doing, _pause_seconds(environment)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_telling(
    address: str, stop: asyncio.Event, doing: Callable[[], str], pause_seconds: float
) -> None:
    while not stop.is_set():
        _send(address, f"WATCHDOG=1\nSTATUS={doing()}")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_seconds)
    _send(address, "STOPPING=1\nSTATUS=finishes the work under way")


def _pause_seconds(environment: Mapping[str, str]) -> float:
    """A third of the time after which the manager takes this process for dead, if it watches it."""
    watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    after = environment.get("WATCHDOG_USEC", "")
    return int(after) / 3e6 if watched and after.isdecimal() and int(after) else STATUS_SECONDS


def _send(address: str, message: str) -> None:
    """A manager that does not take it stops nothing."""
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)  # noqa: FBT003 - the standard library's parameter
        sender.sendto(message.encode(), name)
