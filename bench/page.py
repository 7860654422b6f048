"""Measures how fast the page responds, its memory, and its cost to the pipeline beside it.

    python -m bench.page [--articles 50000] [--elasticsearch URL] [--only work,readers]

Builds an archive of made-up articles (bench/material/archive.py), which stays in the machine's folder of temporary files for
the next run, and serves it by `wirewatch serve` in a process of its own. The articles of more than 100,000 are short, since
building them takes long: what is counted and folded is as much.

Readers request the search page with its facets, its chart and 20 hits, each query in turn; a reader sends the next request a
second after the response. Printed:

- work: milliseconds of the server's CPU, which tell more than its times on a busy machine, for queries that were asked since
  the archive last changed, and for new ones; bytes of a page as sent;
- readers: milliseconds for one reader without a pause, and for ten;
- datasette: the same articles in Datasette with FTS5, three facets and 20 hits (skipped where Datasette is not installed:
  `pip install datasette`), asked in turns with the page by one reader;
- elasticsearch: the page over Elasticsearch at the URL, or at that of WIREWATCH_TEST_ELASTICSEARCH (skipped without one);
- memory: what the page adds to a process that has the archive open for writing, in anonymous memory, after 200 pages;
- indexing: how much longer 500 articles take to index while ten people search, in one process and with `serve` in its own;
- clients: 1,000 clients of /api/v1/events: how long after an article is findable the last of them has heard, and memory;
- export: all articles, 100,000 at most, as JSON lines: megabytes that the server grows by.
"""

import argparse
import asyncio
import http.client
import importlib.util
import multiprocessing
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from socket import socket
from uuid import uuid4

import aiohttp
import msgspec
import psutil

from bench.material.archive import QUERIES, articles
from bench.material.results import Figure, record
from index.elasticsearch.settings import Elasticsearch
from index.elasticsearch.store import ElasticsearchStore
from index.embedded.store import EmbeddedStore
from index.store import Store
from stream.messages import Enriched
from wirewatch.commands.page.serving import serve_page
from wirewatch.commands.settings import load
from wirewatch.process import logs

PUBLISHED = (
    "--only work",
    "--only readers,datasette",
    "--only memory",
    "--only export",
    "--only indexing",
    "--only clients",
    "--only elasticsearch",
    "--articles 1000000 --only work,readers,export",
)
READERS, PAUSE, SECONDS = 10, 1.0, 30.0
CLIENTS = 1_000
ROUNDS, A_ROUND = 6, 500
LARGE, WORDS_IN_LARGE = 100_000, 24
EXPORTED = 100_000
PLAIN = ("syria", '"peace talks"', "ceasefire", "election", "tanker", "earthquake")
"""Queries that mean the same to FTS5."""


