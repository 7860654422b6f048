import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from waiting import PATIENCE, until

from stream import runner
from stream.errors import Reject, RetryLater, StageBroken
from stream.log.base import Outgoing, TopicSpec, partition_of
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.messages import Message, decode, encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries, read, retry
from stream.runner import run_stage
from stream.stage import Forget, Stage, Topic

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Number(msgspec.Struct, frozen=True):
    n: int

    @property
    def key(self) -> str:
        return str(self.n)


ASKED = Topic("asked", Number)
ANSWERED = Topic("answered", Number)


class Known(msgspec.Struct, frozen=True):
    key: str


KNOWN = Topic("known", Known, compacted=True)


@pytest.fixture
def log() -> Iterator[MemoryLog]:
    specs = [TopicSpec("asked", 2), TopicSpec("answered", 2), TopicSpec("known", compacted=True)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    with MemoryLog(specs, now=lambda: NOW) as opened:
        yield opened


def ask(log: MemoryLog, numbers: Sequence[int]) -> None:
    log.produce([Outgoing("asked", str(n), encode(Number(n))) for n in numbers])


def answers(log: MemoryLog) -> list[int]:
    with log.consumer("look", "answered") as consumer:
        found = []
        while records := consumer.poll(100, 0.0):
            found += [msgspec.msgpack.decode(one.value, type=Number).n for one in records]
        return sorted(found)


async def run_until(log: MemoryLog, stage: Stage, done: Callable[[], bool]) -> Context:
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event())
    task = asyncio.create_task(run_stage(stage, context, lambda: True))
    try:
        await until(lambda: done() or task.done())
    finally:
        context.stop.set()
        await task
    return context


class Full(MemoryLog):
    """A log whose disk is full as long as `full` says so; it counts what is asked of it."""

    full = True
    attempts = 0

    def produce(self, messages: Sequence[Outgoing]) -> None:
        self.attempts += 1
        if self.full:
            raise RetryLater("disk-full", "no room")
        super().produce(messages)


class Narrow(MemoryLog):
    """A log that takes no larger messages."""

    most = 400

    def produce(self, messages: Sequence[Outgoing]) -> None:
        for one in messages:
            if len(one.value or b"") > self.most:
                raise Reject("too-large", f"a message to {one.topic} is larger than {self.most} bytes")
        super().produce(messages)


def of_kind(kind: type[MemoryLog]) -> Any:
    specs = [TopicSpec("asked", 2), TopicSpec("answered", 2), TopicSpec("known", compacted=True)]
    return kind(
        [*specs, *(TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE))], lambda: NOW
    )


async def doubled(number: Number) -> list[Any]:
    return [Number(number.n * 2)]


def lag(log: MemoryLog, group: str) -> int:
    return log.progress(group, "asked").lag


async def test_each_message_is_handled_and_committed(log: MemoryLog) -> None:
    ask(log, range(50))
    context = await run_until(
        log, Stage("double", ASKED, doubled, (ANSWERED,), concurrency=4), lambda: lag(log, "double") == 0
    )
    assert answers(log) == [n * 2 for n in range(50)]
    assert context.meters.get("double", "done") == 50


async def test_a_rejected_message_is_quarantined_and_the_rest_goes_on(log: MemoryLog) -> None:
    async def picky(number: Number) -> Sequence[Message]:
        if number.n == 3:
            raise Reject("odd", "I do not like 3")
        return await doubled(number)

    ask(log, range(6))
    log.produce([Outgoing("asked", "x", b"\xc1 no message")])
    await run_until(
        log, Stage("picky", ASKED, picky, (ANSWERED,), concurrency=3), lambda: lag(log, "picky") == 0
    )
    assert answers(log) == [0, 2, 4, 8, 10]
    assert {(one.kind, one.stage) for one in read(log, QUARANTINE)} == {
        ("odd", "picky"),
        ("undecodable", "picky"),
    }


async def test_a_message_for_later_is_put_aside_with_an_appointment(log: MemoryLog) -> None:
    async def busy(_: Number) -> Sequence[Message]:
        raise RetryLater("busy", "come again")

    ask(log, [1])
    context = await run_until(log, Stage("busy", ASKED, busy, (ANSWERED,)), lambda: lag(log, "busy") == 0)
    assert [one.kind for one in read(log, RETRIES)] == ["busy"]
    assert len(context.retries) == 1


async def test_a_stage_that_fails_on_everything_stops(log: MemoryLog) -> None:
    async def broken(_: Number) -> Sequence[Message]:
        raise ZeroDivisionError

    ask(log, range(200))
    with pytest.raises(StageBroken, match="failed on 50 messages in a row"):
        await run_until(log, Stage("broken", ASKED, broken, (ANSWERED,), concurrency=5), lambda: False)
    assert len(read(log, QUARANTINE)) < 100, "the rest stays in the topic"


