"""What the page counts of what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from web.traffic import FOUND, Traffic

Client = TestClient  # type: ignore[type-arg]  # of whatever request


async def search(request: web.Request) -> web.Response:
    outcome = request.query.get("outcome", "")
    if outcome == "bug":
        raise ZeroDivisionError
    if outcome == "login":
        raise web.HTTPSeeOther("/login")
    if outcome.isdigit():
        return web.Response(status=int(outcome))
    request[FOUND] = len(outcome)
    return web.Response()


async def article(_: web.Request) -> web.Response:
    return web.Response()


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest_asyncio.fixture
async def client(traffic: Traffic) -> AsyncIterator[Client]:
    app = web.Application(middlewares=[traffic.count])
    app.add_routes([web.get("/", search), web.get("/article/{id}", article)])
    async with TestClient(TestServer(app)) as made:
        yield made


async def asked(client: Client, address: str, **options: Any) -> None:
    async with client.request(options.pop("method", "GET"), address, allow_redirects=False, **options):
        pass


async def test_requests_are_counted_by_route_whatever_the_address(client: Client, traffic: Traffic) -> None:
    for address in ("/article/1", "/article/2", "/nothing", "/nothing/else"):
        await asked(client, address)
    await asked(client, "/article/3", method="POST")
    await asked(client, "/", method="PROPFIND")
    assert traffic.requests == {
        ("/article/{id}", "GET", "200"): 2,
        ("none", "GET", "404"): 2,
        ("none", "POST", "405"): 1,
        ("none", "other", "405"): 1,
    }
    assert traffic.durations["/article/{id}"].cumulative()[-1] == 2


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("q=talks&outcome=many", "found"),
        ("q=talks", "nothing"),
        ("q=talks&outcome=400", "refused"),
        ("q=talks&outcome=503", "failed"),
        ("q=talks&outcome=bug", "failed"),
        ("q=talks&outcome=login", ""),
        ("q=&outcome=many", ""),
    ],
)
async def test_searches_are_counted_by_result(
    client: Client, traffic: Traffic, query: str, counted: str
) -> None:
    assert set(traffic.searches.values()) == {0}, "so that a rate can be told from the first one on"
    await asked(client, f"/?{query}")
    assert {key: number for key, number in traffic.searches.items() if number} == (
        {("page", counted): 1} if counted else {}
    )


async def test_what_lasts_is_counted_while_it_does_and_has_no_duration() -> None:
    traffic, ends = Traffic(), asyncio.Event()

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        await response.prepare(request)
        await ends.wait()
        return response

    app = web.Application(middlewares=[traffic.count])
    app.add_routes([web.get("/events", events)])
    async with TestClient(TestServer(app)) as client:
        async with client.get("/events") as answer:
            assert traffic.under_way == {"/events": 1}
            ends.set()
            await answer.read()
        await asked(client, "/gone")  # over the same connection: the stream has ended before it
    assert traffic.under_way["/events"] == 0
    assert traffic.requests["/events", "GET", "200"] == 1
    assert "/events" not in traffic.durations


async def test_an_answer_is_timed() -> None:
    seconds = iter((10.0, 10.3))
    traffic = Traffic(lambda: next(seconds))
    app = web.Application(middlewares=[traffic.count])
    app.add_routes([web.get("/article/{id}", article)])
    async with TestClient(TestServer(app)) as client:
        await asked(client, "/article/1")
    kept = traffic.durations["/article/{id}"]
    assert kept.sum == pytest.approx(0.3)
    assert kept.cumulative() == (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