def main() -> None:
    """Build the archive, serve it and measure."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--articles", type=int, default=50_000)
    options.add_argument("--elasticsearch", default=os.environ.get("WIREWATCH_TEST_ELASTICSEARCH", ""))
    options.add_argument("--only", default=",".join(PARTS))
    chosen = options.parse_args()
    logs.to_lines(level=50)
    data = Path(tempfile.gettempdir()) / f"wirewatch-bench-page-{chosen.articles}"
    build(data, chosen.articles)
    figures = []
    for part in chosen.only.split(","):
        figures += PARTS[part](data, chosen.articles, chosen.elasticsearch)
        print(f"{part}: load average {os.getloadavg()[0]:.1f}", flush=True)
    record("page", figures, PUBLISHED)


def build(data: Path, number: int) -> None:
    """Build the archive, as far as it is missing."""
    with EmbeddedStore.open(data / "index") as store:
        if (there := store.count()) >= number:
            return
        print(f"building an archive of {number:,} articles; there are {there:,}", flush=True)
        some = articles(number, WORDS_IN_LARGE) if number > LARGE else articles(number)
        add(store, islice(some, there, None), 10 * A_ROUND)


def add(store: Store, some: Iterator[Enriched], at_once: int = A_ROUND) -> None:
    while batch := list(islice(some, at_once)):
        for one in batch:
            store.add(one)
        store.flush()


def work(data: Path, number: int, _: str) -> list[Figure]:
    """Measure what the page over the embedded archive costs."""
    with served(data) as (address, process):
        one_reader(address, len(QUERIES))
        known, _waits, sizes = worked(process, [page_of(address, query) for query in QUERIES * 5])
        new, _waits, _sizes = worked(process, [page_of(address, query) for query in new_queries()])
    what = f"page of {number:,} articles"
    return [
        told(Figure(f"{what}, queries asked before: CPU", known, "ms")),
        told(Figure(f"{what}, new queries: CPU", new, "ms")),
        told(Figure(f"{what}: largest, as sent", kb(max(sizes)), "kB", at_most=40)),
    ]


def new_queries() -> list[str]:
    """Queries that nobody asked before, as costly as those of the readers."""
    return [f"({query}) AND NOT xylophonist{at}" for at, query in enumerate(QUERIES[:-1] * 5)]


def readers(data: Path, number: int, _: str) -> list[Figure]:
    """Measure the page over the embedded archive."""
    with served(data) as (address, _process):
        one_reader(address, len(QUERIES))
        alone, _sizes = one_reader(address, 120)
        new = [timed(page_of(address, query))[0] for query in new_queries()]
        waits = asyncio.run(ten_readers(address))
    what = f"page of {number:,} articles"
    p50, p99 = (25, 80) if number <= LARGE else (None, 400)
    return [
        told(Figure(f"{what}, one reader: p50", percentile(alone, 50), "ms")),
        told(Figure(f"{what}, one reader, new queries: p50", percentile(new, 50), "ms")),
        told(Figure(f"{what}, one reader, new queries: p99", percentile(new, 99), "ms", at_most=p99)),
        told(Figure(f"{what}, ten readers: p50", percentile(waits, 50), "ms", at_most=p50)),
        told(Figure(f"{what}, ten readers: p99", percentile(waits, 99), "ms", at_most=p99)),
    ]


def worked(process: psutil.Process, addresses: Sequence[str]) -> tuple[float, list[float], list[int]]:
    """Milliseconds of a server's CPU for a page, of these one after another; the milliseconds and bytes of each."""
    before = sum(process.cpu_times()[:2])
    found = [timed(address) for address in addresses]
    work = (sum(process.cpu_times()[:2]) - before) * 1000 / len(found)
    return round(work, 1), [wait for wait, _ in found], [length for _, length in found]


def in_elasticsearch(_: Path, number: int, url: str) -> list[Figure]:
    """Measure the page over Elasticsearch."""
    if not url:
        print("elasticsearch: skipped, since no --elasticsearch was given")
        return []
    prefix = f"bench-page-{uuid4().hex[:8]}"
    settings = Elasticsearch(hosts=(url,), prefix=prefix)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "wirewatch.toml").write_text(
            f'[elasticsearch]\nhosts = ["{url}"]\nprefix = "{prefix}"\n'
        )
        try:
            with ElasticsearchStore.open(settings) as store:
                add(store, articles(number))
            with served(Path(folder)) as (address, process):
                one_reader(address, len(QUERIES))
                cpu, *_rest = worked(process, [page_of(address, query) for query in QUERIES * 5])
                waits = asyncio.run(ten_readers(address))
        finally:
            delete(url, prefix)
    return [
        told(Figure(f"page of {number:,} articles in Elasticsearch: CPU of the page", cpu, "ms")),
        *(
            told(
                Figure(
                    f"page of {number:,} articles in Elasticsearch, ten readers: {name}",
                    value,
                    "ms",
                    at_most=goal,
                )
            )
            for name, value, goal in (
                ("p50", percentile(waits, 50), 150),
                ("p99", percentile(waits, 99), None),
            )
        ),
    ]


