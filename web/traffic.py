"""What the page was asked, counted for metrics: by route (`/article/{id}`), never by address, query or person."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.typedefs import Handler

from stream.histogram import Histogram

FOUND = web.RequestKey("found", int)
"""How many articles a search found, as its handler says."""
NO_ROUTE = "none"
"""The route of a request for what is not there."""
OTHER = "other"
"""Methods that no route has: callers choose them."""
DOORS = {"/": "page", "/search.json": "api", "/api/v1/articles": "api"}
"""The routes that search, and for whom."""
RESULTS = ("found", "nothing", "refused", "failed")
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds for what an answer takes."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Traffic:
    """Counts requests; used in the event loop that serves the page.

    Args:
        clock: seconds, which never go back.

    Attributes:
        requests: how many were answered, by route, method and status.
        searches: how many of them searched for words, by door and result.
        under_way: how many are being answered now, by route.
        durations: how long answers took, by route; streams of events, which last as long as somebody listens, are left out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.requests: Counter[tuple[str, str, str]] = Counter()
        self.searches = Counter({(door, result): 0 for door in DOORS.values() for result in RESULTS})
        self.under_way: Counter[str] = Counter()
        self.durations: dict[str, Histogram] = {}
        self._clock = clock

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request, whatever becomes of it."""
        route, began = _route(request), self._clock()
        with self._answering(route):
            try:
                response = await handler(request)
            except Exception as error:
                self._answered(request, route, _status(error))
                raise
        self._answered(request, route, response.status)
        if response.content_type != "text/event-stream":
            self.durations.setdefault(route, Histogram(BOUNDS)).observe(self._clock() - began)
        return response

    @contextmanager
    def _answering(self, route: str) -> Iterator[None]:
        self.under_way[route] += 1
        try:
            yield
        finally:
            self.under_way[route] -= 1

    def _answered(self, request: web.Request, route: str, status: int) -> None:
        method = request.method if request.method in _METHODS else OTHER
        self.requests[route, method, str(status)] += 1
        door, result = DOORS.get(route), _result(request, status)
        if door and result and request.query.get("q", "").strip():
            self.searches[door, result] += 1


def _route(request: web.Request) -> str:
    """The pattern of the address, so that their number is bounded."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else NO_ROUTE


def _status(error: Exception) -> int:
    """The status of what a handler raised, as `ingest.http.server` answers it."""
    if isinstance(error, web.HTTPException):
        return error.status
    return 400 if isinstance(error, (ConnectionError, web.RequestPayloadError)) else 500


def _result(request: web.Request, status: int) -> str:
    """What became of a search; '' if it was led elsewhere (to log in, say)."""
    found = request.get(FOUND)
    if found is not None:
        return "found" if found else "nothing"
    return "failed" if status >= 500 else "refused" if status >= 400 else ""
