"""Sources in the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from samples.documents import checked
from samples.page import Client, page_over

from ingest.sources.feed import Feed
from wirewatch.lists.feeds import change, load


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    change(
        tmp_path / "feeds.opml", lambda _: [Feed(url="https://a.example/rss", title="Alba", folder="World")]
    )
    async with page_over(tmp_path) as made:
        yield made


async def test_a_source_is_read_changed_and_removed(client: Client, tmp_path: Path) -> None:
    listed = checked(await (await client.get("/api/v1/sources")).json())
    (source,) = listed["sources"]
    url = f"/api/v1/sources/{source['id']}"
    assert (
        checked(await (await client.get(f"{url}/plan")).json())["schedule"]["because"]
        == "it was never polled"
    )
    assert (await client.put(url, json={"country": "DE"})).status == 400
    versioned = {"If-Match": f'"{source["version"]}"'}
    changed = checked(
        await (await client.put(url, json={"country": "de", "paused": True}, headers=versioned)).json()
    )
    assert (changed["title"], changed["country"], changed["health"]["status"]) == ("Alba", "DE", "paused")
    assert (await client.put(url, json={"title": "x"}, headers=versioned)).status == 409
    fresh = {"If-Match": f'"{changed["version"]}"'}
    answer = await client.put(url, json={"country": "Germany"}, headers=fresh)
    assert (answer.status, (await answer.json())["parameter"]) == (422, "country")
    assert (await client.put(url, json={"country": 3}, headers=fresh)).status == 400
    assert (await client.delete(url, headers=fresh)).status == 204
    assert (await client.get(url)).status == 404
    assert load(tmp_path / "feeds.opml").feeds == ()


async def test_feeds_are_added_one_by_one_or_by_a_file(client: Client, tmp_path: Path) -> None:
    body = {"url": "https://b.example/rss", "title": "Berta"}
    assert (await client.post("/api/v1/sources", json=body)).status == 204
    assert (await client.post("/api/v1/sources", json=body)).status == 400
    assert (await client.post("/api/v1/sources", json={"url": "ftp://x"})).status == 422
    opml = await (await client.get("/api/v1/sources.opml")).read()
    change(tmp_path / "feeds.opml", lambda _: [])
    taken = await client.post("/api/v1/sources.opml", data=opml)
    assert checked(await taken.json())["added"] == 2
    assert (await client.post("/api/v1/sources.opml", data=b"no")).status == 400
    answer = await client.post("/api/v1/find-source", json={"address": "http://127.0.0.1:9/"})
    assert (answer.status, (await answer.json())["parameter"]) == (422, "address")
