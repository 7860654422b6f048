"""What a run shows while it works."""

import asyncio
import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from structlog.testing import capture_logs
from waiting import until

from stream.meters import Meters
from wirewatch.commands import progress
from wirewatch.commands.progress import show_progress


def supervisor(**others: Any) -> Any:
    """A supervisor, as far as its progress is concerned: six polls, four of which failed, and articles on their way."""
    meters = Meters()
    meters.count("poll", "done", 2)
    meters.count("poll", "emitted", 1_234)
    meters.count("fetch", "quarantined", 3)
    for number in range(4):
        meters.failed("poll", "dns", f"feed {number}: no such host")
    backlog = SimpleNamespace(lags={"fetch": 12, "index": 0})
    stages = [SimpleNamespace(name="deliver", trouble=lambda: "https://ann:SECRET@chat.example: HTTP 500")]
    found = {"meters": meters, "backlog": backlog, "stages": stages, "stop": asyncio.Event(), **others}
    return SimpleNamespace(**found)


async def test_a_terminal_shows_a_table_and_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SCREEN_SECONDS", 0.01)
    console, running = Console(file=io.StringIO(), force_terminal=True, width=100), supervisor()
    async with show_progress(running, console, "wirewatch search 'talks'"):
        await until(lambda: "Ctrl-C stops." in console.file.getvalue())  # type: ignore[attr-defined]
        running.stop.set()
        await until(lambda: "Stopping: " in console.file.getvalue())  # type: ignore[attr-defined]
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "6 polls, 4 failed" in shown
    assert "1,234" in shown
    assert "The last 4 polls failed: feed 3: no such host" in shown
    assert "deliver: https://" in shown
    assert "SECRET" not in shown


async def test_elsewhere_a_line_is_logged_when_something_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    with capture_logs() as logs:
        async with show_progress(supervisor(), Console(file=io.StringIO()), ""):
            await until(lambda: len(logs) > 1)
            await asyncio.sleep(0.05)
    assert [line["event"] for line in logs] == ["started", "progress"], "one line, as nothing was done since"
    line = logs[1]
    assert (line["feeds_polled"], line["feeds_failed"], line["articles_found"], line["failed"]) == (
        6,
        4,
        1_234,
        3,
    )
    assert (line["fetch_lag"], line["index_lag"]) == (12, 0)
