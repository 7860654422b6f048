"""Runs a stage over a log: consume -> call -> produce -> flush -> commit, until told to stop.

An offset is committed only when all before it are done, and a message is done only when its results (or its quarantine entry)
are in the log, or flushed. So a crash at any moment repeats work, but loses nothing.
"""

import asyncio
import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from stream.errors import Reject, RetryLater, StageBroken
from stream.log.base import Consumer, Outgoing, Record
from stream.messages import Dead, decode, encode
from stream.persist import Context, bury, leave, persist, until_possible
from stream.stage import Forget, Sink, Stage, Transform
from stream.trace import Span, named_in_logs
from stream.window import Window

log_line = structlog.get_logger("stream.runner")

IDLE_SECONDS = 10.0
"""How long one wait for a message lasts: each costs an idle process something. A stop ends it."""
BUSY_SECONDS = 0.25
"""The same while messages are in progress, or done but not committed: that comes after each wait."""
LINGER_SECONDS = 0.5
"""How long a sink may hold messages before it flushes."""
TICK_SECONDS = 1.0
"""How often a stage's `tick` is called."""
GRACE_SECONDS = 6.0
"""How long a stopping stage waits for messages in progress; unfinished ones are processed again at the next start."""
BUGS_IN_A_ROW = 50
"""This many consecutive failures that are the stage's own fault stop it."""


async def run_stage(stage: Stage, context: Context, ready: Callable[[], bool]) -> None:
    """Run one stage until `context.stop`. While `ready()` is false (the next stage is behind) nothing new is taken.

    Raises StageBroken if the stage fails on everything.
    """
    consumer = await until_possible("log", context.log.consumer, stage.name, stage.reads.name)
    running = _Transforming(stage, context) if callable(stage.work) else _Sinking(stage, context)
    waking = asyncio.create_task(_wake_at(context.stop, consumer))
    try:
        await running.run(consumer, ready)
    finally:
        waking.cancel()
        await asyncio.gather(waking, return_exceptions=True)
        await leave(consumer)


async def _wake_at(stop: asyncio.Event, consumer: Consumer) -> None:
    await stop.wait()
    consumer.wake()


