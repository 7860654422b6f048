"""Turns at a host, and Retry-After."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetching.politeness import MAX_RETRY_AFTER, HostGate, retry_after


class FakeTime:
    """A clock that moves only when somebody sleeps, or the test says so. It wakes sleepers a little early at first."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.time += seconds if seconds < 0.001 else seconds - 0.0005


def gate_of(clock: FakeTime, gap: float = 2.0) -> HostGate:
    return HostGate(gap, now=clock.now, sleep=clock.sleep)


async def test_the_first_turn_comes_at_once() -> None:
    clock = FakeTime()
    async with gate_of(clock).turn("a.example"):
        assert clock.time == 100.0


async def test_the_next_turn_waits_for_the_gap_from_the_end_of_the_last() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    async with gate.turn("a.example"):
        clock.time += 5
    async with gate.turn("a.example"):
        assert clock.time == pytest.approx(107.0)
        assert clock.time >= 107.0


async def test_an_old_turn_costs_no_wait() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    async with gate.turn("a.example"):
        pass
    clock.time += 2.0
    async with gate.turn("a.example"):
        assert clock.time == 102.0


async def test_another_host_does_not_wait() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    async with gate.turn("a.example"), gate.turn("b.example"):
        assert clock.time == 100.0


async def test_one_at_a_time_in_the_order_they_came() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    log: list[str] = []

    async def visit(name: str) -> None:
        async with gate.turn("a.example"):
            log.append(f"{name} in")
            await asyncio.sleep(0)
            log.append(f"{name} out")

    await asyncio.gather(*(visit(name) for name in "abc"))
    assert log == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert clock.time >= 104.0


async def test_a_turn_that_fails_counts_and_frees_the_host() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    with pytest.raises(ValueError, match="no"):
        async with gate.turn("a.example"):
            raise ValueError("no")
    async with gate.turn("a.example"):
        assert clock.time >= 102.0


async def test_giving_up_waiting_leaves_no_trace() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    async with gate.turn("a.example"):
        waiting = asyncio.create_task(gate.turn("a.example").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert gate._queues == {}
    async with gate.turn("a.example"):
        assert clock.time >= 102.0


async def test_giving_up_in_the_gap_keeps_the_gap() -> None:
    clock, in_the_gap = FakeTime(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        in_the_gap.set()
        await asyncio.Event().wait()

    gate = HostGate(2.0, now=clock.now, sleep=sleep)
    async with gate.turn("a.example"):
        pass
    waiting = asyncio.create_task(gate.turn("a.example").__aenter__())
    await in_the_gap.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gate._free_at == {"a.example": 102.0}
    assert gate._queues == {}


async def test_idle_hosts_are_forgotten() -> None:
    clock = FakeTime()
    gate = gate_of(clock)
    for number in range(1000):
        async with gate.turn(f"{number}.example"):
            clock.time += 0.1
    assert len(gate._free_at) <= 21
    assert gate._queues == {}


async def test_a_gate_without_a_gap_keeps_nothing() -> None:
    gate = HostGate(0.0)
    for number in range(10):
        async with gate.turn(f"{number}.example"):
            pass
    assert gate._free_at == {}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=20))
def test_turns_at_one_host_never_overlap_and_keep_the_gap(visits: list[tuple[str, float]]) -> None:
    clock = FakeTime()
    gate = gate_of(clock, gap=1.0)
    turns: list[tuple[str, float, float]] = []

    async def visit(host: str, seconds: float) -> None:
        async with gate.turn(host):
            start = clock.now()
            await clock.sleep(seconds)
            turns.append((host, start, clock.now()))

    async def all_visits() -> None:
        await asyncio.gather(*(visit(host, seconds) for host, seconds in visits))

    asyncio.run(all_visits())
    assert len(turns) == len(visits)
    for host in "abc":
        own = sorted((start, end) for name, start, end in turns if name == host)
        for (_, end), (start, _) in itertools.pairwise(own):
            assert start >= end + 1.0


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("99999999", MAX_RETRY_AFTER),
        ("9" * 400, MAX_RETRY_AFTER),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 13:01:30 +0100", 90.0),
        ("Monday, 23-Nov-26 12:01:30 GMT", 90.0),
        ("Mon Nov 23 12:01:30 2026", 90.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Mon, 99 Nov 2026 12:01:30 GMT", None),
        ("Mon, 23 Nov 2099999999999 12:01:30 GMT", None),
        ("Mon, 23 Nov 99999999999999999999 12:01:30 GMT", None),
        (f"Mon, 23 Nov 2026 12:01:30 +{'9' * 400}", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


PARTS = (
    "Fri,",
    "31",
    "Dec",
    "99999999999",
    "2026",
    "0",
    "23:59:59",
    "1.1.1",
    "GMT",
    "-2359",
    "+9999999999",
    "٣",
    "\0",
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(PARTS), max_size=8).map(" ".join))
def test_any_retry_after_is_bounded_or_ignored(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER


@given(st.integers(0, 80_000), st.integers(-12, 12))
def test_a_date_means_the_same_in_every_time_zone(seconds: int, hours: int) -> None:
    moment = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours)))
    assert retry_after(format_datetime(moment), NOW) == seconds
