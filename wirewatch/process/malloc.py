"""How much memory the C library keeps for itself."""

import ctypes

_M_ARENA_MAX = -8
"""glibc's name for it: mallopt(3)."""
ARENAS = 2


def share_arenas() -> None:
    """Let threads share arenas, where the C library is glibc; to be called before there are threads.

    glibc gives threads up to eight arenas a core, and pages of some 100 KB that pass from one to another leave holes in each: a
    third of a busy process was holes. Nothing is lost by it, since threads that hold the GIL wait for each other anyway.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    except (AttributeError, OSError, TypeError):  # another C library
        return
