"""Runs the pipeline for a command: signals, progress, logs, health."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Any

from stream.signals import on_stop
from stream.supervisor import Supervisor
from stream.words import plural
from web.traffic import Traffic
from wirewatch.commands.digests.daily import keep_digests
from wirewatch.commands.progress import show_progress
from wirewatch.commands.screen import complain, plain_console
from wirewatch.commands.settings import Settings
from wirewatch.composition.presence import keep_presence
from wirewatch.pipeline import ALL, open_pipeline
from wirewatch.process import logs
from wirewatch.process.health import Exposition, health_of, serve_health
from wirewatch.process.manager import tell_manager

try:
    import uvloop
except ImportError:  # there is none for Windows
    uvloop = None  # type: ignore[assignment]

Job = Callable[[Supervisor], Awaitable[None]]

STOP_SECONDS = 9.0
"""After so long even what can't be interrupted (a thread that waits for a server) is left behind. That loses no more than
SIGKILL does: nothing."""


def serve(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run `main` with an event that Ctrl-C and SIGTERM set.

    The process ends within ten seconds of that, whatever `main` waits for; a second signal ends it at once.
    """
    deadline = threading.Timer(STOP_SECONDS, _leave)
    deadline.daemon = True

    async def guarded() -> None:
        stop = asyncio.Event()
        on_stop(partial(_on_signal, stop, deadline))
        await _until_stopped(asyncio.ensure_future(main(stop)), stop)

    gc.freeze()  # 100,000 objects of modules: the collector looked at them again and again, 65 ms each time
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
            runner.run(guarded())
    finally:
        gc.unfreeze()
        deadline.cancel()


def _on_signal(stop: asyncio.Event, deadline: threading.Timer, number: int) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()
    if not deadline.is_alive():
        deadline.start()


def _leave() -> None:
    say("wirewatch: stopped without waiting any longer; what was under way is done again at the next start")
    sys.stdout.flush()
    os._exit(0)


async def _until_stopped(job: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for a job. One that does not listen to `stop` yet (it still opens the log, say) is cancelled a while after it."""
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((job, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    _, late = await asyncio.wait((job,), timeout=STOP_SECONDS - 0.5)
    if late:
        job.cancel()
    with suppress(asyncio.CancelledError):
        await job


async def run_pipeline(
    settings: Settings,
    stop: asyncio.Event,
    job: Job,
    hint: str,
    names: Sequence[str] = ALL,
    traffic: Traffic | None = None,
) -> Supervisor:
    """Open the named parts of the pipeline, do the job while showing progress, and close them.

    `traffic` is that of the page, where this process serves it. Returns the supervisor, for its counts.
    """
    console = plain_console(stderr=True)
    if console.is_terminal:
        logs.to_console(console)
    else:
        logs.as_configured(settings.config.log)

    def metrics() -> AbstractAsyncContextManager[Exposition]:
        from wirewatch.composition.metrics import open_metrics  # noqa: PLC0415 - only what is asked for is imported

        return open_metrics(settings.config, settings.paths, supervisor, names, traffic)

    async with (
        open_pipeline(settings.config, settings.paths, stop, names) as supervisor,
        serve_health(settings.config.service, health_of(supervisor), metrics),
        keep_presence(settings.paths.data, supervisor, names),
        keep_digests(settings, names),
        show_progress(supervisor, console, hint),
        tell_manager(stop, partial(_doing, supervisor)),
    ):
        await job(supervisor)
    return supervisor


def _doing(supervisor: Supervisor) -> str:
    waiting = sum(supervisor.backlog.lags[stage.name] for stage in supervisor.stages)
    return f"{plural(waiting, 'message')} waiting"


def say(text: str) -> None:
    """A line for a person, on standard error, so that results can be piped."""
    complain(text)
