"""Waits for events. The limits allow for a busy machine, so a test fails only if the event will surely never come."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 300.0
"""Seconds after which something counts as not happening: a bound for failure, never what is claimed."""

R = TypeVar("R")


def wait_until(
    condition: Callable[[], object], what: str = "what is waited for", pause: float = 0.05
) -> None:
    """Check every `pause` seconds until the condition holds; less often if checking takes long itself, as it would slow down
    what is waited for."""
    begun = time.monotonic()
    deadline = begun + PATIENCE
    while not condition():
        now = time.monotonic()
        assert now < deadline, f"waited {PATIENCE:.0f} s in vain for: {what}"
        time.sleep(max(pause, 3 * (now - begun)))  # another thread or process, which gives no notice
        begun = time.monotonic()


async def until(condition: Callable[[], object], pause: float = 0.002) -> None:
    """Like wait_until, in a coroutine."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - a state, which tells nobody
            await asyncio.sleep(pause)


def in_thread(function: Callable[[], R]) -> R:
    """The result of a function that must not block: it is given up after a while."""
    found: list[R] = []
    thread = threading.Thread(target=lambda: found.append(function()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it blocks"
    return found[0]
