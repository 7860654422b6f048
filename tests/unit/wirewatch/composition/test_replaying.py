"""What is replayed follows behind live news, a little at a time."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from samples.alerts import article

from index.store import Document, Store
from stream.log.base import Outgoing, Record
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.messages import decode
from wirewatch.composition import replaying
from wirewatch.composition.replaying import FEWEST, Progress, Replayer, Source, Wanted, begin, source_of
from wirewatch.config import Config
from wirewatch.topics import PAGES, REPLAYER, REPLAYS, Replay, specs

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
WANTED = Wanted("extract", None, None, said="extract")


def filled(count: int) -> MemoryLog:
    """A log with pages that the stage has read."""
    log = MemoryLog(specs(Config()), lambda: NOW)
    log.produce([Outgoing(PAGES.name, str(number), b"%d" % number) for number in range(count)])
    with log.consumer("extract", PAGES.name) as consumer:
        finish(consumer, count)
    return log


def finish(consumer: object, count: int) -> list[bytes]:
    records = consumer.poll(count, 0.0)  # type: ignore[attr-defined]
    ends: dict[int, int] = {}
    for record in records:
        ends[record.partition] = record.offset + 1
    consumer.commit(ends)  # type: ignore[attr-defined]
    return [record.value for record in records]


def lag(log: MemoryLog) -> int:
    return log.progress("extract", PAGES.name).lag


async def test_no_more_waits_before_the_stage_than_it_does_in_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replaying, "MOST", FEWEST)  # how fast this stage is, is chance
    log, stop, told = filled(100), asyncio.Event(), list[Progress]()
    record = begin(log, None, WANTED, NOW, anew=False)
    source, close = source_of(log, None, WANTED, record)
    running = asyncio.ensure_future(Replayer(log, record, None, told.append).run(source, stop))
    most, got = 0, list[bytes]()
    with log.consumer("extract", PAGES.name) as consumer:
        while not running.done():
            await asyncio.sleep(0.01)
            most = max(most, lag(log))
            if lag(log) >= FEWEST or running.done():
                got += finish(consumer, FEWEST)
        got += finish(consumer, 1_000)
    assert await running
    close()
    assert most <= FEWEST
    assert sorted(map(int, got)) == list(range(100)), "each once"
    assert (told[-1].done, told[-1].total) == (100, 100)


async def test_a_poll_without_messages_does_not_end_it_while_some_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = filled(10)
    record = begin(log, None, WANTED, NOW, anew=False)
    source, close = source_of(log, None, WANTED, record)
    poll = MemoryConsumer.poll

    def in_vain(self: MemoryConsumer, limit: int, timeout: float) -> list[Record]:
        monkeypatch.setattr(MemoryConsumer, "poll", poll)
        return []

    monkeypatch.setattr(MemoryConsumer, "poll", in_vain)
    told = list[Progress]()
    assert await Replayer(log, record, None, told.append).run(source, asyncio.Event())
    close()
    assert (told[-1].done, told[-1].total) == (10, 10)


async def test_what_was_trimmed_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "READ_SECONDS", 0.0)
    log = filled(10)
    record = begin(log, None, WANTED, NOW, anew=False)
    log.trim(PAGES.name, NOW + timedelta(days=1), 0, beside=(REPLAYER,))
    source, close = source_of(log, None, WANTED, record)
    assert source.read(100) is None
    close()


async def test_live_messages_that_wait_go_first() -> None:
    log, stop = filled(10), asyncio.Event()
    record = begin(log, None, WANTED, NOW, anew=False)
    log.produce([Outgoing(PAGES.name, f"live {number}", b"live") for number in range(FEWEST)])
    source, close = source_of(log, None, WANTED, record)
    running = asyncio.ensure_future(Replayer(log, record, None, lambda _: None).run(source, stop))
    await asyncio.sleep(0.6)
    assert lag(log) == FEWEST
    stop.set()
    assert not await running
    close()


async def test_one_that_was_stopped_goes_on_and_one_that_is_over_begins_anew() -> None:
    log, stop = filled(10), asyncio.Event()
    record = begin(log, None, WANTED, NOW, anew=False)
    source, close = source_of(log, None, WANTED, record)

    def half(limit: int) -> tuple[list[Outgoing], int] | None:
        stop.set()
        return source.read(4)

    assert not await Replayer(log, record, None, lambda _: None).run(Source(half, source.done), stop)
    close()
    again = begin(log, None, WANTED, NOW, anew=False)
    assert (again.done, again.total) == (4, 10)
    source, close = source_of(log, None, WANTED, again)
    assert await Replayer(log, again, None, lambda _: None).run(source, asyncio.Event())
    close()
    assert lag(log) == 10
    assert decode(log.latest(REPLAYS.name)["extract"], Replay).over
    assert begin(log, None, WANTED, NOW, anew=False).done == 0


def test_a_scan_that_is_not_read_to_its_end_ends_before_its_archive_is_closed() -> None:
    events = []

    class Archive:
        """One that holds something open while it is read, as Elasticsearch does."""

        def scan(self) -> Generator[Document, None, None]:
            try:
                for number in range(3):
                    yield Document(article(number), NOW)
            finally:
                events.append("scan ended")

        def count(self) -> int:
            return 3

    log, wanted = MemoryLog(specs(Config()), lambda: NOW), Wanted("enrich", None, None, said="enrich")
    store = cast(Store, Archive())
    record = begin(log, store, wanted, NOW + timedelta(days=1), anew=True)
    source, close = source_of(log, store, wanted, record)
    batch = source.read(1)
    assert batch is not None
    assert len(batch[0]) == 1
    close()
    assert events == ["scan ended"]
