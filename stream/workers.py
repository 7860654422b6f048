"""Worker processes for what strangers wrote: parsing feeds and pages.

A task that takes too much processor time, or too long by the clock, is killed with its worker, one that wants too much memory
gets a MemoryError or is killed, too (memory_bound.py), and a worker that dies (a crash in native code) takes only its own task
along. Workers are renewed after some hundred tasks, which bounds whatever a parsing library keeps in its caches. They are
forked from a clean server process, since a fork of this one, with its threads, could deadlock; where there is no fork, spawned.
"""

import asyncio
import functools
import math
import multiprocessing
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as TaskTimeout
from multiprocessing.context import BaseContext
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from stream.errors import Reject
from stream.memory_bound import TOO_MUCH_MEMORY, bound_memory, end_if_beyond, peak_of

try:
    import resource
except ImportError:  # not on POSIX: then only the clock bounds a task
    resource = None  # type: ignore[assignment]

P = ParamSpec("P")
R = TypeVar("R")

TASKS_EACH = 500
"""Tasks of a worker's life."""


class Workers:
    """A pool of `count` processes (0: one a core), each with at most `memory_bytes` of memory; a task may take
    `cpu_seconds` of processor time, up to a second more. The modules of `preload` are imported once, in the server that
    workers are forked from, so that a new one is ready in milliseconds.

    Making one blocks for a second or two, until the processes run: in a service, make it in a thread.
    """

    def __init__(
        self, count: int, memory_bytes: int, cpu_seconds: float, preload: Sequence[str] = ()
    ) -> None:
        context = _context(preload)
        self.count = count or os.cpu_count() or 1
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._pool = ProcessPool(
            max_workers=self.count,
            max_tasks=TASKS_EACH,
            initializer=_prepare,
            initargs=(memory_bytes,),
            context=context,
        )
        self._pool.submit(
            os.getpid, None
        )  # starts the processes, which blocks for as long as the imports take

    async def run(  # a task is killed with its process, which asyncio.timeout can't do
        self, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call `function` in a worker. Its own errors come back as they are; Reject `too-slow` after `seconds` or too much
        processor time, `too-much-memory` or `crashed` when the task took its worker down."""
        name = getattr(function, "__name__", "task")
        try:
            task = functools.partial(
                _bounded, self._cpu_seconds, self._memory_bytes, function, *args, **kwargs
            )
            result: R = await asyncio.wrap_future(self._pool.submit(task, seconds))
        except TaskTimeout:
            raise Reject("too-slow", f"{name} took longer than {seconds:g} s and was stopped") from None
        except MemoryError:
            raise _too_much_memory(name) from None
        except ProcessExpired as error:
            raise self._death(name, error.exitcode) from None
        return result

    def _death(self, name: str, exit_code: int) -> Reject:
        """The error of a task whose worker died."""
        if exit_code == TOO_MUCH_MEMORY:
            return _too_much_memory(name)
        if resource and exit_code == -signal.SIGXCPU:
            return Reject(
                "too-slow", f"{name} took more than {self._cpu_seconds:g} s of processor time and was stopped"
            )
        return Reject("crashed", f"{name} took its worker process down (exit code {exit_code})")

    def close(self) -> None:
        """Stop all workers, whatever they do."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def _too_much_memory(name: str) -> Reject:
    return Reject("too-much-memory", f"{name} wanted more memory than a worker may use")


def _context(preload: Sequence[str]) -> BaseContext:
    """How workers are started."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def _bounded(
    seconds: float, memory_bytes: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Call, in a worker, with a bound on the processor time of this one call; beyond it the system ends the process."""
    if resource:
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), most))
    try:
        return _portable(function, *args, **kwargs)
    finally:
        end_if_beyond(memory_bytes, peak_of(sys.platform))


def _portable(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call, in a worker; an error that can't travel between processes would break the pool, so its text travels instead."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception:  # noqa: BLE001 - whatever it is, it can't travel
            raise RuntimeError("".join(traceback.format_exception(error))) from None
        raise


def _prepare(memory_bytes: int) -> None:
    """In a new worker: leave Ctrl-C to the parent, and bound the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if resource:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bound_memory(memory_bytes)
