import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from waiting import PATIENCE, until, wait_until

from stream import runner, supervisor
from stream.errors import RetryLater
from stream.log.base import Outgoing, Progress, TopicSpec
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.messages import encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries
from stream.stage import Stage, Topic
from stream.supervisor import Backlog, Idle, Retention, Supervisor

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Number(msgspec.Struct, frozen=True):
    n: int

    @property
    def key(self) -> str:
        return str(self.n)


ASKED = Topic("asked", Number)
ANSWERED = Topic("answered", Number)


@pytest.mark.parametrize("what", ["produce", "commit", "consumer", "trim", "progress"])
async def test_it_stops_even_if_the_log_fails(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    specs = [TopicSpec("asked", 2), TopicSpec("answered", 2)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    log = MemoryLog(specs, lambda: NOW)
    log.produce([Outgoing("asked", "1", encode(Number(1)))])
    refused: list[object] = []

    def refuse(*arguments: object) -> None:
        refused.append(arguments)
        raise RetryLater("disk-full", "no room")

    async def double(number: Number) -> Sequence[Number]:
        return [Number(2 * number.n)]

    monkeypatch.setattr(MemoryConsumer if what == "commit" else MemoryLog, what, refuse)
    stop = asyncio.Event()
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, stop)
    stages = [Stage("double", ASKED, double, (ANSWERED,))]
    backlog = Backlog({"double": "asked"}, 100)
    running = asyncio.ensure_future(
        Supervisor(context, Idle(), stages, backlog, Retention(timedelta(days=1), 10**9)).run()
    )
    await until(lambda: refused)
    stop.set()
    await asyncio.wait_for(running, PATIENCE)


class Counting(MemoryLog):
    """Counts how often somebody asks how far a group is."""

    asked = 0

    def progress(self, group: str, topic: str) -> Progress:
        self.asked += 1
        return super().progress(group, topic)


async def test_lags_are_asked_for_while_work_is_done_and_left_alone_while_none_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "WATCH_SECONDS", 0.001)
    monkeypatch.setattr(supervisor, "IDLE_WATCH_SECONDS", 3_600)
    specs = [TopicSpec("asked", 2), TopicSpec("answered", 2)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    log = Counting(specs, lambda: NOW)
    waits = [0]

    async def double(number: Number) -> Sequence[Number]:
        return [Number(2 * number.n)]

    async def counted(self: Supervisor, seconds: float) -> None:
        waits[0] += 1
        await asyncio.sleep(0.001)

    monkeypatch.setattr(Supervisor, "_pause", counted)
    stop, meters = asyncio.Event(), Meters()
    context = Context(log, Retries(log, lambda: NOW), meters, lambda: NOW, stop)
    running = asyncio.ensure_future(
        Supervisor(
            context,
            Idle(),
            [Stage("double", ASKED, double, (ANSWERED,))],
            Backlog({"double": "asked"}, 100),
            Retention(timedelta(days=1), 10**9),
        ).run()
    )
    await until(lambda: waits[0] > 100)
    assert log.asked == 1
    log.produce([Outgoing("asked", "1", encode(Number(1)))])
    await until(lambda: log.asked > 1)
    stop.set()
    await asyncio.wait_for(running, PATIENCE)


def test_a_stage_beside_the_way_holds_nobody_up() -> None:
    backlog = Backlog({"index": "answered", "alert": "answered"}, 10, beside=("alert",))
    backlog.lags["alert"] = 100
    assert backlog.has_room(ANSWERED)
    backlog.lags["index"] = 10
    assert backlog.behind(ANSWERED) == [("index", 10)]


async def test_a_retry_that_is_put_back_while_the_stages_are_asked_is_awaited() -> None:
    specs = [TopicSpec("asked", 1), TopicSpec("answered", 1)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    clock = [NOW]
    attempts, told = [0], list[int]()

    class PutsBackMeanwhile(MemoryLog):
        def progress(self, group: str, topic: str) -> Progress:
            if group == "tell" and retries.due_within(60):  # the stage before it was asked a moment ago
                clock[0] += timedelta(seconds=60)
                assert retries.put_back_due() == 1
            return super().progress(group, topic)

    async def double(number: Number) -> Sequence[Number]:
        attempts[0] += 1
        if attempts[0] == 1:
            raise RetryLater("http-503", "come back")
        return [Number(2 * number.n)]

    async def tell(number: Number) -> Sequence[Number]:
        told.append(number.n)
        return []

    log = PutsBackMeanwhile(specs, lambda: clock[0])
    log.produce([Outgoing("asked", "1", encode(Number(1)))])
    retries = Retries(log, lambda: clock[0])
    context = Context(log, retries, Meters(), lambda: clock[0], asyncio.Event())
    stages = [Stage("double", ASKED, double, (ANSWERED,)), Stage("tell", ANSWERED, tell)]
    pipeline = Supervisor(context, Idle(), stages, Backlog({}, 100), Retention(timedelta(days=1), 10**9))
    await asyncio.wait_for(pipeline.drain(), PATIENCE)
    assert told == [2]


async def test_what_a_later_stage_writes_for_an_earlier_one_is_awaited() -> None:
    specs = [TopicSpec("asked", 1), TopicSpec("answered", 1)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    planned, looks, loop = list[int](), list[str](), asyncio.get_running_loop()
    may_plan = asyncio.Event()

    class Ordered(MemoryLog):
        def progress(self, group: str, topic: str) -> Progress:
            looks.append(group)
            if group == "double":  # what it writes comes after `plan` was found idle
                wait_until(lambda: not super(Ordered, self).progress(group, topic).lag)
            elif looks.count("plan") > 1:
                loop.call_soon_threadsafe(may_plan.set)
            return super().progress(group, topic)

    async def plan(number: Number) -> Sequence[Number]:
        await may_plan.wait()
        planned.append(number.n)
        return []

    async def double(number: Number) -> Sequence[Number]:
        await until(lambda: "plan" in looks)
        return [Number(2 * number.n)]

    log = Ordered(specs, lambda: NOW)
    log.produce([Outgoing("asked", "1", encode(Number(1)))])
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event())
    stages = [Stage("plan", ANSWERED, plan), Stage("double", ASKED, double, (ANSWERED,))]
    pipeline = Supervisor(context, Idle(), stages, Backlog({}, 100), Retention(timedelta(days=1), 10**9))
    await asyncio.wait_for(pipeline.drain(), PATIENCE)
    assert planned == [2]
