import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest

from ingest.formats.feeds import parse_feed
from stream.errors import Reject
from stream.workers import Workers


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_bytes=1_500_000_000, cpu_seconds=1)
    yield pool
    pool.close()


def kind_of(workers: Workers, seconds: float, function: object, *arguments: object) -> str:
    with pytest.raises(Reject) as caught:
        asyncio.run(workers.run(seconds, function, *arguments))  # type: ignore[arg-type]
    return caught.value.kind


def still_works(workers: Workers) -> bool:
    return asyncio.run(workers.run(20, abs, -3)) == 3


def test_a_result_and_an_error_come_back(workers: Workers) -> None:
    assert still_works(workers)
    assert (
        kind_of(
            workers, 20, parse_feed, b"<html><body>no</body></html>", "text/html", "", "http://a.example/"
        )
        == "feed-is-html"
    )


class Stubborn(Exception):
    """An error that can be pickled, but not back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail_stubbornly() -> None:
    raise Stubborn(1, 2)


def test_an_error_that_can_t_travel_is_told_and_does_not_break_the_pool(workers: Workers) -> None:
    with pytest.raises(RuntimeError, match="1 and 2"):
        asyncio.run(workers.run(20, fail_stubbornly))
    assert still_works(workers)


def test_a_task_that_takes_too_long_is_killed_and_the_worker_replaced(workers: Workers) -> None:
    assert kind_of(workers, 0.5, time.sleep, 60) == "too-slow"
    assert still_works(workers)


def work_for(seconds: float) -> float:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return seconds


def test_a_task_that_takes_too_much_processor_time_is_stopped(workers: Workers) -> None:
    with pytest.raises(Reject, match="more than 1 s of processor time") as caught:
        asyncio.run(workers.run(60, work_for, 30))
    assert caught.value.kind == "too-slow"
    assert still_works(workers)


def test_processor_time_is_counted_for_each_task_alone(workers: Workers) -> None:
    assert [asyncio.run(workers.run(60, work_for, 0.6)) for _ in range(5)] == [0.6] * 5


def test_a_task_that_wants_too_much_memory_is_refused(workers: Workers) -> None:
    assert kind_of(workers, 20, bytearray, 3_000_000_000) == "too-much-memory"
    assert still_works(workers)


def test_a_task_that_takes_its_worker_down_costs_only_itself(workers: Workers) -> None:
    assert kind_of(workers, 20, signal.raise_signal, signal.SIGSEGV) == "crashed"
    assert kind_of(workers, 20, os._exit, 3) == "crashed"
    assert still_works(workers)
