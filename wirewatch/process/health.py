"""The health of a long-lived process over HTTP, for whatever restarts it or sends it work.

`/healthz` answers 200 while the process turns, 503 once it is stopping; `/readyz` answers 200 while it also reaches its log.
Both answer with a line of JSON: the stages, what they have done, and what they have still to do. `/metrics` is for Prometheus.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

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


@asynccontextmanager
async def serve_health(
    service: Service,
    supervisor: Supervisor,
    open_metrics: Callable[[], AbstractAsyncContextManager[Exposition]],
) -> AsyncIterator[None]:
    """Answer while the block runs; nothing is opened where the port is 0. Raises ConfigError if it can't listen there.

    Args:
        service: where to listen.
        supervisor: what runs in this process.
        open_metrics: opens what is asked for the metrics.
    """
    if not service.port:
        yield
        return

    async def alive(_: web.Request) -> web.Response:
        return _answer(supervisor, well=not supervisor.stop.is_set())

    async def ready(_: web.Request) -> web.Response:
        fresh = time.monotonic() - supervisor.backlog.looked < STALE_SECONDS
        return _answer(supervisor, well=fresh and not supervisor.stop.is_set())

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


def _answer(supervisor: Supervisor, *, well: bool) -> web.Response:
    report = {
        "well": well,
        "stages": [stage.name for stage in supervisor.stages],
        "done": {stage.name: supervisor.meters.get(stage.name, "done") for stage in supervisor.stages},
        "lag": {stage.name: supervisor.backlog.lags[stage.name] for stage in supervisor.stages},
    }
    return web.Response(
        status=200 if well else 503, body=msgspec.json.encode(report), content_type="application/json"
    )
