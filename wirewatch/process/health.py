"""The health of a long-lived process over HTTP, for whatever restarts it or sends it work.

`/healthz` answers 200 while the process runs, 503 once it is stopping; `/readyz` answers 200 while it also reaches what it
works on. Both answer with a line of JSON. `/metrics` is for Prometheus.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web

from ingest.http.server import Bounds, serve
from stream.supervisor import Supervisor
from wirewatch.process.settings import Service

Exposition = Callable[[str], tuple[bytes, str]]
"""The metrics as text, and its content type, for the `Accept` of a request."""
STALE_SECONDS = 15.0
"""Seconds without an answer after which the log counts as lost."""
BOUNDS = Bounds(connections=64)
"""What callers may hold on to."""


@dataclass(frozen=True)
class Health:
    """What is asked of a process.

    Attributes:
        alive: whether it goes on, rather than stopping.
        ready: whether it also reaches what it works on.
        report: what more is told.
    """

    alive: Callable[[], bool]
    ready: Callable[[], bool]
    report: Callable[[], Mapping[str, object]] = dict


def health_of(supervisor: Supervisor) -> Health:
    """The health of stages: ready while they reach their log. It tells what they have done, and what they have still to do."""

    def alive() -> bool:
        return not supervisor.stop.is_set()

    def ready() -> bool:
        return alive() and time.monotonic() - supervisor.backlog.looked < STALE_SECONDS

    def report() -> Mapping[str, object]:
        names = [stage.name for stage in supervisor.stages]
        return {
            "stages": names,
            "done": {name: supervisor.meters.get(name, "done") for name in names},
            "lag": {name: supervisor.backlog.lags[name] for name in names},
        }

    return Health(alive, ready, report)


@asynccontextmanager
async def serve_health(
    service: Service, health: Health, open_metrics: Callable[[], AbstractAsyncContextManager[Exposition]]
) -> AsyncIterator[None]:
    """Answer while the block runs; nothing is opened where the port is 0. Raises ConfigError if it can't listen there.

    Args:
        service: where to listen.
        health: what is told of this process.
        open_metrics: opens what is asked for the metrics.
    """
    if not service.port:
        yield
        return

    async def alive(_: web.Request) -> web.Response:
        return _answer(health, well=health.alive())

    async def ready(_: web.Request) -> web.Response:
        return _answer(health, well=health.ready())

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = exposition(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    application = web.Application()
    application.add_routes(
        [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]
    )
    async with (
        open_metrics() as exposition,
        serve("service", application, service.host, service.port, BOUNDS),
    ):
        yield


def _answer(health: Health, *, well: bool) -> web.Response:
    body = msgspec.json.encode({"well": well, **health.report()})
    return web.Response(status=200 if well else 503, body=body, content_type="application/json")