def delete(url: str, prefix: str) -> None:
    """Delete what the bench put into Elasticsearch: indices by their names, the template."""
    with urllib.request.urlopen(f"{url}/_cat/indices/{prefix}-*?h=index") as answer:
        names = answer.read().decode().split()
    for path in (*names, f"_index_template/{prefix}-articles"):
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(f"{url}/{path}", method="DELETE")).close()


def datasette(data: Path, number: int, _: str) -> list[Figure]:
    """Measure Datasette over the same articles, in turns with the page."""
    if importlib.util.find_spec("datasette") is None:
        print("datasette: skipped, since it is not installed")
        return []
    database = data / "news.db"
    if not database.exists():
        fill(database, articles(number))
    port = free_port()
    command = [sys.executable, "-m", "datasette", "serve", str(database), "-p", str(port)]
    command += ["--setting", "facet_time_limit_ms", "5000", "--setting", "sql_time_limit_ms", "10000"]
    with served(data) as (address, _process), running(command, f"http://127.0.0.1:{port}"):
        theirs, ours, sizes, our_sizes = [], [], [], []
        for query in PLAIN * 6:
            facets = "&".join(f"_facet={name}" for name in ("source", "language", "section"))
            path = f"http://127.0.0.1:{port}/news/articles?_search={quoted(query)}&_size=20&{facets}"
            for target, waits, lengths in ((path, theirs, sizes), (page_of(address, query), ours, our_sizes)):
                wait, length = timed(target)
                waits.append(wait)
                lengths.append(length)
    what = f"page of {number:,} articles, one reader, plain queries"
    return [
        told(Figure(f"{what}: p50", percentile(ours, 50), "ms", peers={"Datasette": percentile(theirs, 50)})),
        told(Figure(f"{what}: p99", percentile(ours, 99), "ms", peers={"Datasette": percentile(theirs, 99)})),
        told(
            Figure(f"{what}: largest, as sent", kb(max(our_sizes)), "kB", peers={"Datasette": kb(max(sizes))})
        ),
    ]


