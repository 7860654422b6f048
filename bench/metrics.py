"""The cost of metrics: of counting, beside the pipeline's own work on the same articles in one run, and of a scrape.

    python -m bench.metrics [--pages 300]

Pages of ../shared/data/pages.tar.xz go the whole way, from the feed to the archive, in processes as usual. Each call of the
counters is counted. Afterwards the same calls are made again and again by themselves, which tells what one costs: so small a
share can't be seen in the difference of two runs. The process is then scraped over HTTP, with a hundred kinds in each tally.
Goals: counting, and a scrape every 15 seconds, together at most one percent of the processor time; a scrape at most 20 ms.
"""

import argparse
import asyncio
import socket
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec
import psutil
import uvloop

from bench.material.pages import HOST, Site, opml, pages_or_exit, served
from bench.material.results import Figure, record
from ingest.fetching.settings import Fetch
from stream.meters import MOST_KINDS, Meters
from wirewatch import pipeline
from wirewatch.composition.metrics import open_metrics
from wirewatch.config import Config, Paths
from wirewatch.process import logs
from wirewatch.process.health import health_of, serve_health
from wirewatch.process.settings import Service

SCRAPES = 200
SCRAPE_SECONDS = 15.0
"""How often Prometheus scrapes, as in deploy/prometheus/prometheus.yml."""
REPEATED = 200_000
CALLS: dict[str, Callable[[Meters], object]] = {
    "count": lambda meters: meters.count("fetch", "done"),
    "tally": lambda meters: meters.tally("fetch", "page"),
    "observe": lambda meters: meters.observe("seen-indexed", 17.0),
    "succeeded": lambda meters: meters.succeeded("poll"),
    "failed": lambda meters: meters.failed("poll", "dns", "not found"),
}


class Cost(NamedTuple):
    """What a run took: processor seconds, articles, calls of the counters, and milliseconds of each scrape."""

    cpu: float
    articles: int
    calls: Counter[str]
    scrapes: list[float]
    scrape_cpu: float


def main() -> None:
    """Run, and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=300)
    pages = pages_or_exit(options.parse_args().pages)
    logs.to_lines(level=50)
    with served(pages, len(pages)) as site, tempfile.TemporaryDirectory() as folder:
        cost = uvloop.run(_run(site, len(pages), Path(folder)))
    counting = sum(number * _seconds_of(CALLS[name]) for name, number in cost.calls.items())
    share = 100 * counting / cost.cpu
    scraping = 100 * cost.scrape_cpu / SCRAPE_SECONDS
    print(
        f"{cost.articles} articles, {cost.cpu:.1f} CPU s; {cost.calls.total()} calls of counters, {1e3 * counting:.1f} ms"
    )
    figures = [
        Figure("counting, of the pipeline's processor time", round(share, 3), "%", at_most=1.0),
        Figure("a scrape every 15 s, of one core", round(scraping, 3), "%", at_most=1.0),
        Figure("calls of counters an article", round(cost.calls.total() / cost.articles, 1)),
        Figure("a scrape, processor time with its client", round(1e3 * cost.scrape_cpu, 1), "ms"),
        Figure("a scrape over HTTP, median", round(statistics.median(cost.scrapes), 1), "ms", at_most=20.0),
        Figure(
            "a scrape over HTTP, slowest of a hundred",
            round(statistics.quantiles(cost.scrapes, n=100)[-1], 1),
            "ms",
        ),
    ]
    for one in figures:
        print(f"  {one.what}: {one.value:g} {one.unit}")
    record("metrics", figures)


def _seconds_of(call: Callable[[Meters], object]) -> float:
    """The processor time of one call."""
    meters = Meters()
    started = time.process_time()
    for _ in range(REPEATED):
        call(meters)
    return (time.process_time() - started) / REPEATED


async def _run(site: Site, articles: int, folder: Path) -> Cost:
    fetch = Fetch(gap_seconds=0.0, allow_private=("127.0.0.0/8",), hosts={HOST: "127.0.0.1"})
    paths = Paths(folder, folder / "feeds.opml", None)
    paths.feeds.write_bytes(opml(site.port, articles))
    config = msgspec.structs.replace(Config(), fetch=fetch)
    calls = _count_calls()
    async with pipeline.open_pipeline(config, paths, asyncio.Event()) as supervisor:
        before = time.process_time()
        await supervisor.run_once()
        cpu = time.process_time() - before + _children_cpu(site.pid)
        done, counted = supervisor.meters.get("index", "done"), calls.copy()
        for number in range(MOST_KINDS):
            for what in ("retried", "quarantined"):
                supervisor.meters.tally(what, "fetch", f"http-{number}")  # type: ignore[arg-type]
            for what in ("poll-failed", "fetch"):
                supervisor.meters.tally(what, f"http-{number}")  # type: ignore[arg-type]
        port = _free_port()
        opened = partial(open_metrics, config, paths, supervisor, pipeline.ALL)
        async with serve_health(Service(port=port), health_of(supervisor), opened):
            before = time.process_time()
            scrapes = await _scrape(port)
            spent = time.process_time() - before
    return Cost(cpu, done, counted, scrapes, spent / SCRAPES)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


async def _scrape(port: int) -> list[float]:
    """The milliseconds of each scrape; the client's own work is in them."""
    took = []
    async with aiohttp.ClientSession() as session:
        for _ in range(SCRAPES):
            started = time.perf_counter()
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert "wirewatch_build_info" in await answer.text()
            took.append(1e3 * (time.perf_counter() - started))
    return took


def _count_calls() -> Counter[str]:
    """Have each call of the counters counted from now on."""
    calls: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            calls[name] += 1
            return function(*arguments, **options)

        return wrapper

    for name in CALLS:
        setattr(Meters, name, counted(name, getattr(Meters, name)))
    return calls


def _children_cpu(server: int) -> float:
    """The processor time of all child processes, without the server of the pages."""
    children = [one for one in psutil.Process().children(recursive=True) if one.pid != server]
    return sum(sum(one.cpu_times()[:4]) for one in children)


if __name__ == "__main__":
    main()
