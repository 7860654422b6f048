"""Ctrl-C and SIGTERM, on every system and event loop."""

import asyncio
import signal
from collections.abc import Callable
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)


def on_stop(handle: Callable[[int], object]) -> None:
    """Make the running loop call `handle` with the signal number when the process is asked to stop."""
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        try:
            loop.add_signal_handler(number, handle, number)
        except NotImplementedError:  # event loops on Windows

            def relay(number: int, _: FrameType | None) -> None:
                loop.call_soon_threadsafe(handle, number)

            signal.signal(number, relay)
