"""A pool of processes that is replaced when it breaks.

A worker killed from outside (by a system short of memory) may die holding the lock of the pipe that all workers read, or leave
nobody to read it. Pebble then fails all tasks and accepts no more; none of them is to blame, so each goes to the new pool.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import structlog
from pebble import CONSTS, ProcessPool

_TRIES = 3
"""The number of broken pools that a task survives. With more, the task breaks them, or the machine has no room for
processes."""

_LOOK_SECONDS = 1.0

CONSTS.sleep_unit = 0.25
"""Seconds between a pool's looks at its processes: with pebble's 0.1, an idle pool takes half a percent of a core. A worker at
the end of its life is replaced within this time."""


class Lane:
    """Processes that run tasks.

    Args:
        make: makes a new pool.
        replaced: called in any thread when a broken pool was replaced.
    """

    def __init__(self, make: Callable[[], ProcessPool], replaced: Callable[[], object]) -> None:
        self._make = make
        self._replaced = replaced
        self._turn = threading.Lock()
        self._closed = False
        self._pool = make()

    async def run(self, seconds: float | None, task: Callable[[], object]) -> Any:
        """Run a task in a process. Raises the task's own errors, and pebble's for a process that dies or takes over
        `seconds`."""
        for _ in range(_TRIES - 1):
            pool = self._pool
            try:
                return await self._result(pool, _submitted(pool, task, seconds))
            except BrokenProcessPool as error:
                await asyncio.to_thread(self._replace, pool, error)
        pool = self._pool
        return await self._result(pool, _submitted(pool, task, seconds))

    async def _result(self, pool: ProcessPool, future: "Future[object]") -> object:
        """What a task returns. A pool that breaks forgets what it is given in that moment: it is asked now and then whether it
        still works."""
        waiting = asyncio.wrap_future(future)
        try:
            while not (await asyncio.wait((waiting,), timeout=_LOOK_SECONDS))[0]:
                if not (self._closed or pool.active or waiting.done()):
                    raise BrokenProcessPool("a task was lost with its pool")
            return waiting.result()
        finally:
            waiting.cancel()

    def start(self) -> None:
        """Start the processes, which blocks for as long as their imports take."""
        self._pool.submit(int, None)

    def close(self) -> None:
        """Stop all processes, whatever they are doing."""
        with self._turn:
            self._closed = True
            _end(self._pool)

    def _replace(self, broken: ProcessPool, error: BrokenProcessPool) -> None:
        """Replace a broken pool, unless another task has done so."""
        with self._turn:
            if self._closed:
                raise error
            if self._pool is not broken:
                return
            structlog.get_logger("workers").warning("workers replaced", reason=str(error) or "broken pool")
            self._pool = self._make()
        self._replaced()
        _end(broken)


def _submitted(pool: ProcessPool, task: Callable[[], object], seconds: float | None) -> "Future[object]":
    """Submit a task to a pool; raises BrokenProcessPool if the pool accepts none."""
    try:
        return pool.submit(task, seconds)
    except RuntimeError as error:
        raise BrokenProcessPool(str(error)) from error


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
