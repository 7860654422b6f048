import asyncio
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples.places import ROOT
from waiting import PATIENCE

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
    return asyncio.run(workers.run(PATIENCE, abs, -3)) == 3


def test_a_result_and_an_error_come_back(workers: Workers) -> None:
    assert still_works(workers)
    assert (
        kind_of(
            workers,
            PATIENCE,
            parse_feed,
            b"<html><body>no</body></html>",
            "text/html",
            "",
            "http://a.example/",
        )
        == "feed-is-html"
    )


class Stubborn(Exception):
    """An error that can be pickled but not unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail_stubbornly() -> None:
    raise Stubborn(1, 2)


def test_an_error_that_cannot_be_pickled_is_reported_and_does_not_break_the_pool(workers: Workers) -> None:
    with pytest.raises(RuntimeError, match="1 and 2"):
        asyncio.run(workers.run(PATIENCE, fail_stubbornly))
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
    with pytest.raises(Reject, match="more than 1 s of CPU time") as caught:
        asyncio.run(workers.run(PATIENCE, work_for, 30))
    assert caught.value.kind == "too-slow"
    assert still_works(workers)


async def test_slow_tasks_delay_each_other_and_no_quick_one() -> None:
    pool = await asyncio.to_thread(Workers, 1, 1_500_000_000, 600)
    try:
        slow = [asyncio.create_task(pool.run(600, work_for, 600)) for _ in range(3)]
        assert await pool.run(600, abs, -3) == 3
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
    finally:
        await asyncio.to_thread(pool.close)


def break_idle() -> None:
    """Kill the workers that wait for a task, which breaks their pool."""
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()


@pytest.mark.parametrize("times", [1, 2])
def test_workers_killed_from_outside_are_replaced(times: int) -> None:
    pool = Workers(2, memory_bytes=1_500_000_000, cpu_seconds=1)
    try:
        for _ in range(times):
            assert still_works(pool)
            break_idle()
        assert still_works(pool)
    finally:
        pool.close()


async def test_all_tasks_of_a_broken_pool_are_done_by_the_next() -> None:
    pool = Workers(2, memory_bytes=1_500_000_000, cpu_seconds=1)
    try:
        await pool.run(PATIENCE, abs, -3)
        break_idle()
        assert await asyncio.gather(*(pool.run(PATIENCE, abs, -n) for n in range(30))) == list(range(30))
    finally:
        pool.close()


async def test_a_task_that_a_breaking_pool_forgets_is_done_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Workers(1, memory_bytes=1_500_000_000, cpu_seconds=1)
    try:
        await pool.run(PATIENCE, abs, -3)
        broken = pool._quick._pool
        with monkeypatch.context() as patched:
            patched.setattr(broken._context.task_queue, "put", lambda _: None)
            forgotten = asyncio.create_task(pool.run(PATIENCE, abs, -4))
            await asyncio.sleep(0)
        break_idle()
        assert await forgotten == 4
    finally:
        pool.close()


def begin(value: str) -> None:
    os.environ["BEGUN"] = value


async def test_each_worker_calls_begin_first() -> None:
    pool = await asyncio.to_thread(
        Workers, 1, 1_500_000_000, 5, (), functools.partial(begin, "with a gazetteer")
    )
    try:
        assert await pool.run(PATIENCE, os.getenv, "BEGUN") == "with a gazetteer"
        assert await pool.run(PATIENCE, work_then_ask, 0.7) == "with a gazetteer"
    finally:
        await asyncio.to_thread(pool.close)


def work_then_ask(seconds: float) -> str | None:
    """Work long enough to need the second lane."""
    work_for(seconds)
    return os.getenv("BEGUN")


def test_processor_time_is_counted_for_each_task_alone(workers: Workers) -> None:
    assert [asyncio.run(workers.run(PATIENCE, work_for, 0.6)) for _ in range(5)] == [0.6] * 5


def test_a_task_that_needs_too_much_memory_is_refused(workers: Workers) -> None:
    assert kind_of(workers, PATIENCE, bytearray, 3_000_000_000) == "too-much-memory"
    assert still_works(workers)


def test_a_task_that_crashes_its_worker_fails_alone(workers: Workers) -> None:
    assert kind_of(workers, PATIENCE, signal.raise_signal, signal.SIGSEGV) == "crashed"
    assert kind_of(workers, PATIENCE, os._exit, 3) == "crashed"
    assert still_works(workers)


START = """
import multiprocessing, sys
from stream.workers import context_of

class Gone:
    def __reduce__(self):
        return (open, (sys.argv[1],)) if sys.argv[1] else (int, ("x",))

if __name__ == "__main__":
    process = context_of(()).Process(target=print, args=(Gone(),))
    process.start()
    process.join()
    print("ended with", process.exitcode)
"""


@pytest.mark.parametrize(("missing", "told"), [("/no/such/lock", False), ("", True)])
def test_worker_that_finds_its_pool_gone_is_silent(tmp_path: Path, missing: str, told: bool) -> None:
    script = tmp_path / "start.py"
    script.write_text(START)
    done = subprocess.run([sys.executable, script, missing], capture_output=True, text=True, check=False)
    assert done.stdout == "ended with 1\n"
    assert ("Traceback" in done.stderr) is told


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="workers are spawned here"
)
def test_ctrl_c_at_a_terminal_does_not_reach_processes_that_still_load_modules(tmp_path: Path) -> None:
    """In a process of its own, since all tests of a process share one server that workers are forked from."""
    (tmp_path / "interrupted.py").write_text(
        "import pathlib, signal\nsignal.raise_signal(signal.SIGINT)\npathlib.Path(__file__).with_suffix('.txt').touch()\n"
    )
    code = (
        "import asyncio; from stream.workers import Workers\n"
        "workers = Workers(1, 1_500_000_000, 5.0, preload=['interrupted'])\n"
        "print(asyncio.run(workers.run(60, abs, -3)))\n"
        "workers.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(tmp_path)))},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert (tmp_path / "interrupted.txt").exists(), "the module was loaded to its end"