def fill(database: Path, some: Iterator[Enriched]) -> None:
    """The articles as a table with a full-text index, as Datasette's documentation has it."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE articles (id TEXT PRIMARY KEY, title TEXT, text TEXT, source TEXT, language TEXT, section TEXT,"
            " published TEXT, url TEXT)"
        )
        rows = (
            (a.id, a.title, a.text, a.source, one.language, a.section, f"{a.published}", a.url)
            for one in some
            for a in (one.article,)
        )
        connection.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("CREATE VIRTUAL TABLE articles_fts USING fts5 (title, text, content='articles')")
        connection.execute(
            "INSERT INTO articles_fts (rowid, title, text) SELECT rowid, title, text FROM articles"
        )
    connection.close()


def memory(data: Path, _: int, __: str) -> list[Figure]:
    """Measure the memory that the page adds to a process."""
    grown = in_process(_page_grows, data)
    return [
        told(
            Figure(
                "anonymous memory that the page adds to a process, after 200 pages", grown, "MB", at_most=60
            )
        )
    ]


def _page_grows(data: Path, answer: Callable[[float], None]) -> None:
    import wirewatch.pipeline  # noqa: F401, PLC0415 - what `run` has in memory anyhow

    async def grow() -> float:
        with EmbeddedStore.open(data / "index") as store:
            add(store, articles(500))
            before = anonymous(psutil.Process())
            async with serve_page(load(data, None, None), free_port()) as address:
                await asyncio.to_thread(one_reader, address, 200)
                return round((anonymous(psutil.Process()) - before) / 1e6, 1)

    answer(asyncio.run(grow()))


def indexing(data: Path, _: int, __: str) -> list[Figure]:
    """Measure how much longer indexing takes while people search."""
    with served(data) as (address, _process):
        beside = in_process(_index_beside, data, address)
    within = in_process(_index_beside, data, "")
    return [
        told(
            Figure(
                "indexing while ten people search, `serve` in its own process: longer by",
                beside,
                "%",
                at_most=3,
            )
        ),
        told(
            Figure(
                "indexing while ten people search, in the process of the page: longer by",
                within,
                "%",
                at_most=3,
            )
        ),
    ]


def _index_beside(data: Path, address: str, answer: Callable[[float], None]) -> None:
    """Index in turns with and without readers; the page at the address, or in this process."""

    async def measure() -> float:
        if address:
            return await in_turns(data, address)
        async with serve_page(load(data, None, None), free_port()) as own:
            return await in_turns(data, own)

    answer(asyncio.run(measure()))


async def in_turns(data: Path, address: str) -> float:
    taken: dict[bool, list[float]] = {True: [], False: []}
    some = list(articles(A_ROUND))
    with EmbeddedStore.open(data / "index") as store:
        for turn in range(ROUNDS * 2):
            reading = turn % 2 == 1
            # Readers are in a process of their own: their work is not the page's.
            people = multiprocessing.Process(target=_people, args=(address,)) if reading else None
            if people:
                people.start()
                await asyncio.sleep(2)
            began = time.perf_counter()
            await asyncio.to_thread(add, store, iter(some))
            taken[reading].append(time.perf_counter() - began)
            if people:
                people.kill()
                await asyncio.to_thread(people.join)
    quiet, busy = (statistics.median(taken[reading]) for reading in (False, True))
    return round(100 * (busy / quiet - 1), 1)


def _people(address: str) -> None:
    """Ten people who read for five seconds between two searches."""
    asyncio.run(ten_readers(address, pause=5.0, seconds=600))


def clients(data: Path, _: int, __: str) -> list[Figure]:
    """Measure a thousand clients that receive new hits."""
    with served(data) as (address, process), EmbeddedStore.open(data / "index") as store:
        before = anonymous(process)
        heard, held = asyncio.run(_listen(address, store, process))
    return [
        told(
            Figure(
                f"clients of /api/v1/events that heard of an article, of {CLIENTS:,}",
                len(heard),
                at_least=CLIENTS,
            )
        ),
        told(Figure("from findable to the last of them having heard", round(max(heard, default=0), 2), "s")),
        told(Figure(f"anonymous memory of {CLIENTS:,} clients", round((held - before) / 1e6, 1), "MB")),
    ]


async def _listen(address: str, store: Store, process: psutil.Process) -> tuple[list[float], float]:
    timeout, connector = aiohttp.ClientTimeout(sock_read=60), aiohttp.TCPConnector(limit=0)
    added = asyncio.Event()
    began = 0.0
    heard: list[float] = []
    ready = 0

    async def listen(session: aiohttp.ClientSession) -> None:
        nonlocal ready
        async with session.get(f"{address}api/v1/events") as answer:
            ready += 1
            async for line in answer.content:
                if line.startswith(b"event: hit"):
                    await added.wait()
                    heard.append(time.perf_counter() - began)
                    return

    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        listening = [asyncio.create_task(listen(session)) for _ in range(CLIENTS)]
        while ready < CLIENTS and not all(task.done() for task in listening):  # noqa: ASYNC110 - a counter
            await asyncio.sleep(0.1)
        held = anonymous(process)
        fresh = next(articles(1))
        await asyncio.to_thread(add, store, iter([renamed(fresh)]))
        began = time.perf_counter()
        added.set()
        await asyncio.wait(listening, timeout=60)
        for task in listening:
            task.cancel()
    return heard, held


def renamed(one: Enriched) -> Enriched:
    """The same article as another one."""
    name = uuid4().hex
    return msgspec.structs.replace(
        one, article=msgspec.structs.replace(one.article, id=name, url=f"https://a.example/{name}")
    )


def export(data: Path, _: int, __: str) -> list[Figure]:
    """Measure the export of everything, as JSON lines."""
    with served(data) as (address, process):
        timed(f"{address}search.csv?q=syria+geneva+ceasefire")
        before, most, lines = anonymous(process), 0.0, 0
        began = time.perf_counter()
        with urllib.request.urlopen(f"{address}search.jsonl") as answer:
            for line in islice(answer, EXPORTED):
                lines += line.endswith(b"\n")
                if lines % 1_000 == 0:
                    most = max(most, anonymous(process) - before)
        took = time.perf_counter() - began
    print(f"{lines:,} lines in {took:.1f} s")
    return [
        told(
            Figure(
                f"export of {lines:,} hits: memory that the server grows by",
                round(most / 1e6, 1),
                "MB",
                at_most=30,
            )
        ),
        told(Figure(f"export of {lines:,} hits: lines per second", round(lines / took), "")),
    ]


PARTS: dict[str, Callable[[Path, int, str], list[Figure]]] = {
    "work": work,
    "readers": readers,
    "datasette": datasette,
    "elasticsearch": in_elasticsearch,
    "memory": memory,
    "export": export,
    "clients": clients,
    "indexing": indexing,
}


@contextmanager
def served(data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a page, and its process."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from wirewatch.cli import main; main()",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    if (data / "wirewatch.toml").exists():
        command += ["--config", str(data / "wirewatch.toml")]
    with running(command, f"http://127.0.0.1:{port}/") as process:
        yield f"http://127.0.0.1:{port}/", process


@contextmanager
def running(command: Sequence[str], address: str) -> Iterator[psutil.Process]:
    """A running process that answers at an address."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with suppress(OSError):
                timed(address)
                break
            if process.poll() is not None:
                raise SystemExit(f"ended: {' '.join(command)}")
            time.sleep(0.2)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def one_reader(address: str, pages: int) -> tuple[list[float], list[int]]:
    """The milliseconds and bytes of this many pages, one after another."""
    found = [timed(page_of(address, QUERIES[at % len(QUERIES)])) for at in range(pages)]
    return [wait for wait, _ in found], [length for _, length in found]


