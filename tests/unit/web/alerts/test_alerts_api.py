"""Alerts in the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from samples.documents import checked
from samples.page import Client, page_over

from wirewatch.lists.alerts import AlertList
from wirewatch.lists.keeper import OwnFile

ALERT = {"name": "Talks", "query": '"peace talks"', "at_least": 2}


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with page_over(tmp_path) as made:
        yield made


async def test_an_alert_is_made_read_changed_muted_and_removed(client: Client, tmp_path: Path) -> None:
    made = checked(await (await client.post("/api/v1/alerts", json=ALERT)).json())
    assert made["keys"] == ALERT
    url = "/api/v1/alerts/Talks"
    assert checked(await (await client.get(url)).json()) == made
    versioned = {"If-Match": f'"{made["version"]}"'}
    changed = await client.put(url, json={"query": "truce"}, headers=versioned)
    assert checked(await changed.json())["keys"] == {"name": "Talks", "query": "truce"}
    late = await client.put(url, json={"query": "war"}, headers=versioned)
    assert (late.status, (await late.json())["status"]) == (409, 409)
    assert (await client.put(url, json={"query": "war"})).status == 400
    muted = checked(await (await client.put(f"{url}/mute", json={"for": "2h"})).json())
    assert muted["muted_until"]
    heard = checked(await (await client.delete(f"{url}/mute")).json())
    assert not heard["muted"]
    assert checked(await (await client.get(f"{url}/history")).json())["firings"] == []
    assert (await client.delete(url, headers=versioned)).status == 409
    gone = await client.delete(url, headers={"If-Match": f'"{heard["version"]}"'})
    assert gone.status == 204
    assert (await client.get(url)).status == 404
    assert (await client.get(f"{url}/history")).status == 404
    assert AlertList(OwnFile(tmp_path / "alerts.toml")).tables() == {}


async def test_faults_name_the_key_and_the_place(client: Client) -> None:
    answer = await client.post("/api/v1/alerts", json={"name": "x", "query": "a AND )"})
    told = await answer.json()
    assert (answer.status, told["parameter"], told["position"]) == (422, "query", 6)
    for body, key in (
        ({"query": "x"}, "body"),
        ({"name": "x"}, "query"),
        ({"name": 3, "query": "x"}, "name"),
    ):
        answer = await client.post("/api/v1/alerts", json=body)
        assert answer.status in (400, 422), body
        assert (await answer.json())["parameter"] == key
    answer = await client.post("/api/v1/alerts", data="[]", headers={"Content-Type": "application/json"})
    assert answer.status == 400
    answer = await client.post("/api/v1/alerts", data={"name": "x"})
    assert answer.status == 400


async def test_channels_are_listed_and_tried(client: Client, tmp_path: Path) -> None:
    listed = checked(await (await client.get("/api/v1/alerts")).json())
    assert [one["name"] for one in listed["channels"]] == ["stdout", "file"]
    assert (await client.post("/api/v1/channels/file/test")).status == 204
    assert (tmp_path / "alerts.jsonl").exists()
    assert (await client.post("/api/v1/channels/none/test")).status == 404
