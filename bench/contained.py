"""Measures whether any input stalls or bloats the process: the cases, the worst of them, and whether the limits held.

    python -m bench.contained [--quick]

Three parts. *Readers*: expensive texts, queries and TOML files go to their readers, each in a process of its own (as in
bench/hostile.py, whose feeds are tried here, too): CPU time and growth of the peak memory. *The pipeline*: 200 ordinary pages,
made here, and then the same with 20 poisonous ones among them, served on loopback, polled and taken all the way into the
archive. Printed: how long each ordinary article takes from its feed to the archive, with and without them, and the peak memory
of the main process and of the workers. *Afterwards*: the pipeline is started again on the same data; it must not read any of
the poisonous pages a second time.

`--quick` tries fewer and smaller cases, in less than a minute. Linux only. Exit code 1: a limit was exceeded.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from growth import adversarial, letters

from bench.hostile import Cost, documents, measured
from bench.material.pages import HOST, opml, served
from bench.material.results import Figure, record
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser
from enrich.stories.signature import fingerprints
from index.snippet import snippet
from ingest.fetching.settings import Fetch
from query.lint import lint
from query.match import match, prepare
from query.monitor.monitor import Monitor
from query.parse import parse
from stream.errors import ConfigError, QueryError
from stream.messages import Article
from stream.quarantine import QUARANTINE, read
from stream.toml import read_toml
from wirewatch import pipeline
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.lists.topics import news_topics
from wirewatch.process import logs
from wirewatch.topics import open_log

NOW = datetime(2016, 3, 15, 12, tzinfo=UTC)
GOOD, POISON = 200, 20
WAIT_AIM = 5.0
"""How many seconds longer an ordinary article may wait because of hostile ones."""
MAIN_AIM = 600.0
"""MB that the main process may grow by."""
SLACK = 4.0
"""The multiple of the bounds that `--quick` allows: the machine may be busy."""
QUERIES = (
    '"syria peace"~20',
    '"assad assad assad"~99',
    "a* OR x*",
    "*ab OR a*a*b",
    "syria OR council",
    "NOT nowhere",
)


class Aim(msgspec.Struct, frozen=True):
    """The limits for a case."""

    cpu: float
    megabytes: float


READER = Aim(2.0, 64.0)
IN_WORKER = Aim(2.0, 400.0)
"""Tagging; a worker's limits are 5 s and 2 GB."""
LIVE = Aim(2.0, 300.0)
"""Live matching, which runs in the main process, one article at a time."""


class Case(msgspec.Struct, frozen=True):
    """A case."""

    name: str
    aim: Aim
    work: Callable[[], object]


def cases(size: int) -> Iterator[Case]:
    """All cases for readers; texts have `size` characters."""
    yield from _texts(size)
    yield from _queries()
    yield from _toml_files()
    for name, work in documents().items():
        if name.startswith(("feed", "sitemap")):
            yield Case(name, READER, work)


def _texts(size: int) -> Iterator[Case]:
    topics = news_topics(Paths(Path(), Path(), None))
    enricher = Enricher(topics, default_gazetteer(), lambda: NOW, recogniser(SHIPPED))
    enricher(
        _article("Vladimir Putin met John Kerry in Moscow. They spoke about Syria.")
    )  # loads what is otherwise loaded on first use
    monitor, trees = Monitor(), {query: parse(query) for query in QUERIES}
    for query, tree in trees.items():
        monitor.add(query, tree)

    def live(text: str) -> None:
        prepared = prepare("", text, {})
        for query in monitor.match(prepared):
            snippet(text, match(trees[query], prepared) or ())
        fingerprints(text)

    for name, text in adversarial(size).items():
        yield Case(f"tagging: {name}", IN_WORKER, lambda text=text: enricher(_article(text)))
        yield Case(f"live matching: {name}", LIVE, lambda text=text: live(text))


def _article(text: str) -> Article:
    return Article(
        id="1", url="https://news.example/", feed="f", source="s", text=text, declared_language="en",
        seen=NOW, fetched=NOW, extracted=NOW,
    )  # fmt: skip


