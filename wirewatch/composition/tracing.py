"""Records the way of articles through the stages with OpenTelemetry, where that is configured.

Each stage's work on a message is a span, and what comes of it belongs to that span. The trace ids are those in the messages'
headers (stream/trace.py), so that a trace is found by the id in log lines. Which traces are recorded depends on the id alone:
all processes choose the same ones. Nothing global is set.
"""

import importlib.metadata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from stream.errors import ConfigError
from stream.trace import NoTracer, Span, Tracer, id_of, trace_of
from wirewatch.process.settings import Traces

if TYPE_CHECKING:
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace import SpanProcessor

STOP_MILLISECONDS = 2_000
"""How long a stopping process waits for the collector to take its last spans."""


@contextmanager
def open_tracer(settings: Traces, names: Sequence[str]) -> Iterator[Tracer]:
    """What records the spans of this process while the block runs; nothing is recorded, nor imported, without an endpoint.

    Args:
        settings: the section [traces].
        names: the parts of the pipeline that run in this process.

    Raises ConfigError if OpenTelemetry is not installed.
    """
    if not settings.endpoint:
        yield NoTracer()
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above
    except ImportError as error:
        raise ConfigError(
            "traces.endpoint: OpenTelemetry is not installed: pip install 'wirewatch[traces]'"
        ) from error
    exporter = OTLPSpanExporter(settings.endpoint, timeout=STOP_MILLISECONDS / 1000)
    with recording(BatchSpanProcessor(exporter), settings.share, names) as tracer:
        yield tracer


@contextmanager
def recording(processor: "SpanProcessor", share: float, names: Sequence[str]) -> Iterator[Tracer]:
    """What records spans for a processor, which is closed with the block."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased  # noqa: PLC0415 - see above

    class Ids(RandomIdGenerator):
        """The next trace has the id that is said in `_next`."""

        def generate_trace_id(self) -> int:
            return _next.get() or super().generate_trace_id()

    version = importlib.metadata.version("wirewatch")
    provider = TracerProvider(
        sampler=TraceIdRatioBased(share),
        resource=Resource(
            {"service.name": "wirewatch", "service.version": version, "wirewatch.stages": " ".join(names)}
        ),
        id_generator=Ids(),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(processor)
    try:
        yield OpenTelemetryTracer(provider.get_tracer("wirewatch", version))
    finally:
        provider.force_flush(STOP_MILLISECONDS)
        provider.shutdown()


_next: ContextVar[int] = ContextVar("next trace id", default=0)


class OpenTelemetryTracer:
    """See `stream.trace.Tracer`."""

    def __init__(self, tracer: "api.Tracer") -> None:
        self._tracer = tracer

    def begin(self, stage: str, trace: str) -> Span:
        """Begin a span; the first of a trace, where the header names no earlier one, is its root."""
        from opentelemetry.context import Context  # noqa: PLC0415 - an extra
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - see above
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - see above
            TraceContextTextMapPropagator,
        )

        article = id_of(trace)
        is_first = bool(article) and trace == trace_of(article)
        around = (
            Context()
            if is_first
            else TraceContextTextMapPropagator().extract({"traceparent": trace}, Context())
        )
        said = _next.set(int(article, 16) if is_first else 0)
        try:
            span = self._tracer.start_span(
                stage,
                context=around,
                kind=SpanKind.CONSUMER,
                attributes={"messaging.operation.type": "process", "messaging.consumer.group.name": stage},
            )
        finally:
            _next.reset(said)
        return _Recorded(span)


class _Recorded:
    """A span that is recorded."""

    def __init__(self, span: "api.Span") -> None:
        self._span = span

    @property
    def trace(self) -> str:
        """See `stream.trace.Span`."""
        known = self._span.get_span_context()
        return f"00-{known.trace_id:032x}-{known.span_id:016x}-{int(known.trace_flags):02x}"

    def end(self, failure: str = "") -> None:
        """See `stream.trace.Span`."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 - an extra

        if failure:
            self._span.set_status(StatusCode.ERROR, failure)
            self._span.set_attribute("error.type", failure)
        self._span.end()
