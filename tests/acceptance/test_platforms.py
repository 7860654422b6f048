"""The command without Linux's features, as far as Linux can show that: tests/samples/platforms removes them."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, World
from servers.commands import Process
from waiting import PATIENCE

PLATFORMS = Path(__file__).parents[1] / "samples/platforms"
GREEDY = """
import asyncio, operator
from stream.errors import Reject
from stream.workers import Workers

if __name__ == "__main__":
    workers = Workers(1, memory_bytes=400_000_000, cpu_seconds=20)
    try:
        print(asyncio.run(workers.run(60, abs, -3)))
        for function, arguments in ((operator.mul, (b"x", 900_000_000)), (sorted, (range(30_000_000),))):
            try:
                asyncio.run(workers.run(60, function, *arguments))
            except Reject as error:
                print(error.kind)
            print(asyncio.run(workers.run(60, abs, -3)))
    finally:
        workers.close()
"""


@pytest.fixture(params=["macos", "windows"])
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYTHONPATH", str(PLATFORMS / request.param))
    return str(request.param)


@pytest.mark.usefixtures("platform")
def test_every_feed_is_polled_and_every_article_is_found(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    world = serve_world()
    wirewatch = reading(world)
    wirewatch.run("run", "--once")
    assert {hit["url"] for hit in wirewatch.search()} >= world.expected("article")
    assert wirewatch.status()["feeds_failing"] == {}


@pytest.mark.usefixtures("platform")
def test_ctrl_c_stops_a_run(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list[Process],
) -> None:
    wirewatch = reading(serve_world())
    process = wirewatch.start("run")
    processes.append(process)
    assert process.stderr is not None
    assert any("share of the feeds" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.usefixtures("platform")
def test_a_task_that_needs_too_much_memory_is_killed_and_the_next_is_not(tmp_path: Path) -> None:
    script = tmp_path / "greedy.py"
    script.write_text(GREEDY)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=PATIENCE, cwd=Path.cwd()
    )
    assert done.stdout.split() == ["3", "too-much-memory", "3", "too-much-memory", "3"]


def test_a_fault_of_ours_that_stops_all_polling_is_reported(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    wirewatch = reading(serve_world())
    monkeypatch.setenv("PYTHONPATH", str(PLATFORMS / "broken"))
    done = wirewatch.run("run", "--once", code=1)
    assert "no feed could be polled, by a fault in wirewatch itself" in done.stderr
