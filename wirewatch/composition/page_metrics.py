"""The metrics of the page and the API, of the process that serves them."""

from collections.abc import Iterator, Sequence

from web.traffic import Traffic
from wirewatch.composition.metric_row import Buckets, Row, Timed, Value


def _requests(traffic: Traffic) -> Iterator[Value]:
    yield from traffic.requests.items()


def _durations(traffic: Traffic) -> Iterator[tuple[Sequence[str], Buckets]]:
    for route, kept in traffic.durations.items():
        yield (route,), (kept.bounds, kept.cumulative(), kept.sum)


def _under_way(traffic: Traffic) -> Iterator[Value]:
    for route, number in traffic.under_way.items():
        yield (route,), number


def _searches(traffic: Traffic) -> Iterator[Value]:
    yield from traffic.searches.items()


PAGE_TABLE: tuple[Row[Traffic] | Timed[Traffic], ...] = (
    Row(
        "wirewatch_page_requests_total",
        "counter",
        "Requests to the page and the API, by the route that answered (`/article/{id}`; `none` for what is not there).",
        _requests,
        ("route", "method", "code"),
    ),
    Timed(
        "wirewatch_page_request_duration_seconds",
        "How long the page and the API took to answer; streams of events are left out, since they last.",
        _durations,
        ("route",),
    ),
    Row(
        "wirewatch_page_requests_under_way",
        "gauge",
        "Requests that are being answered now. Those to `/api/v1/events` are people and programs that listen.",
        _under_way,
        ("route",),
    ),
    Row(
        "wirewatch_page_searches_total",
        "counter",
        "Searches with a query, on the `page` or by the `api`, by result: `found`; `nothing`; `refused` (a wrong query, not"
        " allowed, too many); or `failed` (the archive does not answer).",
        _searches,
        ("door", "result"),
    ),
)
"""All of them."""
