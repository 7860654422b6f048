"""Measures the memory of the running pipeline over many articles: it must stay flat.

    python -m bench.memory [--articles 20000]

Serves the shorter half of the real pages of ../shared/data (so that it ends today) again and again under new addresses,
each time with different words. Printed: resident memory of the main process and of the worker processes at each mark.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import msgspec
import psutil
import uvloop

from bench.material.pages import HOST, Site, opml, pages_or_exit, served
from bench.material.results import Figure, record
from ingest.fetching.settings import Fetch
from stream.supervisor import Supervisor
from wirewatch import pipeline
from wirewatch.config import Config, Paths
from wirewatch.process import logs

MARKS = (1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 50_000)


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--articles", type=int, default=20_000)
    articles = options.parse_args().articles
    logs.to_lines(level=50)
    pages = sorted(pages_or_exit(920), key=len)[:460]
    with served(pages, articles) as site, tempfile.TemporaryDirectory() as folder:
        record("memory", uvloop.run(_run(site, articles, Path(folder))))


async def _run(site: Site, articles: int, folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    fetch = Fetch(gap_seconds=0.0, allow_private=("127.0.0.0/8",), hosts={HOST: "127.0.0.1"})
    paths = Paths(folder, folder / "feeds.opml", None)
    paths.feeds.write_bytes(opml(site.port, articles))
    async with pipeline.open_pipeline(
        msgspec.structs.replace(Config(), fetch=fetch), paths, asyncio.Event()
    ) as supervisor:
        watching = asyncio.create_task(_watch(supervisor, site, figures))
        await supervisor.run_once()
        watching.cancel()
        figures += _memory(supervisor.meters.get("index", "done"), site)
    return figures


async def _watch(supervisor: Supervisor, site: Site, figures: list[Figure]) -> None:
    for mark in MARKS:
        while supervisor.meters.get("index", "done") < mark:  # noqa: ASYNC110 - a counter
            await asyncio.sleep(0.1)
        figures += _memory(mark, site)


def _memory(articles: int, site: Site) -> list[Figure]:
    """Print the resident memory."""
    process = psutil.Process()
    children = [child for child in process.children(recursive=True) if child.pid != site.pid]
    workers = sum(child.memory_info().rss for child in children)
    main = process.memory_info().rss
    print(
        f"{articles:>6} articles: main {main / 1e6:6.0f} MB, workers and their server {workers / 1e6:6.0f} MB",
        flush=True,
    )
    return [
        Figure(f"memory of the main process at {articles:,} articles", round(main / 1e6), "MB"),
        Figure(
            f"memory of the workers and their server at {articles:,} articles", round(workers / 1e6), "MB"
        ),
    ]


if __name__ == "__main__":
    main()