async def ten_readers(address: str, pause: float = PAUSE, seconds: float = SECONDS) -> list[float]:
    """The milliseconds of each page for ten readers who pause between pages."""
    waits: list[float] = []
    until = time.monotonic() + seconds
    headers = {"Accept-Encoding": "gzip"}

    async def read(chance: random.Random, session: aiohttp.ClientSession) -> None:
        await asyncio.sleep(chance.random() * pause)
        while time.monotonic() < until:
            began = time.perf_counter()
            async with session.get(page_of(address, chance.choice(QUERIES)), headers=headers) as answer:
                await answer.read()
                answer.raise_for_status()
            waits.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(pause * (0.5 + chance.random()))

    async with aiohttp.ClientSession(auto_decompress=False) as session:
        await asyncio.gather(*(read(random.Random(number), session) for number in range(READERS)))
    return waits


def page_of(address: str, query: str) -> str:
    return f"{address}?q={quoted(query)}"


def quoted(query: str) -> str:
    return urllib.parse.quote_plus(query)


def timed(url: str) -> tuple[float, int]:
    """Milliseconds until an answer is read, and its bytes as sent."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept-Encoding": "gzip"})
    body = connection.getresponse().read()
    wait = 1000 * (time.perf_counter() - began)
    connection.close()
    return wait, len(body)


def in_process(function: Callable[..., None], *arguments: object) -> float:
    """The result of a function in a fresh process."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=function, args=(*arguments, sending.send))
    process.start()
    sending.close()
    found: float = receiving.recv()
    process.join()
    return found


def anonymous(process: psutil.Process) -> float:
    """Bytes that a process alone holds; files that are mapped belong to the machine's cache."""
    held = process.memory_info()
    return float(held.rss - held.shared)


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest rank."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) * share // 100, len(ordered) - 1)], 1)


def kb(size: int) -> float:
    return round(size / 1000, 1)


def free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def told(figure: Figure) -> Figure:
    """Print a figure, and return it."""
    peers = "".join(f"; {name}: {value} {figure.unit}" for name, value in figure.peers.items())
    print(f"{figure.what}: {figure.value} {figure.unit}{peers}", flush=True)
    return figure


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
