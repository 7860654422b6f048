"""The page of operations, over a real log."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from samples.alerts import article
from samples.documents import checked
from samples.page import Client, page_over, texts, tree
from samples.settings import settings_in

from index.embedded.store import EmbeddedStore
from index.store import Document
from stream.messages import Dead, Entry, encode
from stream.quarantine import QUARANTINE, read, shelve
from wirewatch.commands.status import latency_of
from wirewatch.topics import ENTRIES, open_log

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def dead(number: int, kind: str = "http-404") -> Dead:
    url = f"https://a.example/{number}"
    entry = Entry(url=url, guid=url, feed="https://a.example/rss", source="A", key="a.example", seen=NOW)
    return Dead(
        id=f"{number:016x}",
        stage="fetch",
        topic=ENTRIES.name,
        key="a.example",
        value=encode(entry),
        kind=kind,
        reason=f"<b>the server answered</b> {number}",
        attempts=1,
        failed=NOW + timedelta(seconds=number),
        retry_at=None,
        place=f"0.{number}",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = settings_in(tmp_path)
    with open_log(settings.config, settings.paths) as log:
        log.produce([shelve(dead(n)) for n in (1, 2)] + [shelve(dead(3, "no-text"))])
    with EmbeddedStore.open(tmp_path / "index", now=lambda: NOW + timedelta(seconds=90)) as store:
        store.add(article(1, seen=NOW))
        store.flush()
    return tmp_path


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with page_over(folder) as made:
        yield made


def shelf(folder: Path) -> list[str]:
    settings = settings_in(folder)
    with open_log(settings.config, settings.paths) as log:
        return [one.id for one in read(log, QUARANTINE)]


async def test_a_glance_tells_what_stands_still(client: Client) -> None:
    page = await tree(await client.get("/status"))
    glance = " | ".join(texts(page, ".glance li"))
    assert "1 articles in the archive" in glance
    assert "1 minute 30 seconds until" in glance
    assert "3 in quarantine" in glance
    assert " on disk, " in glance
    assert "No wirewatch process runs" in " ".join(texts(page, ".warning"))
    assert "fetch" in texts(page, "tbody th")
    assert "http-404" in " ".join(texts(page, "#quarantine td"))
    assert "https://a.example/3" in texts(page, "#quarantine th")
    assert "<b>the server answered</b> 3" in page.text_content()


async def test_nothing_yet_teaches(tmp_path: Path) -> None:
    async with page_over(tmp_path) as client:
        assert "wirewatch run" in (await tree(await client.get("/status"))).text_content()


async def test_chosen_messages_are_tried_again(client: Client, folder: Path) -> None:
    page = await tree(await client.post("/quarantine/retry", data={"id": [dead(1).id]}))
    assert "Put back" in texts(page, ".saved")[0]
    assert shelf(folder) == [dead(2).id, dead(3).id]
    settings = settings_in(folder)
    with open_log(settings.config, settings.paths) as log:
        assert log.progress("fetch", ENTRIES.name).lag == 1


async def test_a_kind_is_discarded_and_nothing_else(client: Client, folder: Path) -> None:
    await tree(await client.post("/quarantine/discard", data={}))  # nothing was chosen
    assert len(shelf(folder)) == 3
    page = await tree(await client.post("/quarantine/discard", data={"stage": "fetch", "kind": "http-404"}))
    assert texts(page, ".saved") == ["Discarded."]
    assert shelf(folder) == [dead(3).id]


async def test_the_api_says_and_does_the_same(client: Client, folder: Path) -> None:
    status = checked(await (await client.get("/api/v1/status")).json())
    assert status["latency"] == {"articles": 1, "median": 90.0, "p95": 90.0}
    listed = checked(await (await client.get("/api/v1/quarantine")).json())
    ids = [one["id"] for one in listed["messages"]]
    answer = await client.post("/api/v1/quarantine/retry", json={"ids": ids[:1]})
    assert await answer.json() == {"messages": 1}
    answer = await client.post("/api/v1/quarantine/discard", json={"ids": ids})
    assert await answer.json() == {"messages": 2}
    assert shelf(folder) == []
    assert (await client.post("/api/v1/quarantine/discard", json={"ids": "all"})).status == 400


def test_backfill_and_second_readings_are_no_latency() -> None:
    old = article(2, seen=NOW, backfill=True)
    documents = [Document(article(n, seen=NOW), NOW + timedelta(seconds=n)) for n in range(1, 21)]
    found = latency_of([Document(old, NOW + timedelta(days=1)), *documents])
    assert found is not None
    assert (found.articles, found.median, found.p95) == (20, 10.5, 19)
    assert latency_of([]) is None
