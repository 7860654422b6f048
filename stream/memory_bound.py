"""A bound on the memory of the process that calls it, on whichever system it runs: for worker processes.

Linux refuses more address space, so that who asks for too much gets a MemoryError. macOS refuses such a limit, and Windows has
none: there a thread watches the peak of what the process really had in memory, and ends it when that is too much.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

TOO_MUCH_MEMORY: Final = 137
"""The exit code of a process that was ended for its memory, as a shell shows that of one that the system has killed for it."""
LOOK_SECONDS: Final = 0.05
"""How often the thread looks. Native code that holds the interpreter's lock delays it; the bound on processor time ends it."""

Peak = Callable[[], int]
"""The most memory that this process ever had, in bytes."""


def bound_memory(most: int) -> None:
    """Let this process have `most` bytes, in whichever way the system offers."""
    if not limit_address_space(most):
        watch(most, peak_of(sys.platform))


def limit_address_space(most: int) -> bool:
    """Whether the system took the limit. macOS raises ValueError, whatever the number."""
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
    """Look at the peak for as long as the process lives, and end the process when it is beyond `most` bytes."""

    def look() -> None:
        while True:
            end_if_beyond(most, peak)
            time.sleep(LOOK_SECONDS)

    threading.Thread(target=look, name="memory-bound", daemon=True).start()


def end_if_beyond(most: int, peak: Peak) -> None:
    """End the process if its peak is beyond `most` bytes. To be called after each task, so that none pays for another."""
    if peak() > most:
        os._exit(TOO_MUCH_MEMORY)


def peak_of(platform: str) -> Peak:
    """What reads the peak on a platform, as `sys.platform` names it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return _peak_by_psutil()
    unit = (
        1 if platform == "darwin" else 1024
    )  # getrusage(2): bytes on macOS, kilobytes on Linux and the BSDs
    return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _peak_by_psutil() -> Peak:
    """The peak on Windows; where there is none, what the process has now."""
    import psutil  # noqa: PLC0415 - a dependency on Windows only

    process = psutil.Process()

    def peak() -> int:
        memory = process.memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))

    return peak
