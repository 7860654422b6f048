"""The metrics of a process, for Prometheus: a registry that reads metric_table.py at each scrape."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from stream.clock import utc_now
from stream.supervisor import Supervisor
from wirewatch.composition.measured import Measures, measure
from wirewatch.composition.metric_table import TABLE, Facts, Row, Timed
from wirewatch.config import Config, Paths
from wirewatch.process.health import Exposition
from wirewatch.topics import POLL


class PipelineCollector(Collector):
    """Reads the table at each scrape.

    Args:
        facts: what there is to read now.
    """

    def __init__(self, facts: Callable[[], Facts]) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """The metrics that have values."""
        facts = self._facts()
        for row in TABLE:
            metric = _timed(row, facts) if isinstance(row, Timed) else _counted_or_measured(row, facts)
            if metric.samples:
                yield metric

    def describe(self) -> Iterator[Metric]:
        """Their names, without values: nothing need be read to register it."""
        return iter(())


def _counted_or_measured(row: Row, facts: Facts) -> Metric:
    make = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
    metric = make(row.name, row.text, labels=row.labels)
    for labels, value in row.read(facts):
        metric.add_metric(labels, value)
    return metric


def _timed(row: Timed, facts: Facts) -> Metric:
    metric = HistogramMetricFamily(row.name, row.text, labels=row.labels)
    if row.part in facts.names:
        for labels, duration in row.durations.items():
            bounds, counts, total = facts.supervisor.meters.durations(duration)
            edges = [*map(floatToGoString, bounds), "+Inf"]
            metric.add_metric(labels, list(zip(edges, map(float, counts), strict=True)), total)
    return metric


@asynccontextmanager
async def open_metrics(
    config: Config, paths: Paths, supervisor: Supervisor, names: Sequence[str]
) -> AsyncIterator[Exposition]:
    """The metrics of what runs in this process, in a registry of their own. Call what is yielded in the event loop.

    Args:
        config: the configuration.
        paths: where the data are.
        supervisor: what runs.
        names: the parts that were started, such as `poll`.
    """
    measures = Measures(partial(measure, config, paths, supervisor.log, polls=POLL in names))
    measures()
    registry = CollectorRegistry()
    registry.register(PipelineCollector(lambda: Facts(supervisor, names, measures(), utc_now())))
    ProcessCollector(registry=registry)

    def exposition(accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type

    try:
        yield exposition
    finally:
        await measures.close()
