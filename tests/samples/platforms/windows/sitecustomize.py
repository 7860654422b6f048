"""Removes what Windows lacks, for every process of a test, as far as that is possible elsewhere."""

import asyncio
import ctypes
import multiprocessing

# Modules that need the removed parts here, but not on Windows, are loaded first.
import multiprocessing.popen_spawn_posix
import multiprocessing.resource_tracker
import signal
import subprocess  # noqa: F401
import sys
from typing import Any

import psutil  # noqa: F401

for module in ("uvloop", "resource", "fcntl", "pwd", "grp"):
    sys.modules[module] = None  # type: ignore[assignment]

for name in ("SIGXCPU", "SIGKILL", "SIGHUP"):
    delattr(signal, name)


def add_signal_handler(self: Any, number: int, callback: Any, *arguments: Any) -> None:
    """Refuse, as the event loops of Windows do."""
    raise NotImplementedError


def load_library(name: str | None, *arguments: Any, **options: Any) -> Any:
    """There, too, None is no library."""
    raise TypeError("bad argument type for built-in operation")


asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler  # type: ignore[method-assign]
multiprocessing.get_all_start_methods = lambda: ["spawn"]  # type: ignore[attr-defined]
ctypes.CDLL = load_library  # type: ignore[misc,assignment]
