"""Ports for servers that tests start: nobody else takes one between the moment in which it is chosen and the server's start."""

import socket
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

_PORTS = range(20_000, 32_000)
"""Below those that a system gives to outgoing connections (Linux: from 32768 on)."""
_next = count(_PORTS.start)
_taken: list[FileLock] = []


def free_port() -> int:
    """A port that nobody listens on, and that no other call gets, in any process, while this process lives."""
    folder = Path(tempfile.gettempdir()) / "wirewatch-test-ports"
    folder.mkdir(exist_ok=True)
    while (port := next(_next)) in _PORTS:
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
