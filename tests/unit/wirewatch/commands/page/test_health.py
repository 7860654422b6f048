"""Health and metrics of a process that serves the page alone."""

import asyncio
import socket

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from servers.ports import free_port

from stream.histogram import Histogram
from web.traffic import BOUNDS, Traffic
from wirewatch.commands.page.health import health_beside_page
from wirewatch.composition.page_metrics import PAGE_TABLE
from wirewatch.process.settings import Service


async def answer(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as got:
        return got.status, await got.text()


async def test_health_and_all_metrics_of_the_table_are_told() -> None:
    traffic, stop, port = Traffic(), asyncio.Event(), free_port()
    traffic.requests["/article/{id}", "GET", "200"] = 3
    traffic.under_way["/api/v1/events"] = 2
    traffic.durations["/"] = Histogram(BOUNDS)
    traffic.durations["/"].observe(0.2)
    async with health_beside_page(Service(port=port), traffic, stop):
        assert await answer(port, "/readyz") == (200, '{"well":true}')
        _, text = await answer(port, "/metrics")
        stop.set()
        assert (await answer(port, "/healthz"))[0] == 503
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {row.name.removesuffix("_total") for row in PAGE_TABLE} <= set(families)
    assert {"wirewatch_build_info", "process_cpu_seconds"} <= set(families)
    (counted,) = families["wirewatch_page_requests"].samples
    assert (counted.labels, counted.value) == ({"route": "/article/{id}", "method": "GET", "code": "200"}, 3)
    took = families["wirewatch_page_request_duration_seconds"].samples
    buckets = {one.labels["le"]: one.value for one in took if "le" in one.labels}
    assert (buckets["0.1"], buckets["0.25"], buckets["+Inf"]) == (0, 1, 1)


async def test_a_port_that_is_taken_does_not_keep_the_page_from_being_served(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with health_beside_page(Service(port=port), Traffic(), asyncio.Event()):
            said = " ".join(capsys.readouterr().err.split())
    assert f"without health and metrics: service.port: {port} is in use by another process" in said
