"""Runs a poller and the stages together in one process: back-pressure, retries, retention, and detecting completion."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from stream.persist import Context, until_possible
from stream.quarantine import ORPHANED
from stream.runner import GRACE_SECONDS, run_stage
from stream.stage import Stage, Topic

log_line = structlog.get_logger("stream.supervisor")

WATCH_SECONDS = 0.25
"""How often lags are read while there is work, and retries are checked."""
MOST_IDLE_SECONDS = 2.0
"""How long a process that does nothing may take to notice that it does something again."""
IDLE_WATCH_SECONDS = 5.0
"""How often lags are read while this process is idle: often enough to notice a log that no longer answers."""
RETAIN_SECONDS = 3600.0
"""How often old messages are deleted."""
STOP_SECONDS = GRACE_SECONDS + 1.0
"""How long the parts may take to stop by themselves. Parts still waiting then (for disk space, for a server) are cancelled;
their messages are not committed, and are processed again at the next start."""
SOON_SECONDS = 20.0
"""A retry due within this time is awaited before everything counts as done."""


class Source(Protocol):
    """The start of the pipeline: see ingest/polling/poller.py."""

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop."""

    async def round(self) -> None:
        """Poll every feed once."""


class Idle:
    """The source of a process that polls nothing: its stages read what other processes write."""

    async def run(self, stop: asyncio.Event) -> None:
        """Wait."""
        await stop.wait()

    async def round(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Retention:
    """How much of each topic the log keeps.

    Attributes:
        keep: how long messages that are done are kept.
        keep_bytes: the maximum size of a topic.
        beside: the stages whose unread messages are deleted as well, with the topic that each reads.
    """

    keep: timedelta
    keep_bytes: int
    beside: Mapping[str, str] = field(default_factory=dict)


class Backlog:
    """The recent lags of the stages that this process runs or writes to, which may run in other processes.

    Args:
        readers: the topic that each stage reads, by stage name.
        limit: how many messages may wait for a stage before the previous one pauses.
        beside: the stages that may lag behind and hold nobody up, because nothing on its way to the archive passes them.
    """

    def __init__(self, readers: Mapping[str, str], limit: int, beside: Collection[str] = ()) -> None:
        self.readers = readers
        self._limit = limit
        self._beside = beside
        self.lags = dict.fromkeys(readers, 0)
        self.looked = 0.0
        """When all lags were last read (monotonic clock, seconds)."""
        self.waits_since: dict[str, float] = {}
        """When messages began to wait for a stage, by stage; none for one that has read all (monotonic clock, seconds)."""

    def note(self, stage: str, lag: int) -> None:
        """Note a stage's lag as it is now."""
        self.lags[stage] = lag
        if lag:
            self.waits_since.setdefault(stage, time.monotonic())
        else:
            self.waits_since.pop(stage, None)

    def has_room(self, *topics: Topic) -> bool:
        """Whether the stages that read some topics keep up with them."""
        return not self.behind(*topics)

    def behind(self, *topics: Topic) -> list[tuple[str, int]]:
        """The stages that read some topics and do not keep up with them, each with how many messages wait for it."""
        names = {topic.name for topic in topics}
        return [
            (stage, self.lags[stage])
            for stage, topic in self.readers.items()
            if topic in names and stage not in self._beside and self.lags[stage] >= self._limit
        ]

    def is_any_behind(self) -> bool:
        """Whether somebody waits for a stage to catch up."""
        return any(lag >= self._limit for lag in self.lags.values())


class Supervisor:
    """The running pipeline. Each method returns with every stage stopped cleanly, within ten seconds of `stop`."""

    def __init__(
        self,
        context: Context,
        source: Source,
        stages: Sequence[Stage],
        backlog: Backlog,
        retention: Retention,
    ) -> None:
        self._context = context
        self._source = source
        self.stages = stages
        self._retention = retention
        self.backlog = backlog
        self.meters = context.meters
        self.log = context.log
        self.stop = context.stop

    async def run(self) -> None:
        """Poll and process until told to stop."""
        await self._together(self._source.run(self.stop))

    async def run_once(self) -> None:
        """Poll every feed once, process everything, and return."""
        await self._together(self._until_done(self._source.round()))

    async def drain(self, first: Callable[[], Awaitable[object]] | None = None) -> None:
        """Process what is in the log, and what `first` puts there meanwhile, without polling; then return."""
        await self._together(self._until_done(first() if first else asyncio.sleep(0)))

    def waiting(self) -> int:
        """How many messages wait for a retry."""
        return len(self._context.retries)

    async def _together(self, source: Awaitable[None]) -> None:
        """Run all parts; the first failure stops the others, and is raised."""
        stages = [run_stage(stage, self._context, self._ready(stage)) for stage in self.stages]
        services = [self._watch_lags(), self._keep_retries(), self._adopt_orphans(), self._retain()]
        tasks = [asyncio.ensure_future(part) for part in (source, *stages, *services)]
        await self._until_over(tasks)
        self.stop.set()
        given_up = await _finish(tasks)
        for task in tasks:
            if task not in given_up:
                task.result()

    async def _until_over(self, tasks: Sequence[asyncio.Future[None]]) -> None:
        """Wait until one fails, all are done, or a stop is requested."""
        stopped = asyncio.ensure_future(self.stop.wait())
        over = asyncio.ensure_future(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
        try:
            await asyncio.wait([stopped, over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            over.cancel()

    async def _until_done(self, first: Awaitable[object]) -> None:
        """Let `first` finish, then wait until nothing is left to do; a stop ends both early."""
        job = asyncio.ensure_future(first)
        stopped = asyncio.ensure_future(self.stop.wait())
        await asyncio.wait([job, stopped], return_when=asyncio.FIRST_COMPLETED)
        if job.done():
            await job
        for task in (job, stopped):
            task.cancel()
        await asyncio.gather(job, stopped, return_exceptions=True)
        while not self.stop.is_set() and not await self._is_done():
            await self._pause(WATCH_SECONDS)
        self.stop.set()

    async def _is_done(self) -> bool:
        """Whether nothing is left, now or soon. Stages are checked in pipeline order, so that no message is overlooked, and
        twice, since a later one may write for an earlier one; a retry that was put back meanwhile is behind the check."""
        retries = self._context.retries
        returned = retries.returned
        for stage in (*self.stages, *self.stages):
            if not stage.rests() and await self._lag(stage.name, stage.reads.name) > 0:
                return False
        return not retries.due_within(SOON_SECONDS) and retries.returned == returned

    async def _lag(self, stage: str, topic: str) -> int:
        return (await until_possible("log", self._context.log.progress, stage, topic)).lag

    def _ready(self, stage: Stage) -> Callable[[], bool]:
        return lambda: self.backlog.has_room(*stage.writes) and not stage.rests()

    async def _watch_lags(self) -> None:
        while not self.stop.is_set():
            for stage, topic in self.backlog.readers.items():
                self.backlog.note(stage, await self._lag(stage, topic))
            self.backlog.looked = time.monotonic()
            await self._pause_while_idle()

    async def _pause_while_idle(self) -> None:
        """Wait a moment; longer for as long as this process does nothing that could change a lag."""
        done, begun, step = self.meters.total(), time.monotonic(), WATCH_SECONDS
        while not self.stop.is_set():
            await self._pause(step)
            step = min(2 * step, MOST_IDLE_SECONDS)
            moved = self.meters.total() != done or self.backlog.is_any_behind()
            if moved or time.monotonic() - begun >= IDLE_WATCH_SECONDS:
                return

    async def _adopt_orphans(self) -> None:
        while not self.stop.is_set():
            await until_possible("log", self._context.retries.put_back_orphans)
            await self._pause(ORPHANED.total_seconds() / 2)

    async def _keep_retries(self) -> None:
        while not self.stop.is_set():
            if self._context.retries.due_within(0.0):
                await until_possible("log", self._context.retries.put_back_due)
            soon = self._context.retries.due_within(MOST_IDLE_SECONDS)
            await self._pause(WATCH_SECONDS if soon else MOST_IDLE_SECONDS)

    async def _retain(self) -> None:
        while not self.stop.is_set():
            horizon = self._context.now() - self._retention.keep
            for topic in {stage.reads.name for stage in self.stages}:
                await self._delete_old(topic, horizon)
            await self._pause(RETAIN_SECONDS)

    async def _delete_old(self, topic: str, horizon: datetime) -> None:
        """Delete a topic's old messages, and say which stages had not read them."""
        log, kept = self._context.log, self._retention
        gone = await until_possible("log", log.trim, topic, horizon, kept.keep_bytes, kept.beside.keys())
        if not gone:
            return
        log_line.info("old messages deleted", topic=topic, messages=gone)
        for stage, read in kept.beside.items():
            if read == topic and (progress := await until_possible("log", log.progress, stage, topic)).missed:
                log_line.error("deleted unread", stage=stage, topic=topic, messages=progress.missed)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not past a stop."""
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return


async def _finish(tasks: Sequence[asyncio.Future[None]]) -> set[asyncio.Future[None]]:
    """Let tasks end; those that take too long are cancelled and returned."""
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    if late:
        log_line.warning("stopping without waiting any longer", parts=len(late))
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return late
