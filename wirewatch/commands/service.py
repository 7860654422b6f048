"""Runs the pipeline for a command: signals, progress, and what is said at the end."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from rich.console import Console

from stream.signals import on_stop
from stream.supervisor import Supervisor
from wirewatch.commands.progress import show_progress
from wirewatch.commands.settings import Settings
from wirewatch.pipeline import ALL, open_pipeline
from wirewatch.process import logs
from wirewatch.process.health import serve_health

try:
    import uvloop
except ImportError:  # there is none for Windows
    uvloop = None  # type: ignore[assignment]

Job = Callable[[Supervisor], Awaitable[None]]


def serve(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `main` with an event that Ctrl-C and SIGTERM set; a second one of them ends the process at once."""

    async def guarded() -> None:
        stop = asyncio.Event()
        on_stop(partial(_on_signal, stop))
        await main(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(guarded())


def _on_signal(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()


async def run_pipeline(
    settings: Settings, stop: asyncio.Event, job: Job, hint: str, names: Sequence[str] = ALL
) -> Supervisor:
    """Open the named parts of the pipeline, do the job with progress for whoever watches, and close.

    Returns it for its counts.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        logs.to_console(console)
    else:
        logs.to_lines()
    async with (
        open_pipeline(settings.config, settings.paths, stop, names) as supervisor,
        serve_health(settings.config.service, supervisor),
        show_progress(supervisor, console, hint),
    ):
        await job(supervisor)
    return supervisor


def say(text: str) -> None:
    """A line for a person, on standard error, so that results can be piped."""
    print(text, file=sys.stderr)  # noqa: T201 - the command line's own voice
