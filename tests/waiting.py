"""Waiting for what has to happen. A busy machine takes what it takes, so that a test fails only where it surely never will."""

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
    """Look again and again, every `pause` seconds, until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain for: {what}"
        time.sleep(pause)  # of another thread or process, which tells nobody


async def until(condition: Callable[[], object], pause: float = 0.002) -> None:
    """The same in a coroutine."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - a state, which tells nobody
            await asyncio.sleep(pause)


def in_thread(function: Callable[[], R]) -> R:
    """What a function returns that must not block: it is given up after a while."""
    found: list[R] = []
    thread = threading.Thread(target=lambda: found.append(function()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it blocks"
    return found[0]