async def test_a_slow_message_holds_back_the_commit_of_its_partition_only(log: MemoryLog) -> None:
    async def sticky(number: Number) -> Sequence[Message]:
        if number.n == 0:
            await asyncio.sleep(60)
        return await doubled(number)

    ask(log, range(20))
    stage = Stage("sticky", ASKED, sticky, (ANSWERED,), concurrency=30)
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event())
    task = asyncio.create_task(run_stage(stage, context, lambda: True))
    stuck = sum(partition_of(str(n), 2) == partition_of("0", 2) for n in range(20))
    await until(lambda: lag(log, "sticky") == stuck)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert 0 < stuck < 20
    with log.consumer("sticky", "asked") as consumer:
        assert 0 in [msgspec.msgpack.decode(one.value, type=Number).n for one in consumer.poll(100, 0.0)]


async def test_nothing_is_taken_while_the_next_stage_is_behind(log: MemoryLog) -> None:
    ask(log, range(5))
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event())
    asked: list[bool] = []

    def ready() -> bool:
        asked.append(False)
        return asked[-1]

    task = asyncio.create_task(run_stage(Stage("idle", ASKED, doubled, (ANSWERED,)), context, ready))
    await until(lambda: len(asked) > 2)
    context.stop.set()
    await task
    assert lag(log, "idle") == 5


async def test_a_stage_with_a_limit_of_its_own_never_goes_beyond_it(log: MemoryLog) -> None:
    def ahead() -> int:
        return log.progress("reader", "answered").lag

    async def slow(number: Number) -> list[Any]:
        await asyncio.sleep(0.002)  # so that several are under way
        most[0] = max(most[0], ahead())
        return await doubled(number)

    most = [0]
    ask(log, range(100))
    stage = Stage("limited", ASKED, slow, (ANSWERED,), concurrency=20, room=lambda: 30 - ahead())
    await run_until(log, stage, lambda: ahead() == 30)
    assert lag(log, "limited") == 70
    with log.consumer("reader", "answered") as consumer:
        for record in consumer.poll(25, 0.0):
            consumer.commit({record.partition: record.offset + 1})
    await run_until(log, stage, lambda: lag(log, "limited") == 45)
    assert (ahead(), most[0] <= 30) == (30, True)


class Shelf:
    """A sink that fails its first flushes, and refuses 7 only when it flushes it."""

    def __init__(self, failures: int = 0) -> None:
        self.added: list[int] = []
        self.flushed: list[int] = []
        self.failures = failures

    def add(self, message: Number) -> None:
        if message.n == 13:
            raise Reject("unlucky", "13")
        self.added.append(message.n)

    def flush(self) -> Mapping[str, Reject]:
        if self.failures:
            self.failures -= 1
            raise RetryLater("disk-full", "no room")
        self.flushed, added = self.flushed + [n for n in self.added if n != 7], self.added
        self.added = []
        return {Number(7).key: Reject("misshapen", "7")} if 7 in added else {}


async def test_a_sink_commits_only_what_it_flushed(log: MemoryLog) -> None:
    ask(log, range(20))
    shelf = Shelf()
    context = await run_until(
        log, Stage("shelf", ASKED, shelf, concurrency=8), lambda: lag(log, "shelf") == 0
    )
    assert sorted(shelf.flushed) == [n for n in range(20) if n not in (7, 13)]
    buried = {one.kind: decode(one.value, Number).n for one in read(log, QUARANTINE)}
    assert buried == {"unlucky": 13, "misshapen": 7}
    assert context.meters.get("shelf", "done") == 18


async def test_a_stop_does_not_wait_for_ever_for_a_sink_that_can_t_flush(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)
    ask(log, range(4))
    shelf = Shelf(failures=1_000_000)
    async with asyncio.timeout(PATIENCE):
        await run_until(log, Stage("shelf", ASKED, shelf, concurrency=4), lambda: shelf.failures < 1_000_000)
    assert (shelf.flushed, lag(log, "shelf")) == ([], 4)


async def test_a_sink_that_can_t_flush_is_waited_for(log: MemoryLog) -> None:
    ask(log, range(4))
    shelf = Shelf(failures=1)
    await run_until(log, Stage("shelf", ASKED, shelf, concurrency=8), lambda: lag(log, "shelf") == 0)
    assert sorted(shelf.flushed) == [0, 1, 2, 3]
    assert read(log, QUARANTINE) == []


@pytest.mark.parametrize("sink", [False, True])
async def test_a_message_is_done_only_when_what_came_of_it_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, sink: bool
) -> None:
    monkeypatch.setattr(runner, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(runner, "LINGER_SECONDS", 0.01)
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.2)
    log = of_kind(Full)
    log.full = False
    ask(log, [13])
    log.full, polls = True, 0
    join = log.consumer

    def consumer(group: str, topic: str) -> Any:
        joined = join(group, topic)
        poll = joined.poll

        def counted(limit: int, timeout: float) -> Any:
            nonlocal polls
            polls += log.attempts > 1  # written in vain
            return poll(limit, timeout)

        joined.poll = counted
        return joined

    monkeypatch.setattr(log, "consumer", consumer)
    stage = Stage("s", ASKED, Shelf(), concurrency=4) if sink else Stage("s", ASKED, doubled, (ANSWERED,), 4)
    await run_until(log, stage, lambda: polls > 3 or (sink and log.attempts > 1))
    assert lag(log, "s") == 1
    log.full = False
    await run_until(log, stage, lambda: lag(log, "s") == 0)
    assert len(read(log, QUARANTINE) if sink else answers(log)) == 1


