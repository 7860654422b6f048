import asyncio
import multiprocessing
from pathlib import Path

from lxml import etree
from samples.alerts import alert

from alerts.channels.feed import feed

ENTRIES = "{http://www.w3.org/2005/Atom}entry"


def _send_many(path: Path, worker: int, number: int) -> None:
    for n in range(number):
        asyncio.run(feed(path, "Ours", 1000)(alert(key=f"{worker}.{n}")))


def test_entries_that_several_processes_add_at_once_are_all_there(tmp_path: Path) -> None:
    path, context = tmp_path / "alerts.atom", multiprocessing.get_context("spawn")
    workers = [context.Process(target=_send_many, args=(path, worker, 10)) for worker in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(etree.parse(path).findall(ENTRIES)) == 30
