import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from waiting import PATIENCE, until

from stream import runner, supervisor
from stream.errors import Reject, RetryLater, StageBroken
from stream.log.base import Outgoing, Record, TopicSpec, partition_of
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.messages import Message, decode, encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries, read, retry
from stream.runner import room, run_stage
from stream.stage import Forget, Stage, Topic

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
MOMENT = 0.05
"""Seconds in which what must not happen would happen. No test fails because it was too short."""


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
    """A log whose disk is full while `full` is set; it counts the calls."""

    full = True
    attempts = 0

    def produce(self, messages: Sequence[Outgoing]) -> None:
        self.attempts += 1
        if self.full:
            raise RetryLater("disk-full", "no room")
        super().produce(messages)


class Narrow(MemoryLog):
    """A log that refuses larger messages."""

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


async def test_a_rejected_message_is_quarantined_and_the_rest_continues(log: MemoryLog) -> None:
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


async def test_a_message_for_later_is_shelved_with_the_time_of_its_retry(log: MemoryLog) -> None:
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
        await asyncio.sleep(0.002)  # so that several are in progress
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
async def test_a_message_is_done_only_when_its_results_are_in_the_log(
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


async def test_a_result_that_is_too_large_for_the_log_quarantines_its_message_and_the_rest_continues() -> (
    None
):
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
async def test_a_message_that_is_too_large_for_the_quarantine_is_recorded_there(
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


async def test_ticks_begin_with_the_stage_also_where_no_message_comes(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(runner, "IDLE_SECONDS", 3_600.0)
    ticks: list[int] = []

    async def tick() -> list[Any]:
        ticks.append(1)
        return []

    await run_until(log, Stage("tick", ASKED, doubled, (ANSWERED,), tick=tick), lambda: len(ticks) > 1)


# Calls to the log


class Script:
    """A consumer that returns the test's records, poll by poll, and records the calls."""

    def __init__(self, *polls: Sequence[Record]) -> None:
        self.polls = list(polls)
        self.owned: Mapping[int, int] = {0: 1, 1: 1}
        self.asked: list[tuple[int, float]] = []
        self.committed: dict[int, int] = {}
        self.is_closed = False

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        self.asked.append((limit, timeout))
        time.sleep(0.001)  # of a thread: an empty log waits
        return self.polls.pop(0) if limit and self.polls else []

    def wake(self) -> None:
        pass

    def ownership(self) -> Mapping[int, int]:
        return self.owned

    def commit(self, offsets: Mapping[int, int]) -> None:
        self.committed |= offsets

    def close(self) -> None:
        self.is_closed = True


def record(number: int, partition: int = 0) -> Record:
    return Record("asked", partition, number, str(number), encode(Number(number)), 0, NOW)


@asynccontextmanager
async def reading(
    log: MemoryLog, script: Script, stage: Stage, *, ready: bool = True
) -> AsyncIterator[asyncio.Event]:
    """Runs a stage on a script until the end of the block, or until the yielded event is set."""
    log.consumer = lambda _group, _topic: script  # type: ignore[assignment, method-assign, return-value]
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, asyncio.Event())
    task = asyncio.create_task(run_stage(stage, context, lambda: ready))
    try:
        yield context.stop
    finally:
        context.stop.set()
        await task


@pytest.mark.parametrize("sink", [False, True])
async def test_an_idle_stage_asks_for_as_much_as_it_can_hold(log: MemoryLog, sink: bool) -> None:
    script = Script()
    stage = Stage("s", ASKED, Shelf(), concurrency=4) if sink else Stage("s", ASKED, doubled, (ANSWERED,), 4)
    async with reading(log, script, stage):
        await until(lambda: len(script.asked) > 2)
    first, *later = script.asked
    assert first == (4, runner.IDLE_SECONDS if sink else runner.BUSY_SECONDS), "ticks wait for the partitions"
    assert set(later) == {(4, runner.IDLE_SECONDS)}
    assert script.is_closed


@pytest.mark.parametrize(("is_ready", "ahead"), [(False, 9), (True, 0), (True, -5)])
async def test_a_stage_that_may_take_nothing_only_keeps_its_membership_alive(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch, is_ready: bool, ahead: int
) -> None:
    monkeypatch.setattr(runner, "BUSY_SECONDS", 0.01)
    script = Script()
    stage = Stage("s", ASKED, doubled, (ANSWERED,), 4, room=lambda: ahead)
    async with reading(log, script, stage, ready=is_ready):
        await until(lambda: len(script.asked) > 2)
    assert set(script.asked) == {(0, 0.0)}


async def test_a_sink_that_may_take_nothing_only_keeps_its_membership_alive(log: MemoryLog) -> None:
    script = Script([record(1)])
    async with reading(log, script, Stage("s", ASKED, Shelf(), concurrency=4), ready=False):
        await until(lambda: len(script.asked) > 2)
    assert set(script.asked) == {(0, runner.IDLE_SECONDS)}


def test_the_times_that_other_code_depends_on() -> None:
    assert runner.TICK_SECONDS == 1.0, "as stream/stage.py says"
    assert 0 < runner.LINGER_SECONDS + runner.BUSY_SECONDS < 1, "an alert takes a second from the article on"
    assert supervisor.STOP_SECONDS + 3 <= 10, "a process ends within ten seconds, and has more to close"


@pytest.mark.parametrize(("taken", "more"), [(0, 5), (2, 3), (3, 0), (5, 0)])
def test_new_messages_are_taken_when_half_of_the_places_are_free(taken: int, more: int) -> None:
    assert room(5, taken) == more


def test_exactly_half_is_half() -> None:
    assert (room(4, 2), room(2, 1), room(1, 0), room(1, 1)) == (2, 1, 1, 0)


async def test_a_place_that_becomes_free_is_filled_at_once(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BUSY_SECONDS", 3_600)
    script = Script(*([record(number)] for number in range(5)))
    async with reading(log, script, Stage("s", ASKED, doubled, (ANSWERED,), 1)):
        await until(lambda: script.committed == {0: 5})
    assert answers_of(log) == [0, 2, 4, 6, 8]


async def test_what_is_done_is_committed_before_a_long_wait(log: MemoryLog) -> None:
    class Idling(Script):
        def poll(self, limit: int, timeout: float) -> Sequence[Record]:
            if timeout == runner.IDLE_SECONDS:
                uncommitted.append(20 - len(self.polls) - self.committed.get(0, 0))
            return super().poll(limit, timeout)

    def slow_room() -> int:
        time.sleep(0.01)  # of a thread: meanwhile a message is finished
        return 9

    uncommitted: list[int] = []
    script = Idling(*([record(number)] for number in range(20)))
    async with reading(log, script, Stage("s", ASKED, doubled, (ANSWERED,), 4, room=slow_room)):
        await until(lambda: script.committed == {0: 20})
    assert set(uncommitted) == {0}


async def test_a_full_stage_does_not_ask_the_log_again_and_again(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BUSY_SECONDS", 3_600)
    gate, begun = asyncio.Event(), asyncio.Event()

    async def second_slow(number: Number) -> list[Any]:
        if number.n == 1:
            begun.set()
            await gate.wait()
        return await doubled(number)

    script = Script([record(0)], [record(1)])
    async with reading(log, script, Stage("s", ASKED, second_slow, (ANSWERED,), 1)):
        await begun.wait()
        await asyncio.sleep(MOMENT)
        assert script.asked == [(1, runner.BUSY_SECONDS), (0, 0.0), (1, runner.IDLE_SECONDS)]
        gate.set()


async def test_nothing_is_kept_of_messages_that_are_done(log: MemoryLog) -> None:
    def tasks() -> int:
        # type(), since isinstance asks a weak proxy of what is gone for its class.
        return sum(issubclass(type(one), asyncio.Task) for one in gc.get_objects())

    ask(log, range(300))
    script, many = (
        Script(*([record(number)] for number in range(300))),
        Stage("s", ASKED, doubled, (ANSWERED,)),
    )
    before = tasks()
    async with reading(log, script, many):
        await until(lambda: script.committed == {0: 300})
        assert tasks() < before + 100


def answers_of(log: MemoryLog) -> list[int]:
    """Like `answers`, with scripted consumers."""
    del log.consumer  # type: ignore[method-assign]
    return answers(log)


# Losing partitions, and stopping


async def test_messages_in_progress_from_a_lost_partition_are_not_committed(log: MemoryLog) -> None:
    gate = asyncio.Event()

    async def slow(number: Number) -> list[Any]:
        await gate.wait()
        return await doubled(number)

    script = Script([record(0, partition=0), record(0, partition=1)])
    async with reading(log, script, Stage("s", ASKED, slow, (ANSWERED,), 4)):
        await until(lambda: not script.polls)
        script.owned = {1: 1}
        seen = len(script.asked)
        await until(lambda: len(script.asked) > seen + 1)
        gate.set()
        await until(lambda: script.committed)
    assert script.committed == {1: 1}


async def test_a_partition_that_was_away_between_two_polls_is_started_over(log: MemoryLog) -> None:
    """Its process was suspended for longer than its session: it has the partition back before it asks again."""
    reloads: list[int] = []
    script = Script([record(0)])
    stage = Stage("s", ASKED, doubled, (ANSWERED,), 4, reload=lambda: reloads.append(1))
    async with reading(log, script, stage):
        await until(lambda: script.committed == {0: 1})
        script.committed.clear()  # the log skipped that: another member had the partition
        script.owned = {0: 2, 1: 1}
        script.polls.append([record(0)])
        await until(lambda: script.committed == {0: 1})
    assert len(reloads) == 2


async def test_messages_held_by_a_sink_from_a_lost_partition_are_not_committed(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LINGER_SECONDS", 3_600)
    script = Script([record(0, partition=0), record(0, partition=1)])
    async with reading(log, script, Stage("s", ASKED, Shelf(), concurrency=9)):
        await until(lambda: not script.polls)
        script.owned = {1: 1}
        seen = len(script.asked)
        await until(lambda: len(script.asked) > seen + 1)
    assert script.committed == {1: 1}


async def test_a_stage_that_stops_finishes_what_it_has_begun(log: MemoryLog) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def slow(number: Number) -> list[Any]:
        begun.set()
        await gate.wait()
        return await doubled(number)

    script = Script([record(1)])
    async with reading(log, script, Stage("s", ASKED, slow, (ANSWERED,), 4)) as stop:
        await begun.wait()
        stop.set()
        asyncio.get_running_loop().call_later(MOMENT, gate.set)  # when it takes nothing any more
    assert script.committed == {0: 2}
    assert answers_of(log) == [2]


async def test_a_message_that_is_given_up_ends_before_its_group_is_left(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.05)
    begun, left = asyncio.Event(), []

    async def endless(_: Number) -> list[Any]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(MOMENT)
            left.append(script.is_closed)
        return []

    script = Script([record(1)])
    async with reading(log, script, Stage("s", ASKED, endless, (ANSWERED,), 4)):
        await begun.wait()
    assert (left, script.is_closed) == ([False], True)


async def test_a_stage_that_stops_gives_up_slow_messages(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def endless(_: Number) -> list[Any]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        return []

    script = Script([record(1)])
    async with reading(log, script, Stage("s", ASKED, endless, (ANSWERED,), 4)):
        await begun.wait()
    assert given_up.is_set()
    assert (script.committed, script.is_closed) == ({}, True)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_sink_that_is_given_up_says_how_much_it_held(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    shelf = Shelf(failures=1_000_000)
    with capture_logs() as logs:
        async with reading(log, Script([record(1), record(2)]), Stage("s", ASKED, shelf, concurrency=2)):
            await until(lambda: shelf.failures < 1_000_000)
    assert {"event": "stopped before it could flush", "messages": 2} in [
        {key: line.get(key) for key in ("event", "messages")} for line in logs
    ]
    assert asyncio.all_tasks() == {asyncio.current_task()}


# When a sink flushes


async def test_a_sink_holds_its_messages_until_it_stops_or_the_time_is_up(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LINGER_SECONDS", 3_600)
    script, shelf = Script([record(1)]), Shelf()
    async with reading(log, script, Stage("s", ASKED, shelf, concurrency=9)):
        await until(lambda: len(script.asked) > 3)
        assert (shelf.flushed, script.committed) == ([], {})
    assert (shelf.flushed, script.committed) == ([1], {0: 2})
    assert script.asked[0] == (9, runner.IDLE_SECONDS)
    assert set(script.asked[1:]) == {(8, runner.IDLE_SECONDS)}


async def test_a_sink_that_holds_messages_waits_no_longer_than_until_its_next_flush(log: MemoryLog) -> None:
    script = Script([record(1)])
    async with reading(log, script, Stage("s", ASKED, Shelf(), concurrency=9)):
        await until(lambda: len(script.asked) > 1)
    assert 0.0 <= script.asked[1][1] <= runner.LINGER_SECONDS < runner.IDLE_SECONDS


async def test_a_sink_that_nobody_stops_continues(log: MemoryLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.01)
    script = Script()
    async with reading(log, script, Stage("s", ASKED, Shelf(), concurrency=9)):
        await until(lambda: len(script.asked) > 100 or script.is_closed)  # a millisecond each, at least
        assert not script.is_closed


async def test_a_sink_that_is_full_flushes_at_once(log: MemoryLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LINGER_SECONDS", 3_600)
    script, shelf = Script([record(1), record(2)], [record(3)]), Shelf()
    async with reading(log, script, Stage("s", ASKED, shelf, concurrency=2)):
        await until(lambda: script.committed)
        await until(lambda: not script.polls)
        assert (shelf.flushed, script.committed) == ([1, 2], {0: 3})


async def test_a_sink_flushes_while_messages_trickle_in(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LINGER_SECONDS", 0.05)
    script, shelf = Script(*([record(number)] for number in range(100, 9_999))), Shelf()
    async with reading(log, script, Stage("s", ASKED, shelf, concurrency=9_999)):
        await until(lambda: shelf.flushed)
        first = len(shelf.flushed)
        await until(lambda: len(shelf.flushed) > first)
    assert all(0.0 <= wait <= runner.IDLE_SECONDS for _, wait in script.asked)


# A stage that is broken


FINE, BUG, BAD = "fine", "bug", "bad"


def work_by(kinds: Sequence[str]) -> Callable[[Number], None]:
    def work(number: Number) -> None:
        match kinds[number.n]:
            case "bug":
                raise ZeroDivisionError
            case "bad":
                raise Reject("odd", "not liked")

    return work


def stage_by(kinds: Sequence[str], *, sink: bool) -> Stage:
    work = work_by(kinds)

    class Working(Shelf):
        def add(self, message: Number) -> None:
            work(message)

    async def transform(number: Number) -> list[Any]:
        work(number)
        return []

    return Stage("s", ASKED, Working() if sink else transform, () if sink else (ANSWERED,), 1)


@pytest.mark.parametrize("sink", [False, True])
async def test_a_stage_that_handles_one_message_in_fifty_continues(log: MemoryLog, sink: bool) -> None:
    kinds = [*[BUG] * 49, FINE, *[BUG] * 49, BAD, *[BUG] * 49, FINE]
    script = Script(*([record(number)] for number in range(len(kinds))))
    async with reading(log, script, stage_by(kinds, sink=sink)):
        await until(lambda: script.committed == {0: len(kinds)})
    assert len(read(log, QUARANTINE)) == 3 * 49 + 1


@pytest.mark.parametrize("before", [[], [FINE], [BAD]])
@pytest.mark.parametrize("sink", [False, True])
async def test_fifty_failures_in_a_row_stop_a_stage(log: MemoryLog, sink: bool, before: list[str]) -> None:
    kinds = [*before, *[BUG] * 50, FINE]
    script = Script(*([record(number)] for number in range(len(kinds))))
    with pytest.raises(StageBroken, match="stage s failed on 50 messages in a row, last: ") as broken:
        async with reading(log, script, stage_by(kinds, sink=sink)):
            await until(lambda: script.is_closed or script.committed == {0: len(kinds)})
    assert "ZeroDivisionError" in str(broken.value)
    assert script.committed.get(0, 0) < len(kinds)


async def test_a_result_of_a_tick_that_is_too_large_for_the_log_stops_the_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", 0.01)

    async def tick() -> list[Any]:
        return [Known("x" * 1_000)]

    log, script = of_kind(Narrow), Script()
    with pytest.raises(Reject, match="larger than 400 bytes"):
        async with reading(log, script, Stage("s", ASKED, doubled, (ANSWERED, KNOWN), 4, tick=tick)):
            await until(lambda: script.is_closed)


async def test_done_messages_and_their_results_are_counted(log: MemoryLog) -> None:
    async def twice(number: Number) -> list[Any]:
        return [number, number]

    ask(log, range(3))
    context = await run_until(log, Stage("s", ASKED, twice, (ANSWERED,)), lambda: lag(log, "s") == 0)
    assert (context.meters.get("s", "done"), context.meters.get("s", "emitted")) == (3, 6)


async def test_a_tick_that_cannot_be_done_now_is_done_later(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_SECONDS", 0.01)
    away = [RetryLater("kafka-unavailable", "no answer")] * 3

    async def tick() -> list[Any]:
        if away:
            raise away.pop()
        return [Number(7)]

    stage = Stage("s", ASKED, doubled, (ANSWERED,), 4, tick=tick)
    async with reading(log, Script([record(1)]), stage):
        await until(lambda: log.progress("look", ANSWERED.name).lag > 1)
    assert not away
    assert 7 in answers_of(log)