class _Health:
    """Tells bad messages from a broken stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._bugs = 0

    def went_well(self) -> None:
        self._bugs = 0

    def failed(self, dead: Dead) -> None:
        self._bugs = self._bugs + 1 if dead.kind == "bug" else 0
        if self._bugs >= BUGS_IN_A_ROW:
            raise StageBroken(
                f"stage {self._stage} failed on {self._bugs} messages in a row, last: {dead.reason}"
            )


@dataclass(frozen=True)
class _Finished:
    """A processed message, or a tick (no record), with its results."""

    record: Record | None
    results: tuple[Outgoing, ...] = ()
    dead: Dead | None = None


def room(places: int, taken: int) -> int:
    """How many more messages to take; none until half of the places are free, so that few polls bring many."""
    free = places - taken
    return free if 2 * free >= places else 0


def _failed(task: "asyncio.Task[None]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


def _wake_if_failed(consumer: Consumer, task: "asyncio.Task[None]") -> None:
    if _failed(task):
        consumer.wake()


class _Transforming:
    """A stage that turns messages into messages, several at once; results are written in batches as they come."""

    def __init__(self, stage: Stage, context: Context) -> None:
        assert callable(stage.work)  # noqa: S101 - tells the type checker which of the two it is
        self._stage = stage
        self._work: Transform = stage.work
        self._context = context
        self._window = Window()
        context.meters.follow(stage.name, self._window.oldest)
        self._health = _Health(stage.name)
        self._finished: asyncio.Queue[_Finished] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Event()
        self._owned: Mapping[int, int] = {}
        self._idle = False
        self._joined = False

    async def run(self, consumer: Consumer, ready: Callable[[], bool]) -> None:
        writer = asyncio.create_task(self._write())
        ticker = asyncio.create_task(self._tick())
        for task in (writer, ticker):
            task.add_done_callback(functools.partial(_wake_if_failed, consumer))
        try:
            while not self._context.stop.is_set() and not (_failed(writer) or _failed(ticker)):
                await self._take(consumer, await self._room_ahead() if ready() else 0)
                await self._commit(consumer)
            await self._drain(writer)
            await self._commit(consumer)
        finally:
            for task in (writer, ticker, *self._tasks):
                task.cancel()
            await asyncio.gather(writer, ticker, *self._tasks, return_exceptions=True)
        for task in (writer, ticker):
            if _failed(task):
                task.result()

    def _room(self) -> int:
        return room(self._stage.concurrency, len(self._window))

    async def _room_ahead(self) -> int:
        """How many more messages to take, also within the stage's own limit, which includes messages in progress.

        An idle stage takes the next one without asking: the answer costs more than one message too many.
        """
        free = self._room()
        if self._idle:
            return min(free, 1) if self._stage.room else free
        if free and self._stage.room:
            ahead = await until_possible("log", self._stage.room)
            free = max(min(free, ahead - len(self._window)), 0)
        return free

    async def _take(self, consumer: Consumer, room: int) -> None:
        if not room:
            await self._wait_for_room()
        # The first poll is short: ticks begin, and state is read, once one has returned with the stage's partitions.
        wait = IDLE_SECONDS if self._joined and self._window.is_settled() else BUSY_SECONDS
        records = await until_possible("log", consumer.poll, room, wait if room else 0.0)
        self._idle = room > 0 and not records and not len(self._window)
        self._joined = True
        ownership = consumer.ownership()
        self._window.keep(ownership)
        await self._own(ownership)
        self._context.meters.count(self._stage.name, "taken", len(records))
        for record in records:
            self._window.take(record.partition, record.offset, record.appended)
            task = asyncio.create_task(self._handle(record))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _own(self, ownership: Mapping[int, int]) -> None:
        """Reload the stage's state if partitions came from another owner."""
        if self._stage.reload and ownership.items() - self._owned.items():
            await until_possible("log", self._stage.reload)
        self._owned = ownership

    async def _tick(self) -> None:
        """Call the stage's `tick` every second, as long as it owns a partition."""
        while self._stage.tick:
            await asyncio.sleep(TICK_SECONDS)
            if self._owned and not self._stage.rests():
                try:
                    results = await self._stage.tick()
                except (
                    RetryLater
                ) as error:  # it asks the log or the archive, which may be away: a second later again
                    log_line.warning("waiting", what=self._stage.name, kind=error.kind, reason=error.reason)
                    continue
                self._finished.put_nowait(_Finished(None, tuple(map(self._outgoing, results))))

    async def _wait_for_room(self) -> None:
        self._moved.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._moved.wait(), BUSY_SECONDS)

    async def _handle(self, record: Record) -> None:
        span = self._context.tracer.begin(self._stage.name, record.trace)
        with named_in_logs(record.trace):
            try:
                results = await self._work(decode(record.value, self._stage.reads.type))
                finished = _Finished(record, tuple(self._outgoing(one, span.trace) for one in results))
                log_line.debug("done", stage=self._stage.name, results=len(results))
            except Exception as error:  # noqa: BLE001 - whatever a stage raises must not lose the message
                finished = _Finished(record, dead=bury(self._stage.name, self._context, record, error))
        span.end(finished.dead.kind if finished.dead else "")
        self._finished.put_nowait(finished)

    def _outgoing(self, message: Any, trace: str = "") -> Outgoing:
        if isinstance(message, Forget):
            return Outgoing(message.topic.name, message.key, None)
        topic = next(topic for topic in self._stage.writes if isinstance(message, topic.type))
        return Outgoing(topic.name, message.key, encode(message), trace=trace)

    async def _write(self) -> None:
        """Append results to the log, all that are ready at once."""
        while True:
            batch = [await self._finished.get()]
            while not self._finished.empty():
                batch.append(self._finished.get_nowait())
            for one in await self._persisted(batch):
                self._settle(one)
            if self._room():
                self._moved.set()

    async def _persisted(self, batch: Sequence[_Finished]) -> Sequence[_Finished]:
        """Append the results of messages to the log. If they are too large for it, the message's dead letter takes their
        place."""
        try:
            await persist(
                self._context,
                [message for one in batch for message in one.results],
                [one.dead for one in batch if one.dead],
            )
        except Reject as error:
            first, *others = batch
            if not others:
                return [await self._refused(first, error)]
            return [done for one in batch for done in await self._persisted([one])]
        return batch

    async def _refused(self, one: _Finished, error: Reject) -> _Finished:
        if one.record is None:
            raise error
        dead = bury(self._stage.name, self._context, one.record, error)
        await persist(self._context, (), [dead])
        return _Finished(one.record, dead=dead)

    def _settle(self, one: _Finished) -> None:
        if one.record is None:
            return
        self._window.done(one.record.partition, one.record.offset)
        if one.dead:
            self._health.failed(one.dead)
            return
        self._health.went_well()
        self._context.meters.count(self._stage.name, "done")
        self._context.meters.count(self._stage.name, "emitted", len(one.results))

    async def _commit(self, consumer: Consumer) -> None:
        offsets = self._window.committable()
        if offsets:
            await until_possible("log", consumer.commit, offsets)

    async def _drain(self, writer: asyncio.Task[None]) -> None:
        """Let messages in progress finish, for a while."""
        deadline = time.monotonic() + GRACE_SECONDS
        while len(self._window) and not writer.done() and time.monotonic() < deadline:  # noqa: ASYNC110 - three conditions
            await asyncio.sleep(0.02)


