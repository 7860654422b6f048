"""The cost of the whole pipeline compared with bare trafilatura, over the same real pages, in one run.

    python -m bench.pipeline [--pages 920]

A process of its own serves the pages of ../shared/data/pages.tar.xz on loopback, and they go the whole way: polled, fetched,
read, tagged, searchable. Printed: the CPU-seconds of the pipeline with all its processes, and each part's share; those of
trafilatura alone on the same bytes; the ratio of the two; articles per CPU-second and per second. Goal: at most 1.2 times
trafilatura's text and metadata.

The pipeline keeps all cores busy, and a core that shares its caches and units with a busy one needs more CPU time for the same
work. So trafilatura also runs in one process per core, each over all pages, and their mean counts. The CPU time of one process
on an otherwise idle machine is printed beside it.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil
import uvloop

from bench.material.pages import HOST, Site, opml, pages_or_exit, served
from bench.material.results import Figure, record
from index.embedded.store import EmbeddedStore
from ingest.fetching.settings import Fetch
from stream.log.sqlite.log import SqliteLog
from wirewatch import pipeline, topics
from wirewatch.composition import stores as archive
from wirewatch.config import Config, Paths
from wirewatch.process import logs


class Cost(NamedTuple):
    """The cost of a run."""

    wall: float
    cpu: float
    parts: Counter[str]
    articles: int
    quarantined: int


def main() -> None:
    """Run both sides and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=920)
    pages = pages_or_exit(options.parse_args().pages)
    print(f"{len(pages)} pages, {sum(map(len, pages)) / 1e6:.0f} MB")
    first = {mode.name: _on_all_cores(mode, pages) for mode in MODES}
    ours = _apart(_ours, pages)
    again = {mode.name: _on_all_cores(mode, pages) for mode in MODES}
    _print_ours(ours)
    times = {}
    for mode in MODES:
        bare = (first[mode.name] + again[mode.name]) / 2
        times[mode.name] = ours.cpu / bare
        print(f"trafilatura, {mode.name}: {bare:.2f} CPU s, {len(pages) / bare:.1f} pages per CPU-second")
        print(f"  the pipeline costs {times[mode.name]:.2f} x that")
    alone = _apart(_bare, pages, MODES[-1].options)
    print(
        f"  on one core, the others idle: {alone:.2f} CPU s; the pipeline costs {ours.cpu / alone:.2f} x that"
    )
    record("pipeline", _figures(ours, times, ours.cpu / alone))


def _figures(ours: Cost, times: Mapping[str, float], alone: float) -> list[Figure]:
    beside = "CPU of the whole pipeline, page to searchable, beside trafilatura alone on the same pages:"
    return [
        Figure(f"{beside} its text and metadata", round(times["text and metadata"], 2), "x", at_most=1.2),
        Figure(f"{beside} its text only", round(times["text only"], 2), "x"),
        Figure(f"{beside} its text and metadata on one core, the others idle", round(alone, 2), "x"),
        Figure("articles a second", round(ours.articles / ours.wall, 1)),
        Figure("cores busy", round(ours.cpu / ours.wall, 2)),
        *(
            Figure(f"share of the CPU, {name}", round(100 * spent / ours.cpu), "%")
            for name, spent in ours.parts.most_common()
        ),
    ]


class Mode(NamedTuple):
    """The output that trafilatura is called for."""

    name: str
    options: dict[str, bool]


MODES = (Mode("text only", {}), Mode("text and metadata", {"with_metadata": True}))


def _on_all_cores(mode: Mode, pages: list[bytes]) -> float:
    """The mean CPU time that trafilatura needs for the pages in each of as many processes as there are cores."""
    with ThreadPoolExecutor() as threads:
        runs = [threads.submit(_apart, _bare, pages, mode.options) for _ in range(os.cpu_count() or 1)]
        return statistics.mean(run.result() for run in runs)


