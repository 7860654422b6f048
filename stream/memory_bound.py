"""A limit on the memory of the calling process, on any operating system; used by worker processes.

Linux limits the address space, so a process that asks for too much gets a MemoryError. macOS rejects such a limit, and Windows
has none: there a thread watches the process's peak resident memory, and ends the process when it is too high.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

TOO_MUCH_MEMORY: Final = 137
"""The exit code of a process ended for its memory: the one that a shell shows for a process killed by the system."""
LOOK_SECONDS: Final = 0.05
"""How often the thread checks. Native code that holds the GIL delays it; the CPU time limit ends such code."""

Peak = Callable[[], int]
"""Returns the peak memory of this process, in bytes."""


def bound_memory(most: int) -> None:
    """Limit this process to `most` bytes, by whatever means the system offers."""
    if not limit_address_space(most):
        watch(most, peak_of(sys.platform))


def limit_address_space(most: int) -> bool:
    """Whether the system accepted the limit. macOS raises ValueError for any number."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return False
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ValueError, OSError):
        return False
    return True


def watch(most: int, peak: Peak) -> None:
    """Watch the peak for as long as the process lives, and end the process when it exceeds `most` bytes."""

    def look() -> None:
        while True:
            end_if_beyond(most, peak)
            time.sleep(LOOK_SECONDS)

    threading.Thread(target=look, name="memory-bound", daemon=True).start()


def end_if_beyond(most: int, peak: Peak) -> None:
    """End the process if its peak exceeds `most` bytes. Called after each task, so that the next one is not blamed for it."""
    if peak() > most:
        os._exit(TOO_MUCH_MEMORY)


def peak_of(platform: str) -> Peak:
    """The function that reads the peak on a platform (a value of `sys.platform`)."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return _peak_by_psutil()
    unit = (
        1 if platform == "darwin" else 1024
    )  # getrusage(2): bytes on macOS, kilobytes on Linux and the BSDs
    return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak_by_psutil() -> Peak:
    """The peak on Windows; elsewhere, the current memory."""
    import psutil  # noqa: PLC0415 - a dependency on Windows only

    process = psutil.Process()

    def peak() -> int:
        memory = process.memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))

    return peak
