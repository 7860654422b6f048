"""What a running pipeline has done so far: a live table for a person, a line every ten seconds for a log."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import structlog
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from stream.display import one_line, without_secrets
from stream.meters import Meters
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.commands.coverage import what_to_check
from wirewatch.commands.screen import Gated
from wirewatch.topics import POLL, STAGES

log_line = structlog.get_logger("wirewatch.progress")

SCREEN_SECONDS = 0.25
LINE_SECONDS = 10.0
LONGEST_REASON = 200
FAILED_IN_A_ROW = 3
"""Polls that fail one after the other before the table says why."""


@asynccontextmanager
async def show_progress(supervisor: Supervisor, console: Console, hint: str) -> AsyncIterator[None]:
    """Show progress while the block runs: a live table on a terminal, log lines elsewhere."""
    reporting = _live(supervisor, console, hint) if console.is_terminal else _lines(supervisor)
    task = asyncio.create_task(reporting)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def counts(meters: Meters) -> dict[str, int]:
    """The figures that people ask for, by name."""
    return {
        "feeds_polled": meters.get("poll", "done") + meters.get("poll", "failed"),
        "feeds_failed": meters.get("poll", "failed"),
        "articles_found": meters.get("poll", "emitted"),
        "fetched": meters.get("fetch", "done"),
        "indexed": meters.get("index", "done"),
        "alerts_delivered": meters.get("deliver", "emitted"),
        "failed": sum(meters.get(stage, "quarantined") for stage in STAGES),
    }


async def _live(supervisor: Supervisor, console: Console, hint: str) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            footer = Text(_footer(supervisor, hint), style="dim")
            live.update(Gated(Group(_table(supervisor), *_troubles(supervisor), footer)), refresh=True)
            await asyncio.sleep(SCREEN_SECONDS)


def _footer(supervisor: Supervisor, hint: str) -> str:
    return (
        "Stopping: finishing the work under way ..." if supervisor.stop.is_set() else f"{hint}\nCtrl-C stops."
    )


def _troubles(supervisor: Supervisor) -> Iterator[Text]:
    """What is wrong with a stage, and why nothing comes in, for as long as poll after poll fails."""
    for stage in supervisor.stages:
        if trouble := stage.trouble():
            yield Text(f"{stage.name}: {one_line(without_secrets(trouble), LONGEST_REASON)}", style="yellow")
    troubles = supervisor.meters.troubles(POLL)
    if len(troubles) < FAILED_IN_A_ROW:
        return
    ever = supervisor.meters.get(POLL, "done")
    reason = one_line(without_secrets(troubles[-1].reason), LONGEST_REASON)
    yield Text(
        f"The last {len(troubles)} polls failed{'' if ever else ', and none succeeded'}: {reason}",
        style="yellow",
    )
    advice = what_to_check({one.kind for one in troubles})
    if advice:
        yield Text(advice, style="yellow")


def _table(supervisor: Supervisor) -> Table:
    meters = supervisor.meters
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "done", "waiting", "put off", "quarantined"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    polled, failed = meters.get("poll", "done"), meters.get("poll", "failed")
    found = meters.get("poll", "emitted")
    table.add_row("poll", f"{plural(polled + failed, 'poll')}, {failed:,} failed", "", "", "", style="cyan")
    table.add_row("  articles found", f"{found:,}", "", "", "")
    for stage, lag in supervisor.backlog.lags.items():
        row = (meters.get(stage, "done"), lag, meters.get(stage, "retried"), meters.get(stage, "quarantined"))
        table.add_row(stage, *(f"{number:,}" for number in row))
    return table


async def _lines(supervisor: Supervisor) -> None:
    log_line.info("started")
    last: dict[str, int] = {}
    while True:
        await asyncio.sleep(LINE_SECONDS)
        now = counts(supervisor.meters)
        if now != last:
            log_line.info(
                "progress", **now, **{f"{stage}_lag": lag for stage, lag in supervisor.backlog.lags.items()}
            )
            last = now