def _print_ours(ours: Cost) -> None:
    print(f"pipeline: {ours.articles} articles searchable, {ours.quarantined} pages in quarantine")
    print(f"  {ours.cpu:.2f} CPU s, {ours.wall:.2f} s, {ours.cpu / ours.wall:.2f} cores busy")
    print(
        f"  {ours.articles / ours.cpu:.1f} articles per CPU-second, {ours.articles / ours.wall:.1f} per second"
    )
    for part, seconds in ours.parts.most_common():
        print(f"    {part:<34} {seconds:6.2f} s  {seconds / ours.cpu:6.1%}")


def _apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a fresh process, so that neither side warms the other's caches."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_answer, args=(theirs, function, arguments))
    process.start()
    theirs.close()  # so that the end of the process is noticed
    result = ours.recv()
    process.join()
    return result


def _answer(pipe: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    pipe.send(function(*arguments))


def _bare(pages: list[bytes], options: dict[str, bool]) -> float:
    import trafilatura  # noqa: PLC0415 - loaded by this side only

    trafilatura.bare_extraction(pages[0], **options)
    started = time.process_time()
    for page in pages:
        trafilatura.bare_extraction(page, **options)
    return time.process_time() - started


def _ours(pages: list[bytes]) -> Cost:
    logs.to_lines(level=50)
    with served(pages, len(pages)) as site, tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_run(site, len(pages), Path(folder)))


async def _run(site: Site, articles: int, folder: Path) -> Cost:
    fetch = Fetch(gap_seconds=0.0, allow_private=("127.0.0.0/8",), hosts={HOST: "127.0.0.1"})
    paths = Paths(folder, folder / "feeds.opml", None)
    paths.feeds.write_bytes(opml(site.port, articles))
    parts: Counter[str] = Counter()
    _watch(parts)
    config = msgspec.structs.replace(Config(), fetch=fetch)
    async with pipeline.open_pipeline(config, paths, asyncio.Event()) as supervisor:
        before, wall = _main_cpu(), time.perf_counter()
        await supervisor.run_once()
        wall, main, workers = time.perf_counter() - wall, _main_cpu() - before, _children_cpu(site.pid)
        failed = sum(supervisor.meters.get(stage, "quarantined") for stage in topics.STAGES)
    with archive.open_store(config, paths, readonly=True) as store:
        found = store.count()
    named = sum(parts.values())
    parts["workers: extract, enrich, parse feeds"] = workers
    parts["main: fetch, runner, other"] = main - named
    return Cost(wall, main + workers, parts, found, failed)


def _main_cpu() -> float:
    return time.process_time()


def _children_cpu(server: int) -> float:
    """The CPU time of all child processes, including those that have ended, but without the server of the pages."""
    children = [one for one in psutil.Process().children(recursive=True) if one.pid != server]
    return sum(sum(one.cpu_times()[:4]) for one in children)


def _watch(parts: Counter[str]) -> None:
    """Count the CPU time of the pipeline's parts in the main process, thread by thread."""

    def timed(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            started = time.thread_time()
            try:
                return function(*arguments, **options)
            finally:
                parts[part] += time.thread_time() - started

        return wrapper

    open_consumer = SqliteLog.consumer

    def consumer(log: SqliteLog, group: str, topic: str) -> Any:
        opened = open_consumer(log, group, topic)
        opened.poll = timed("main: log", opened.poll)  # type: ignore[method-assign]
        opened.commit = timed("main: log", opened.commit)  # type: ignore[method-assign]
        return opened

    SqliteLog.consumer = consumer  # type: ignore[method-assign]
    for verb in ("produce", "progress"):
        setattr(SqliteLog, verb, timed("main: log", getattr(SqliteLog, verb)))
    for verb in ("add", "flush"):
        setattr(EmbeddedStore, verb, timed("main: index", getattr(EmbeddedStore, verb)))


if __name__ == "__main__":
    main()
