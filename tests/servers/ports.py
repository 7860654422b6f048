"""Ports for servers that tests start: nobody else takes one between the moment in which it is chosen and the server's start."""

import random
import socket
from contextlib import suppress
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

_PORTS = range(20_000, 32_000)
"""Below those that a system gives to outgoing connections (Linux: from 32768 on)."""
_untried = iter(random.sample(_PORTS, len(_PORTS)))
"""In any order: another user's tests keep their locks elsewhere."""
_taken: list[FileLock] = []


def free_port() -> int:
    """A port that nobody listens on, and that no other call gets, in any process, while this process lives."""
    folder = Path(platformdirs.user_cache_dir("wirewatch-tests")) / "ports"
    folder.mkdir(parents=True, exist_ok=True)
    for port in _untried:
        lock = FileLock(folder / str(port), thread_local=False)
        with suppress(Timeout):
            lock.acquire(timeout=0)
            if _is_free(port):
                _taken.append(lock)
                return port
            lock.release()
    raise RuntimeError(f"no port from {_PORTS.start} to {_PORTS.stop - 1} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
