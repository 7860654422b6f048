"""Spans as an OpenTelemetry collector gets them."""

import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from waiting import PATIENCE

from stream.errors import ConfigError
from stream.messages import article_id
from stream.trace import NoTracer, id_of, trace_of
from wirewatch.composition.tracing import open_tracer, recording
from wirewatch.config import load
from wirewatch.process.settings import Traces

PAGE = article_id("http://a.example/1")


def test_each_stage_is_a_span_under_the_one_before() -> None:
    exporter = InMemorySpanExporter()
    with recording(SimpleSpanProcessor(exporter), 1.0, ["fetch", "extract"]) as tracer:
        fetch = tracer.begin("fetch", trace_of(PAGE))
        fetch.end()
        extract = tracer.begin("extract", fetch.trace)
        extract.end("no-article")
    first, second = exporter.get_finished_spans()
    assert (first.name, second.name) == ("fetch", "extract")
    assert first.parent is None
    assert second.parent is not None
    assert second.parent.span_id == first.context.span_id
    assert {one.context.trace_id for one in (first, second)} == {int(PAGE, 16)}
    assert id_of(extract.trace) == PAGE, "as in the log lines"
    assert (first.status.is_ok, second.status.is_ok, second.status.description) == (True, False, "no-article")
    assert first.resource.attributes["service.name"] == "wirewatch"


def test_a_message_without_a_trace_begins_one() -> None:
    exporter = InMemorySpanExporter()
    with recording(SimpleSpanProcessor(exporter), 1.0, ["index"]) as tracer:
        for wrong in ("", "nonsense"):
            tracer.begin("index", wrong).end()
    ids = {one.context.trace_id for one in exporter.get_finished_spans()}
    assert len(ids) == 2


def test_every_process_records_the_same_share() -> None:
    def recorded(stage: str, headers: dict[str, str]) -> set[str]:
        exporter = InMemorySpanExporter()
        with recording(SimpleSpanProcessor(exporter), 0.5, [stage]) as tracer:
            for page, header in headers.items():
                span = tracer.begin(stage, header)
                headers[page] = span.trace
                span.end()
        return {f"{one.context.trace_id:032x}" for one in exporter.get_finished_spans()}

    pages = {page: trace_of(page) for page in (article_id(str(number)) for number in range(200))}
    first = recorded("fetch", pages)
    assert 0 < len(first) < len(pages)
    assert recorded("extract", pages) == first
    assert {id_of(header) for header in pages.values()} == set(pages), "the id goes on, recorded or not"


class Collector(BaseHTTPRequestHandler):
    """Takes spans by OTLP."""

    taken: list[ExportTraceServiceRequest]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        whole = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.taken.append(ExportTraceServiceRequest.FromString(whole))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    taken: list[ExportTraceServiceRequest] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Taking", (Collector,), {"taken": taken}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE)


def test_spans_reach_a_collector_before_the_process_ends(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    url, taken = collector
    with open_tracer(Traces(endpoint=url), ["fetch"]) as tracer:
        tracer.begin("fetch", trace_of(PAGE)).end()
    (request,) = taken
    (span,) = request.resource_spans[0].scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("fetch", PAGE)


def test_a_collector_that_is_away_stops_nothing() -> None:
    with open_tracer(Traces(endpoint="http://127.0.0.1:9/v1/traces"), ["fetch"]) as tracer:
        tracer.begin("fetch", trace_of(PAGE)).end()


def test_without_an_endpoint_nothing_is_recorded() -> None:
    with open_tracer(Traces(), ["fetch"]) as tracer:
        assert isinstance(tracer, NoTracer)
        assert tracer.begin("fetch", trace_of(PAGE)).trace == trace_of(PAGE)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with (
        pytest.raises(ConfigError, match=r"wirewatch\[traces\]"),
        open_tracer(Traces(endpoint="http://c.example:4318/v1/traces"), []),
    ):
        pass


def test_a_wrong_endpoint_is_named() -> None:
    with pytest.raises(ConfigError, match=r"traces\.endpoint.*expected a URL"):
        load(None, {"WIREWATCH_TRACES_ENDPOINT": "collector:4318"})
