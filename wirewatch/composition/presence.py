"""Which wirewatch processes run on a data folder, what each of their stages does, and what it waits for.

Each process keeps a small file in the folder `processes` up to date, and removes it as it stops. One that was killed leaves it
behind: its age and its process id tell it from those that run.
"""

import asyncio
import math
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog

from results.status import Process, StageDoing
from stream.clock import utc_now
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.process.health import STALE_SECONDS
from wirewatch.topics import ENTRIES, POLL

log_line = structlog.get_logger("wirewatch.presence")

FOLDER = "processes"
LOOK_SECONDS = 2.0
"""Between two looks at what the stages do; what has changed is written."""
REWRITE_SECONDS = 8.0
"""After so long it is written anyway: well before others take this process for lost."""
LOST = timedelta(seconds=20)
"""A process on another machine that has not written for so long is gone."""
FAILED_IN_A_ROW = 3
"""Polls that fail one after the other before polling counts as in trouble."""


@asynccontextmanager
async def keep_presence(folder: Path, supervisor: Supervisor, names: Sequence[str]) -> AsyncIterator[None]:
    """Keep this process's file up to date while the block runs. A folder that can't be written to stops nothing.

    Args:
        folder: the data folder.
        supervisor: what runs.
        names: the parts that were started, such as `poll`.
    """
    file = folder / FOLDER / f"{socket.gethostname()}-{os.getpid()}.json"
    writer = _Writer(file, supervisor, names)
    await writer.look()
    task = asyncio.create_task(writer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(OSError):
            await asyncio.to_thread(writer.remove)


class _Writer:
    """Writes the file of this process, and logs what changes."""

    def __init__(self, file: Path, supervisor: Supervisor, names: Sequence[str]) -> None:
        self._file = file
        self._supervisor = supervisor
        self._names = names
        self._started = utc_now()
        self._before: dict[str, StageDoing] = {}
        self._turn = threading.Lock()
        self._removed = False
        self._written = -math.inf
        """When the file was last written (monotonic clock, seconds)."""

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """See what the stages do, and write it if need be."""
        now = {one.stage: one for one in stages_doing(self._supervisor, self._names)}
        if now != self._before or time.monotonic() - self._written >= REWRITE_SECONDS:
            await self._write(tuple(now.values()))
        for one in now.values():
            _log_change(self._before.get(one.stage), one)
        self._before = now

    async def _write(self, stages: tuple[StageDoing, ...]) -> None:
        process = Process(socket.gethostname(), os.getpid(), self._started, utc_now(), stages)
        with suppress(OSError):
            await asyncio.to_thread(self._put, process)
        self._written = time.monotonic()

    def _put(self, process: Process) -> None:
        with self._turn:
            if not self._removed:
                _write(self._file, process)

    def remove(self) -> None:
        """Remove the file; a write that is under way in another thread does not bring it back."""
        with self._turn:
            self._removed = True
            self._file.unlink(missing_ok=True)


def _log_change(before: StageDoing | None, now: StageDoing) -> None:
    """Say when a stage begins to rest, and when it goes on."""
    was, rests = before is not None and before.doing == "resting", now.doing == "resting"
    if rests and not was:
        log_line.info("resting", stage=now.stage, why=now.why)
    elif was and not rests:
        log_line.info("working again", stage=now.stage)


def _write(file: Path, process: Process) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(msgspec.json.encode(process))
    fresh.replace(file)


def stages_doing(supervisor: Supervisor, names: Sequence[str]) -> Iterator[StageDoing]:
    """What each part of this process does, in the order of the pipeline."""
    backlog = supervisor.backlog
    if POLL in names:
        yield _polling(supervisor)
    lost = is_log_lost(supervisor)
    for stage in supervisor.stages:
        behind, trouble = backlog.behind(*stage.writes), stage.trouble()
        if supervisor.stop.is_set():
            yield StageDoing(stage.name, "stopping", "it finishes the work under way")
        elif lost:
            yield StageDoing(stage.name, "in trouble", "the log does not answer")
        elif trouble:
            yield StageDoing(stage.name, "resting" if stage.rests() else "in trouble", trouble)
        elif behind:
            yield StageDoing(stage.name, "resting", _behind(behind))
        elif backlog.lags[stage.name]:
            yield StageDoing(stage.name, "working")
        else:
            yield StageDoing(stage.name, "idle", "nothing is waiting for it")


def is_log_lost(supervisor: Supervisor) -> bool:
    """Whether the log has answered once, and does so no longer."""
    looked = supervisor.backlog.looked
    return looked > 0 and time.monotonic() - looked > STALE_SECONDS


def _polling(supervisor: Supervisor) -> StageDoing:
    behind = supervisor.backlog.behind(ENTRIES)
    troubles = supervisor.meters.troubles(POLL)
    if supervisor.stop.is_set():
        return StageDoing(POLL, "stopping", "it finishes the work under way")
    if behind:
        return StageDoing(POLL, "resting", _behind(behind))
    if len(troubles) >= FAILED_IN_A_ROW:
        return StageDoing(POLL, "in trouble", f"the last {len(troubles)} polls failed: {troubles[-1].reason}")
    return StageDoing(POLL, "working")


def _behind(readers: Sequence[tuple[str, int]]) -> str:
    return " and ".join(f"{stage} is behind, with {plural(lag, 'message')} waiting" for stage, lag in readers)


def processes(folder: Path) -> list[Process]:
    """The processes that run on a data folder, the oldest first."""
    found = [process for file in sorted((folder / FOLDER).glob("*.json")) if (process := _read(file))]
    return sorted(filter(_runs, found), key=lambda one: one.started)


def _read(file: Path) -> Process | None:
    """The process of a file; None if it is gone by now, or no such file."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Process)
    except (OSError, msgspec.DecodeError):
        return None


def _runs(process: Process) -> bool:
    if process.host != socket.gethostname() or os.name == "nt":  # there, os.kill would end it
        return utc_now() - process.seen < LOST
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it belongs to another user
    return (
        utc_now() - process.seen < 3 * LOST
    )  # a busy machine may write late; another process may have the id by now
