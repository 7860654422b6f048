"""Pages of WARC files are handed to the pipeline: what is known is left out, and an import that was stopped goes on."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from samples.alerts import article
from samples.settings import settings_in
from unit.ingest.warc.test_warc import http, record
from waiting import until

from index.embedded.store import EmbeddedStore
from stream.errors import ConfigError, Reject
from stream.log.base import Log, Outgoing
from stream.messages import Page, article_id, decode
from wirewatch.composition import warc_import
from wirewatch.composition.warc_import import Importer
from wirewatch.topics import PAGES


def importer(folder: Path, log: Log, store: EmbeddedStore | None = None) -> Importer:
    return Importer(settings_in(folder).config, log, store, lambda *_: None)


def a_file(folder: Path, number: int) -> Path:
    path = folder / "pages.warc"
    path.write_bytes(
        b"".join(record(http(b"<p>text</p>"), f"https://news.example/{one}") for one in range(number))
    )
    return path


def handed_over(log: Log) -> list[str]:
    with log.consumer("extract", PAGES.name) as consumer:
        found = [decode(one.value, Page).url for one in consumer.poll(10_000, 0)]
    return sorted(found, key=lambda url: int(url.rpartition("/")[2]))


def urls(*numbers: int) -> list[str]:
    return [f"https://news.example/{number}" for number in numbers]


async def test_every_page_is_handed_over_and_the_second_time_none(tmp_path: Path, log: Log) -> None:
    path = a_file(tmp_path, 120)
    for _ in range(2):
        done = await importer(tmp_path, log).run(path, asyncio.Event(), anew=False)
        assert (done.pages, done.left_out, done.over) == (120, {}, True)
    assert handed_over(log) == urls(*range(120))


async def test_anew_begins_again(tmp_path: Path, log: Log) -> None:
    path = a_file(tmp_path, 3)
    for _ in range(2):
        await importer(tmp_path, log).run(path, asyncio.Event(), anew=True)
    assert handed_over(log) == urls(0, 0, 1, 1, 2, 2)


async def test_what_was_stopped_goes_on(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_import, "_AT_ONCE", 10)
    path, stop = a_file(tmp_path, 35), asyncio.Event()
    first = Importer(settings_in(tmp_path).config, log, None, lambda *_: stop.set())
    done = await first.run(path, stop, anew=False)
    assert (done.pages, done.over) == (10, False)
    done = await importer(tmp_path, log).run(path, asyncio.Event(), anew=False)
    assert (done.pages, done.over) == (35, True)
    assert handed_over(log) == urls(*range(35))


async def test_what_the_archive_has_is_left_out(tmp_path: Path, log: Log) -> None:
    one = article(1)
    known = msgspec.structs.replace(
        one, article=msgspec.structs.replace(one.article, id=article_id(urls(1)[0]), url=urls(1)[0])
    )
    with EmbeddedStore.open(tmp_path / "index") as store:
        store.add(known)
        store.flush()
        done = await importer(tmp_path, log, store).run(a_file(tmp_path, 3), asyncio.Event(), anew=False)
    assert (done.pages, done.left_out) == (2, {"known": 1})
    assert handed_over(log) == urls(0, 2)


async def test_it_waits_while_the_stages_are_busy(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc_import, "MOST_WAITING", 20)
    monkeypatch.setattr(warc_import, "_LOOK_SECONDS", 0.0)
    stop = asyncio.Event()
    running = asyncio.create_task(importer(tmp_path, log).run(a_file(tmp_path, 200), stop, anew=False))
    await until(lambda: log.progress("extract", PAGES.name).lag >= 20)
    stop.set()
    done = await running
    assert done.pages == 50
    assert not done.over


async def test_before_the_damage_all_is_handed_over(tmp_path: Path, log: Log) -> None:
    path = a_file(tmp_path, 3)
    path.write_bytes(path.read_bytes() + b"rubbish" * 20_000)
    with pytest.raises(ConfigError, match=r"pages\.warc is not a WARC file, or is damaged"):
        await importer(tmp_path, log).run(path, asyncio.Event(), anew=False)
    assert handed_over(log) == urls(0, 1, 2)


async def test_a_page_that_the_broker_refuses_is_counted(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    produce = log.produce

    def refusing(messages: list[Outgoing]) -> None:
        if any(b"news.example/1" in (one.value or b"") and one.topic == PAGES.name for one in messages):
            raise Reject("too-large", "no")
        produce(messages)

    monkeypatch.setattr(log, "produce", refusing)
    done = await importer(tmp_path, log).run(a_file(tmp_path, 3), asyncio.Event(), anew=False)
    assert (done.pages, done.left_out) == (2, {"too-large": 1})
    assert handed_over(log) == urls(0, 2)
