"""Runs a poller and the stages together in one process: back-pressure, retries, retention, and detecting completion."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from stream.persist import Context, until_possible
from stream.quarantine import ORPHANED
from stream.runner import GRACE_SECONDS, run_stage
from stream.stage import Stage, Topic

log_line = structlog.get_logger("stream.supervisor")

WATCH_SECONDS = 0.25
"""How often lags and retries are checked."""
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
    """How much of each topic the log keeps."""

    keep: timedelta
    keep_bytes: int


class Backlog:
    """The recent lag of each stage, including stages in other processes.

    Args:
        readers: the topic that each stage reads, by stage name.
        limit: how many messages may wait for a stage before the previous one pauses.
    """

    def __init__(self, readers: Mapping[str, str], limit: int) -> None:
        self.readers = readers
        self._limit = limit
        self.lags = dict.fromkeys(readers, 0)
        self.looked = 0.0
        """When all lags were last read (monotonic clock, seconds)."""

    def has_room(self, *topics: Topic) -> bool:
        """Whether the stages that read some topics keep up with them."""
        return not self.behind(*topics)

    def behind(self, *topics: Topic) -> list[tuple[str, int]]:
        """The stages that read some topics and do not keep up with them, each with how many messages wait for it."""
        names = {topic.name for topic in topics}
        return [
            (stage, self.lags[stage])
            for stage, topic in self.readers.items()
            if topic in names and self.lags[stage] >= self._limit
        ]


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
        self.stop = context.stop

    async def run(self) -> None:
        """Poll and process until told to stop."""
        await self._together(self._source.run(self.stop))

    async def run_once(self) -> None:
        """Poll every feed once, process everything, and return."""
        await self._together(self._until_done(self._source.round()))

    async def drain(self) -> None:
        """Process what is in the log, without polling, and return."""
        await self._together(self._until_done(asyncio.sleep(0)))

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

    async def _until_done(self, first: Awaitable[None]) -> None:
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
        """Whether nothing is left, now or soon. Stages are checked in pipeline order, so that no message is overlooked."""
        for stage in self.stages:
            if await self._lag(stage.name, stage.reads.name) > 0:
                return False
        return not self._context.retries.due_within(SOON_SECONDS)

    async def _lag(self, stage: str, topic: str) -> int:
        return (await until_possible("log", self._context.log.progress, stage, topic)).lag

    def _ready(self, stage: Stage) -> Callable[[], bool]:
        return lambda: self.backlog.has_room(*stage.writes)

    async def _watch_lags(self) -> None:
        while not self.stop.is_set():
            for stage, topic in self.backlog.readers.items():
                self.backlog.lags[stage] = await self._lag(stage, topic)
            self.backlog.looked = time.monotonic()
            await self._pause(WATCH_SECONDS)

    async def _adopt_orphans(self) -> None:
        while not self.stop.is_set():
            await until_possible("log", self._context.retries.put_back_orphans)
            await self._pause(ORPHANED.total_seconds() / 2)

    async def _keep_retries(self) -> None:
        while not self.stop.is_set():
            await until_possible("log", self._context.retries.put_back_due)
            await self._pause(WATCH_SECONDS)

    async def _retain(self) -> None:
        while not self.stop.is_set():
            horizon = self._context.now() - self._retention.keep
            for topic in {stage.reads.name for stage in self.stages}:
                gone = await until_possible(
                    "log", self._context.log.trim, topic, horizon, self._retention.keep_bytes
                )
                if gone:
                    log_line.info("old messages deleted", topic=topic, messages=gone)
            await self._pause(RETAIN_SECONDS)

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
