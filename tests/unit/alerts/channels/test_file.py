import asyncio
import multiprocessing
from pathlib import Path

import msgspec
from samples.alerts import alert, mention

from alerts.channels.file import file

LONG = "x" * 20_000
"""More than a pipe or a buffer takes at once."""


def _send_many(path: Path, worker: int, number: int) -> None:
    send = file(path)
    told = (mention(1, title=LONG),)

    async def all_at_once() -> None:
        await asyncio.gather(
            *(send(alert(key=f"{worker}.{n}", mentions=told, reason=LONG)) for n in range(number))
        )

    asyncio.run(all_at_once())


def test_processes_and_threads_that_write_at_once_each_write_whole_lines(tmp_path: Path) -> None:
    path, context = tmp_path / "out" / "alerts.jsonl", multiprocessing.get_context("spawn")
    workers = [context.Process(target=_send_many, args=(path, worker, 25)) for worker in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    keys = [msgspec.json.decode(line)["key"] for line in path.read_bytes().splitlines()]
    assert sorted(keys) == sorted(f"{worker}.{n}" for worker in range(4) for n in range(25))


async def test_a_truncated_line_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"cut')
    await file(path)(alert())
    await file(path)(alert())
    first, *others = path.read_bytes().splitlines()
    assert first == b'{"cut'
    assert len([msgspec.json.decode(line) for line in others]) == 2