class _Sinking:
    """A stage that ends the pipeline: messages are added one by one, and flushed and committed together."""

    def __init__(self, stage: Stage, context: Context) -> None:
        assert not callable(stage.work)  # noqa: S101 - tells the type checker which of the two it is
        self._stage = stage
        self._sink: Sink = stage.work
        self._context = context
        self._window = Window()
        context.meters.follow(stage.name, self._window.oldest)
        self._health = _Health(stage.name)
        self._taken: list[Record] = []
        self._added: list[Record] = []
        self._dead: list[Dead] = []
        self._spans: list[Span] = []
        self._failures: dict[tuple[int, int], str] = {}
        """Why a message failed, by partition and offset."""
        self._due = math.inf
        """When to flush (monotonic clock, seconds)."""

    async def run(self, consumer: Consumer, ready: Callable[[], bool]) -> None:
        working = asyncio.create_task(self._fill(consumer, ready))
        stopped = asyncio.create_task(self._context.stop.wait())
        try:
            await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait_for(working, GRACE_SECONDS)
        except TimeoutError:
            log_line.warning(
                "stopped before it could flush", stage=self._stage.name, messages=len(self._window)
            )
        finally:
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)

    async def _fill(self, consumer: Consumer, ready: Callable[[], bool]) -> None:
        while not self._context.stop.is_set():
            room = self._stage.concurrency - len(self._window) if ready() else 0
            await self._take(consumer, room)
            if len(self._window) >= self._stage.concurrency or time.monotonic() >= self._due:
                await self._flush(consumer)
        await self._flush(consumer)

    async def _take(self, consumer: Consumer, room: int) -> None:
        wait = min(IDLE_SECONDS, max(self._due - time.monotonic(), 0.0))
        records = await until_possible("log", consumer.poll, room, wait)
        self._window.keep(consumer.ownership())
        if records:
            self._due = min(self._due, time.monotonic() + LINGER_SECONDS)
        self._context.meters.count(self._stage.name, "taken", len(records))
        for record in records:
            self._window.take(record.partition, record.offset, record.appended)
        await asyncio.to_thread(self._add, records)

    def _add(self, records: Sequence[Record]) -> None:
        for record in records:
            self._taken.append(record)
            self._spans.append(self._context.tracer.begin(self._stage.name, record.trace))
            try:
                self._sink.add(decode(record.value, self._stage.reads.type))
            except Exception as error:  # noqa: BLE001 - whatever a sink raises must not lose the message
                self._fail(record, error)
            else:
                self._health.went_well()
                self._added.append(record)

    def _fail(self, record: Record, error: Exception) -> None:
        with named_in_logs(record.trace):
            dead = bury(self._stage.name, self._context, record, error)
        self._failures[record.partition, record.offset] = dead.kind
        self._dead.append(dead)
        self._health.failed(dead)

    async def _flush(self, consumer: Consumer) -> None:
        refused = await until_possible(self._stage.name, self._sink.flush)
        for record in self._added:
            if record.key in refused:
                self._fail(record, refused[record.key])
        await persist(self._context, [], self._dead)
        for record, span in zip(self._taken, self._spans, strict=True):
            self._window.done(record.partition, record.offset)
            self._end(record, span)
        self._context.meters.count(self._stage.name, "done", len(self._taken) - len(self._dead))
        self._taken, self._added, self._dead, self._due = [], [], [], math.inf
        self._spans, self._failures = [], {}
        offsets = self._window.committable()
        if offsets:
            await until_possible("log", consumer.commit, offsets)

    def _end(self, record: Record, span: Span) -> None:
        failure = self._failures.get((record.partition, record.offset), "")
        span.end(failure)
        if not failure:
            with named_in_logs(record.trace):
                log_line.debug("done", stage=self._stage.name)
