import asyncio
import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from waiting import PATIENCE, until

from results.status import Process
from stream.clock import utc_now
from stream.log.memory import MemoryLog
from stream.meters import Meters
from stream.quarantine import Retries
from stream.runner import Context
from stream.stage import Stage
from stream.supervisor import Backlog, Idle, Retention, Supervisor
from wirewatch.composition import presence
from wirewatch.composition.presence import FOLDER, keep_presence, processes, stages_doing
from wirewatch.config import Config
from wirewatch.topics import ENTRIES, PAGES, specs


async def nothing(_: object) -> Sequence[object]:
    return []


@pytest.fixture
async def supervisor() -> Supervisor:
    log = MemoryLog(specs(Config()), now=utc_now)
    context = Context(log, Retries(log, utc_now), Meters(), utc_now, asyncio.Event())
    fetch = Stage("fetch", reads=ENTRIES, work=nothing, writes=(PAGES,), concurrency=1)
    backlog = Backlog({"fetch": ENTRIES.name, "extract": PAGES.name}, limit=10)
    backlog.looked = time.monotonic()
    return Supervisor(context, Idle(), [fetch], backlog, Retention(timedelta(days=1), 10**9))


def said(supervisor: Supervisor, *names: str) -> list[tuple[str, str, str]]:
    return [(one.stage, one.doing, one.why) for one in stages_doing(supervisor, names)]


async def test_a_stage_pauses_while_the_next_one_is_behind(supervisor: Supervisor) -> None:
    assert said(supervisor) == [("fetch", "idle", "nothing is waiting for it")]
    supervisor.backlog.lags["fetch"] = 3
    assert said(supervisor) == [("fetch", "working", "")]
    supervisor.backlog.lags["extract"] = 1200
    assert said(supervisor) == [("fetch", "resting", "extract is behind, with 1,200 messages waiting")]


async def test_polling_says_why_it_pauses_and_why_nothing_comes(supervisor: Supervisor) -> None:
    for _ in range(3):
        supervisor.meters.failed("poll", "dns", "http://a.example/: the host was not found")
    assert said(supervisor, "poll")[0][1:] == (
        "in trouble",
        "the last 3 polls failed: http://a.example/: the host was not found",
    )
    supervisor.meters.succeeded("poll")
    assert said(supervisor, "poll")[0][1] == "working"
    supervisor.backlog.lags["fetch"] = 10
    assert said(supervisor, "poll")[0] == ("poll", "resting", "fetch is behind, with 10 messages waiting")
    supervisor.stop.set()
    assert {doing for _, doing, _ in said(supervisor, "poll")} == {"stopping"}


async def test_a_process_is_seen_while_it_runs_and_not_after(tmp_path: Path, supervisor: Supervisor) -> None:
    async with keep_presence(tmp_path, supervisor, ["poll", "fetch"]):
        (running,) = processes(tmp_path)
        assert running.pid == os.getpid()
        assert [one.stage for one in running.stages] == ["poll", "fetch"]
    assert processes(tmp_path) == []


async def test_a_write_that_is_under_way_at_the_end_does_not_bring_the_file_back(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(presence, "REWRITE_SECONDS", 0.0)
    writing, may_end, write = threading.Event(), threading.Event(), presence._write

    def write_slowly(file: Path, process: Process) -> None:
        writing.set()
        assert may_end.wait(PATIENCE)
        write(file, process)

    async def run(over: asyncio.Event) -> None:
        async with keep_presence(tmp_path, supervisor, ["fetch"]):
            monkeypatch.setattr(presence, "_write", write_slowly)
            await over.wait()

    over = asyncio.Event()
    running = asyncio.create_task(run(over))
    await until(writing.is_set)
    over.set()
    await asyncio.wait({running}, timeout=0.2)  # it is not over until the write is
    may_end.set()
    await running
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_killed_process_is_not_running(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    now = utc_now()
    here, away = socket.gethostname(), "elsewhere"
    dead = Process(here, 2**22 + 1, now, now, ())
    lost = Process(away, 1, now, now - timedelta(minutes=1), ())
    there = Process(away, 2, now, now, ())
    for number, one in enumerate((dead, lost, there)):
        (tmp_path / FOLDER / f"{number}.json").write_bytes(msgspec.json.encode(one))
    (tmp_path / FOLDER / "broken.json").write_text("{")
    assert processes(tmp_path) == [there]