def _queries() -> Iterator[Case]:
    def reading(query: str) -> None:
        for reader in (parse, lambda text: lint(text, {"source": [f"source {n}" for n in range(3_000)]})):
            try:
                reader(query)
            except QueryError as error:
                str(error)

    for part in (
        "-",
        "!",
        "+",
        "(",
        '"',
        "\\-",
        "a ",
        "-a ",
        "NOT ",
        "title:a ",
        "a* ",
        '"a b"~9 ',
        "-x1 x1 ",
        "!(",
    ):
        query = part * (9_990 // len(part))
        yield Case(f"query: 10,000 characters of {part!r}", READER, lambda query=query: reading(query))
    sources = " ".join(f'source:"source {letters(n)}"' for n in range(450))
    yield Case("query: 450 unknown sources of 3,000", READER, lambda: reading(sources[:9_990]))


def _toml_files() -> Iterator[Case]:
    def reading(data: bytes) -> str:
        try:
            read_toml(data, "shared.toml")
        except ConfigError:
            return "refused"
        return "read"

    for name, data in {
        "a dotted key": b"a." * 2_400_000 + b"a = 1",
        "dotted keys": (b"a." * 31 + b"a = {}\n") * 70_000,
        "arrays in arrays": b"a = " + b"[" * 4_900_000,
        "tables in tables": b"a = " + b"{a=" * 1_600_000,
        "a number": b"a = " + b"1" * 4_900_000,
        "30 MB": b"#" * 30_000_000,
    }.items():
        yield Case(f"TOML: {name}", READER, lambda data=data: reading(data))


def poisonous(count: int, size: int) -> list[bytes]:
    """Pages made to be expensive, each for another stage, with texts of `size` characters where that matters."""
    texts = adversarial(size)
    paragraphs = (
        "repeated names",
        "people who share a name",
        "different words",
        "all capitals",
        "no spaces",
        "one token",
    )
    pages = [_page(f"<p>{texts[name]}</p>", title=name) for name in paragraphs]
    pages += [
        _page("".join(f"<p>{_sentence(n)}</p>" for n in range(18_000)), title="many paragraphs"),
        _page(
            "".join(f"<tr><td>{_sentence(n)}</td></tr>" for n in range(6_000)),
            title="a table",
            around="table",
        ),
        _page("".join(f"<a href=/{n}>{_sentence(n)}</a> " for n in range(15_000)), title="many links"),
        _page("<div>" * 140 + f"<p>{texts['combining marks']}</p>", title="nested deep"),
        _page("<p>" + "<b>x</b> y " * 9_000 + "</p>", title="markup in a line"),
        _page(f"<p>{_sentence(1)}</p>", title=texts["repeated names"]),
        _page(
            f"<p>{_sentence(2)}</p>",
            title="JSON-LD",
            head='<script type="application/ld+json">' + "[" * 4_000_000 + "</script>",
        ),
        _page("<!--" * 1_000_000, title="open comments"),
        b"<" * 4_900_000,
    ]
    return [pages[number % len(pages)] for number in range(count)]


def ordinary(count: int) -> list[bytes]:
    """Ordinary pages."""
    return [
        _page("".join(f"<p>{_sentence(60 * number + n)}</p>" for n in range(25)), title=f"Report {number}")
        for number in range(count)
    ]


def _sentence(number: int) -> str:
    return (
        f"Officials in {letters(number)}ville said on Tuesday that talks with {letters(number + 7)}son and the ministry would"
        f" go on for {number % 50 + 2} more days, although few delegates of the council expect them to succeed."
    )


def _page(body: str, *, title: str, head: str = "", around: str = "article") -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        f"<{around}>{body}</{around}></article></body></html>"
    ).encode()


class Passage(msgspec.Struct, frozen=True):
    """The results of a run of the pipeline.

    Attributes:
        waits: seconds of each ordinary article from its feed to the archive, by its number among them.
        main: the growth of the main process, from its start to its peak, in MB.
        workers: the peak of all workers and of the process that they are forked from, in MB.
        quarantined: how many pages lie in the quarantine at the end, by kind.
        again: how many messages were quarantined or read again after a second start.
    """

    waits: dict[int, float]
    main: float
    workers: float
    quarantined: dict[str, int]
    again: int


def passage(good: Sequence[bytes], bad: Sequence[bytes]) -> Passage:
    """Take pages through the pipeline, the bad ones spread among the good."""
    pages = list(good)
    numbers: list[int | None] = list(range(len(good)))
    for number, page in enumerate(bad):
        place = number * (len(good) // len(bad) + 1)
        pages.insert(place, page)
        numbers.insert(place, None)
    with served(pages, len(pages)) as site, tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_passage(site.port, site.pid, numbers, Path(folder)))


async def _passage(port: int, server: int, numbers: Sequence[int | None], folder: Path) -> Passage:
    fetch = Fetch(gap_seconds=0.0, allow_private=("127.0.0.0/8",), hosts={HOST: "127.0.0.1"})
    config = msgspec.structs.replace(Config(), fetch=fetch)
    paths = Paths(folder, folder / "feeds.opml", None)
    paths.feeds.write_bytes(opml(port, len(numbers)))
    with _Watch(server) as watch:
        await _once(config, paths)
    waits = {}
    with open_store(config, paths, readonly=True) as store:
        for document in store.scan():
            article = document.enriched.article
            number = numbers[int(article.url.rpartition("/")[2])]
            if number is not None:
                waits[number] = (document.indexed - article.seen).total_seconds()
    quarantined = _quarantined(config, paths)
    again = await _once(config, paths)
    return Passage(
        waits,
        watch.main,
        watch.workers,
        quarantined,
        again + abs(sum(_quarantined(config, paths).values()) - sum(quarantined.values())),
    )


