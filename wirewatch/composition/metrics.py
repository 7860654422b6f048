"""The metrics of a process, for Prometheus: a registry that reads tables of metrics at each scrape."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Generic

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
from web.traffic import Traffic
from wirewatch.composition.measured import Measures, measure
from wirewatch.composition.metric_row import F_contra, Row, Timed
from wirewatch.composition.metric_table import BUILD, TABLE, Facts
from wirewatch.composition.page_metrics import PAGE_TABLE
from wirewatch.config import Config, Paths
from wirewatch.process.health import Exposition
from wirewatch.topics import POLL


class TableCollector(Collector, Generic[F_contra]):
    """Reads a table at each scrape.

    Args:
        table: the metrics.
        facts: what there is to read now.
    """

    def __init__(
        self, table: Sequence[Row[F_contra] | Timed[F_contra]], facts: Callable[[], F_contra]
    ) -> None:
        self._table = table
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """The metrics that have values."""
        facts = self._facts()
        for row in self._table:
            metric = _timed(row, facts) if isinstance(row, Timed) else _counted_or_measured(row, facts)
            if metric.samples:
                yield metric

    def describe(self) -> Iterator[Metric]:
        """Their names, without values: nothing need be read to register it."""
        return iter(())


def _counted_or_measured(row: Row[F_contra], facts: F_contra) -> Metric:
    make = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
    metric = make(row.name, row.text, labels=row.labels)
    for labels, value in row.read(facts):
        metric.add_metric(labels, value)
    return metric


def _timed(row: Timed[F_contra], facts: F_contra) -> Metric:
    metric = HistogramMetricFamily(row.name, row.text, labels=row.labels)
    for labels, (bounds, counts, total) in row.read(facts):
        edges = [*map(floatToGoString, bounds), "+Inf"]
        metric.add_metric(labels, list(zip(edges, map(float, counts), strict=True)), total)
    return metric


@asynccontextmanager
async def open_metrics(
    config: Config, paths: Paths, supervisor: Supervisor, names: Sequence[str], traffic: Traffic | None = None
) -> AsyncIterator[Exposition]:
    """The metrics of what runs in this process, in a registry of their own. Call what is yielded in the event loop.

    Args:
        config: the configuration.
        paths: where the data are.
        supervisor: what runs.
        names: the parts that were started, such as `poll`.
        traffic: of the page, where this process serves it.
    """
    measures = Measures(partial(measure, config, paths, supervisor.log, polls=POLL in names))
    measures()
    collectors: list[Collector] = [
        TableCollector(TABLE, lambda: Facts(supervisor, names, measures(), utc_now()))
    ]
    if traffic is not None:
        collectors.append(TableCollector(PAGE_TABLE, lambda: traffic))
    try:
        yield _exposition(collectors)
    finally:
        await measures.close()


@asynccontextmanager
async def open_page_metrics(traffic: Traffic) -> AsyncIterator[Exposition]:
    """The metrics of a process that serves the page and nothing else, as `open_metrics` does."""
    yield _exposition([TableCollector((BUILD,), lambda: None), TableCollector(PAGE_TABLE, lambda: traffic)])


def _exposition(collectors: Sequence[Collector]) -> Exposition:
    registry = CollectorRegistry()
    for one in collectors:
        registry.register(one)
    ProcessCollector(registry=registry)

    def exposition(accept: str) -> tuple[bytes, str]:
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type

    return exposition