async def test_a_result_that_is_too_large_for_the_log_quarantines_its_message_and_the_rest_goes_on() -> None:
    async def swollen(number: Number) -> list[Any]:
        return [Known("x" * 1_000)] if number.n == 3 else await doubled(number)

    log = of_kind(Narrow)
    ask(log, range(6))
    await run_until(log, Stage("s", ASKED, swollen, (ANSWERED, KNOWN), 6), lambda: lag(log, "s") == 0)
    assert answers(log) == [0, 2, 4, 8, 10]
    (dead,) = read(log, QUARANTINE)
    assert (dead.kind, decode(dead.value, Number).n) == ("too-large", 3)
    assert "known is larger than 400 bytes" in dead.reason
    assert retry(log, [dead]) == 1


@pytest.mark.parametrize("error", [Reject("odd", "not liked"), RetryLater("busy", "come again")])
@pytest.mark.parametrize("sink", [False, True])
async def test_a_message_that_is_too_large_for_the_quarantine_is_told_there(
    error: Exception, sink: bool
) -> None:
    async def refuse(_: Known) -> list[Any]:
        raise error

    class Refusing(Shelf):
        def add(self, message: Any) -> None:
            raise error

    log = of_kind(Narrow)
    log.most = 1_000
    words = Topic("asked", Known)
    log.produce(
        [Outgoing("asked", "large", encode(Known("x" * 900))), Outgoing("asked", "small", encode(Known("y")))]
    )
    stage = Stage("s", words, Refusing() if sink else refuse, () if sink else (ANSWERED,), 4)
    await run_until(log, stage, lambda: lag(log, "s") == 0)
    (large,) = (
        read(log, QUARANTINE)
        if isinstance(error, RetryLater)
        else (one for one in read(log, QUARANTINE) if one.key == "large")
    )
    assert (large.value, large.omitted, large.kind, large.retry_at) == (
        b"",
        len(encode(Known("x" * 900))),
        "too-large",
        None,
    )
    assert str(error).split(": ")[-1] in large.reason
    assert f"at offset {large.place.split('.')[1]} of partition {large.place.split('.')[0]}" in large.reason
    assert retry(log, [large]) == 0, "there is nothing to put back"
    assert len(read(log, QUARANTINE)) + len(read(log, RETRIES)) == 2


async def test_a_group_that_can_t_be_left_now_is_left_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(_: Any) -> None:
        raise RetryLater("disk-full", "no room")

    log = of_kind(MemoryLog)
    monkeypatch.setattr(MemoryConsumer, "close", close)
    await run_until(log, Stage("s", ASKED, doubled, (ANSWERED,)), lambda: True)


class Counting:
    """A stage with a state in the log: it answers each number once."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self._known: set[str] = set()
        self.reloads = 0
        self.ticks = 0

    def reload(self) -> None:
        self.reloads += 1
        self._known = set(self._log.latest("known"))

    async def __call__(self, number: Number) -> list[Any]:
        if number.key in self._known:
            return []
        self._known.add(number.key)
        return [Number(number.n), Known(number.key)]

    async def tick(self) -> list[Any]:
        self.ticks += 1
        return [Number(1000), Forget(KNOWN, "0")] if self.ticks == 1 else []


async def test_each_result_goes_to_the_topic_of_its_type_and_a_key_can_be_forgotten(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", 0.05)
    count = Counting(log)
    stage = Stage("count", ASKED, count, (ANSWERED, KNOWN), reload=count.reload, tick=count.tick)
    ask(log, [0, 1, 0, 1])
    await run_until(log, stage, lambda: count.ticks > 2)
    assert answers(log) == [0, 1, 1000]
    assert set(log.latest("known")) == {"1"}


async def test_a_state_is_read_before_the_first_message(log: MemoryLog) -> None:
    log.produce([Outgoing("known", "5", encode(Known("5")))])
    count = Counting(log)
    ask(log, [5, 6])
    stage = Stage("count", ASKED, count, (ANSWERED, KNOWN), reload=count.reload)
    await run_until(log, stage, lambda: lag(log, "count") == 0)
    assert answers(log) == [6]
    assert count.reloads == 1


async def test_a_stage_whose_tick_fails_stops_and_says_so(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", 0.05)

    async def broken() -> list[Any]:
        raise ValueError("no time")

    with pytest.raises(ValueError, match="no time"):
        await run_until(log, Stage("tick", ASKED, doubled, (ANSWERED,), tick=broken), lambda: False)