async def _once(config: Config, paths: Paths) -> int:
    """Run until all is done; returns how many pages were processed, with or without success."""
    async with pipeline.open_pipeline(config, paths, asyncio.Event()) as supervisor:
        await supervisor.run_once()
        return sum(supervisor.meters.get("extract", what) for what in ("done", "quarantined"))


def _quarantined(config: Config, paths: Paths) -> dict[str, int]:
    with open_log(config, paths) as log:
        kinds = [dead.kind for dead in read(log, QUARANTINE)]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


class _Watch:
    """Samples the memory of this process and its descendants, ten times a second."""

    def __init__(self, server: int) -> None:
        self.main = self.workers = 0.0
        self._server = server
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process()
        before = process.memory_info().rss
        while not self._end.wait(0.1):
            self.main = max(self.main, (process.memory_info().rss - before) / 1e6)
            self.workers = max(self.workers, sum(self._sizes(process)) / 1e6)

    def _sizes(self, process: psutil.Process) -> Iterator[int]:
        """The private memory of each worker; shared memory counts once, in the process that they are forked from."""
        for child in process.children(recursive=True):
            if child.pid != self._server:
                try:
                    yield child.memory_info().rss - child.memory_info().shared
                except psutil.Error:
                    continue


def main() -> None:
    """Run all cases, print a row for each, and keep the worst."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--quick", action="store_true", help="fewer and smaller, with slack for a busy machine"
    )
    quick = options.parse_args().quick
    logs.to_lines(level=50)
    began, slack = time.monotonic(), SLACK if quick else 1.0
    figures = [
        *_readers(200_000 if quick else 1_000_000, slack),
        *(_pipeline(GOOD // 4, POISON // 4, slack) if quick else _pipeline(GOOD, POISON, slack)),
    ]
    goals = [figure for figure in figures if figure.is_met is not None]
    held = sum(bool(figure.is_met) for figure in goals)
    print(f"{held} of {len(goals)} goals held; {time.monotonic() - began:.0f} s")
    record("contained", figures)
    sys.exit(0 if held == len(goals) else 1)


def _readers(size: int, slack: float) -> Iterator[Figure]:
    """Run each case by itself; it may cost `slack` times its limit."""
    costs: dict[str, Cost] = {}
    over = 0
    print(f"{'case':<48} {'CPU s':>6} {'MB':>7}   ended")
    for case in cases(size):
        cost = costs[case.name] = measured(case.work, 120.0)
        good = cost.cpu <= slack * case.aim.cpu and cost.megabytes <= slack * case.aim.megabytes
        over += not good
        mark = "" if good else "OVER: "
        print(f"{case.name:<48} {cost.cpu:6.2f} {cost.megabytes:7.1f}   {mark}{cost.ended}", flush=True)
    slowest = max(costs, key=lambda name: costs[name].cpu)
    largest = max(costs, key=lambda name: costs[name].megabytes)
    print(f"{len(costs)} kinds; worst CPU {costs[slowest].cpu:.2f} s ({slowest})")
    print(f"worst memory {costs[largest].megabytes:.0f} MB ({largest})")
    yield Figure("kinds of texts, queries, TOML files and feeds tried", len(costs))
    yield Figure("kinds over their bounds", over, at_most=0)
    yield Figure("worst CPU", round(costs[slowest].cpu, 2), "s")
    yield Figure("worst memory", round(costs[largest].megabytes), "MB")


def _pipeline(count: int, poison: int, slack: float) -> Iterator[Figure]:
    """Run the ordinary pages alone, then among poisonous ones."""
    good, bad = ordinary(count), poisonous(poison, 950_000)
    alone, among = passage(good, []), passage(good, bad)
    longer = max(wait - alone.waits[number] for number, wait in among.waits.items())
    missing = len(good) - len(among.waits)
    print(
        f"{count} ordinary pages alone: the slowest waits {max(alone.waits.values()):.1f} s; main +{alone.main:.0f} MB"
    )
    print(
        f"among {poison} poisonous ones: {max(among.waits.values()):.1f} s, none more than {longer:.1f} s longer"
    )
    print(f"main +{among.main:.0f} MB, workers {among.workers:.0f} MB; quarantined: {among.quarantined}")
    print(f"{missing} ordinary ones missing; {among.again} met again after a restart")
    yield Figure("poisonous pages among the ordinary", poison)
    yield Figure(
        "longest that an ordinary one waits for them", round(longer, 1), "s", at_most=slack * WAIT_AIM
    )
    yield Figure("growth of the main process", round(among.main), "MB", at_most=slack * MAIN_AIM)
    yield Figure("workers at the peak", round(among.workers), "MB")
    yield Figure("ordinary pages missing", missing, at_most=0)
    yield Figure("poisonous pages met again after a restart", among.again, at_most=0)


if __name__ == "__main__":
    main()
