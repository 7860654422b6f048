"""WARC files and back-fills over a real Kafka: what one machine was stopped at, another goes on with."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples.settings import settings_in
from servers.kafka import SESSION_SECONDS
from unit.ingest.warc.test_warc import http, record
from unit.wirewatch.composition.test_backfilling import SITE, WITH_ARCHIVE, Web, atom, worker

from ingest.warc.captures import captures
from stream.clock import utc_now
from stream.log.base import Log, TopicSpec
from stream.log.kafka.access import Kafka
from stream.log.kafka.log import KafkaLog
from stream.messages import Entry, decode
from wirewatch.composition import warc_import
from wirewatch.composition.warc_export import export
from wirewatch.composition.warc_import import Importer
from wirewatch.topics import ARTICLES, BACKFILL, BACKFILLS, PAGES, RELATED, TAGGED, WARC_IMPORTS

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

SPECS = [
    TopicSpec(one.name, 2, one.compacted)
    for one in (PAGES, ARTICLES, TAGGED, RELATED, WARC_IMPORTS, BACKFILL, BACKFILLS)
]
Machine = Callable[[], Log]


@pytest.fixture
def machine(kafka: str) -> Iterator[Machine]:
    """Opens the log that all machines of one test share."""
    shared = Kafka(
        bootstrap_servers=kafka, prefix=f"test-{uuid.uuid4().hex[:8]}.", session_seconds=SESSION_SECONDS
    )
    opened: list[Log] = []

    def open_log() -> Log:
        opened.append(KafkaLog(shared, SPECS))
        return opened[-1]

    yield open_log
    for log in opened:
        log.close()


async def test_a_warc_file_is_read_by_two_machines_after_another_and_written_again(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc_import, "_AT_ONCE", 10)
    path, stop, config = tmp_path / "pages.warc", asyncio.Event(), settings_in(tmp_path).config
    urls = [f"https://news.example/{number}" for number in range(35)]
    path.write_bytes(b"".join(record(http(b"<p>text</p>"), url) for url in urls))
    done = await Importer(config, machine(), None, lambda *_: stop.set()).run(path, stop, anew=False)
    assert (done.pages, done.over) == (10, False)
    other = machine()
    done = await Importer(config, other, None, lambda *_: None).run(path, asyncio.Event(), anew=False)
    assert (done.pages, done.over) == (35, True)
    written = tmp_path / "again.warc.gz"
    assert await asyncio.to_thread(export, other, written, None, None, lambda *_: None, utc_now()) == 35
    with written.open("rb") as file:
        found = [one.page.url for one in captures(file, written.name, 0, 10_000, utc_now()) if one.page]
    assert sorted(found) == sorted(urls)


async def test_a_back_fill_that_one_machine_was_stopped_at_another_goes_on_with(machine: Machine) -> None:
    web, stop = Web({**WITH_ARCHIVE, "/feed": atom("first", "2026-01-20", f"{SITE}/2")}), asyncio.Event()
    done = await worker(machine(), web, stop=stop).run(f"{SITE}/feed", stop, anew=False)
    assert (done.entries, done.over) == (1, False)
    other = machine()
    done = await worker(other, web).run(f"{SITE}/feed", asyncio.Event(), anew=False)
    assert (done.entries, done.over) == (2, True)
    with other.consumer("backfill", BACKFILL.name) as consumer:
        found = [decode(one.value, Entry).title for one in consumer.poll(10, 0)]
    assert sorted(found) == ["first", "mid"]
