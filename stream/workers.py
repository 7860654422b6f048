"""Worker processes for untrusted input: they parse feeds and pages, and find names.

A task that takes too much processor time, or too long by the clock, is killed with its worker. One that needs too much memory
gets a MemoryError or is killed, too (memory_bound.py). A worker that dies (a crash in native code) fails only its own task.
Workers are replaced after some hundred tasks, which bounds what parsing libraries keep in their caches. They are forked from a
clean server process, since a fork of this one, with its threads, could deadlock; where there is no fork, they are spawned.

There are two lanes. In the first, a task has a quarter of a second of processor time, several times what most pages take. If it
needs more, it starts again in the second, a single process of low priority with the full limit; a task with half a megabyte of
input starts there. So pages made to be expensive delay each other, and other pages by no more than that quarter second.
"""

import functools
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as TaskTimeout
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from stream.errors import Reject
from stream.lane import Lane
from stream.memory_bound import TOO_MUCH_MEMORY, bound_memory, end_if_beyond, peak_of

try:
    import resource
except ImportError:  # not on POSIX: only wall-clock time limits a task there
    resource = None  # type: ignore[assignment]

P = ParamSpec("P")
R = TypeVar("R")

TASKS_EACH = 1_000
"""Tasks in a worker's life."""
QUICK_SECONDS = 0.25
"""Processor time of a task in the first lane."""
QUICK_BYTES = 500_000
"""The largest input of a task in the first lane, in bytes."""
_LOW_PRIORITY = 10
"""The `nice` of the second lane's process."""


def _nothing() -> None:
    """The default for `begin`: does nothing."""


def _unnoted(_: str) -> None:
    """The default for `ended`: does nothing."""


class Workers:
    """`count` processes (0: one per core) and one more for slow tasks, each with at most `memory_bytes` of memory.

    Creating it blocks for a second or two, until the processes run: in a service, create it in a thread.

    Args:
        count: processes of the first lane.
        memory_bytes: memory of each.
        cpu_seconds: processor time that a task may take.
        preload: modules that are imported once, in the server that workers are forked from: a new one is ready in milliseconds,
            and shares their memory.
        begin: called once in each new worker, before its first task; it is pickled.
        ended: told why a process ended before its time, in any thread: `slow` (its task starts again in the second lane),
            `too-slow`, `too-much-memory`, `crashed`, or `broken-pool` (all processes of a lane).
    """

    def __init__(
        self,
        count: int,
        memory_bytes: int,
        cpu_seconds: float,
        preload: Sequence[str] = (),
        begin: Callable[[], None] = _nothing,
        ended: Callable[[str], object] = _unnoted,
    ) -> None:
        context = context_of(preload)
        self.count = count or os.cpu_count() or 1
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._ended = ended

        def pool(workers: int, nice: int) -> ProcessPool:
            return ProcessPool(
                max_workers=workers,
                max_tasks=TASKS_EACH,
                initializer=_prepare,
                initargs=(memory_bytes, nice, begin),
                context=context,
            )

        self._quick = Lane(
            functools.partial(pool, self.count, nice=0), functools.partial(ended, "broken-pool")
        )
        self._slow = Lane(
            functools.partial(pool, 1, nice=_LOW_PRIORITY), functools.partial(ended, "broken-pool")
        )
        with _out_of_reach_of_the_terminal():
            self._quick.start()  # the second lane starts when needed

    async def run(  # asyncio.timeout can't kill a task with its process
        self, seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call `function` in a worker. Its own errors are raised unchanged; raises Reject `too-slow` after `seconds` or too
        much CPU time, `too-much-memory` or `crashed` if the task brought its worker down."""
        name = getattr(function, "__name__", "task")
        try:
            return await self._in_a_lane(seconds, functools.partial(function, *args, **kwargs))
        except _OutOfTime:
            reason = f"{name} took more than {self._cpu_seconds:g} s of CPU time and was stopped"
            raise self._noted(Reject("too-slow", reason)) from None
        except TaskTimeout:
            reason = f"{name} took longer than {seconds:g} s and was stopped"
            raise self._noted(Reject("too-slow", reason)) from None
        except MemoryError:
            raise self._noted(_too_much_memory(name)) from None
        except ProcessExpired as error:
            raise self._noted(_death(name, error.exitcode)) from None

    def _noted(self, error: Reject) -> Reject:
        """Tell that a process ended, and why."""
        self._ended(error.kind)
        return error

    async def _in_a_lane(self, seconds: float, task: Callable[[], R]) -> R:
        packed = pickle.dumps(task)
        quick = min(QUICK_SECONDS, self._cpu_seconds)
        if len(packed) <= QUICK_BYTES:
            try:
                found: R = await _run(
                    self._quick, seconds, functools.partial(_bounded, quick, self._memory_bytes, packed)
                )
            except _OutOfTime:
                if quick == self._cpu_seconds:
                    raise
                self._ended("slow")
            else:
                return found
        slow = functools.partial(_bounded, self._cpu_seconds, self._memory_bytes, packed)
        result: R = await _run(self._slow, seconds, slow)
        return result

    def close(self) -> None:
        """Stop all workers, whatever they are doing."""
        for lane in (self._quick, self._slow):
            lane.close()


class _OutOfTime(Exception):
    """A task has used up its processor time."""


async def _run(lane: Lane, seconds: float, task: Callable[[], object]) -> Any:
    """Run a task in one of the lanes; raises _OutOfTime, and pebble's errors."""
    try:
        return await lane.run(seconds, task)
    except ProcessExpired as error:
        if resource and error.exitcode == -signal.SIGPROF:
            raise _OutOfTime from None
        raise


def _death(name: str, exit_code: int) -> Reject:
    """The error for a task whose worker died."""
    if exit_code == TOO_MUCH_MEMORY:
        return _too_much_memory(name)
    return Reject("crashed", f"{name} crashed its worker process (exit code {exit_code})")


def _too_much_memory(name: str) -> Reject:
    return Reject("too-much-memory", f"{name} needed more memory than a worker may use")


@contextmanager
def _out_of_reach_of_the_terminal() -> Iterator[None]:
    """Processes that this thread starts in the block, and theirs, don't see Ctrl-C, which a terminal sends to all of them: the
    server that workers are forked from would end of it while it still loads modules, and their pool would be broken."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start would take the block away
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def context_of(preload: Sequence[str]) -> BaseContext:
    """The multiprocessing context for workers."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stream.fork_server", *preload])
    return context


def _bounded(seconds: float, memory_bytes: int, packed: bytes) -> object:
    """Call a pickled task, in a worker, with a limit on its processor time, beyond which the system ends the process."""
    task = pickle.loads(packed)  # noqa: S301 - our own bytes; imports what it names, which is not the task's fault
    if resource:
        signal.setitimer(
            signal.ITIMER_PROF, seconds
        )  # its signal has no handler, so it ends native code, too
    try:
        return _portable(task)
    finally:
        if resource:
            signal.setitimer(signal.ITIMER_PROF, 0)
        end_if_beyond(memory_bytes, peak_of(sys.platform))


def _portable(task: Callable[[], object]) -> object:
    """Call a function, in a worker; an error that can't be pickled would break the pool, so its text is sent instead."""
    try:
        return task()
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception:  # noqa: BLE001 - whatever it is, it can't be pickled
            raise RuntimeError("".join(traceback.format_exception(error))) from None
        raise


def _prepare(memory_bytes: int, nice: int, begin: Callable[[], None]) -> None:
    """In a new worker: leave Ctrl-C to the parent, and bound the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if resource:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(nice)
    bound_memory(memory_bytes)
    begin()
