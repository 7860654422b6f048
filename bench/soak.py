"""Articles at a steady rate over real servers, with faults on the way: how late they are found, and what grows.

    python -m bench.soak [--minutes 5] [--rate 5]

Starts Kafka and Elasticsearch as the tests do, and wirewatch as three processes. Pages (real ones, ../shared/data, each
with lines of its own) come into the log at a steady rate, as the fetch stage would put them there. After a third of the
time one process is killed and started again, after two thirds the broker. Printed: seconds from a page in the log until
its article is searchable and until an alert about it is fired (median, 95 of 100), the longest lag, the memory of the
processes at a tenth of the time and at the end, and what is missing. `--minutes 60` is the full run.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from bench.replay import page
from ingest.page.extract import extract
from stream.clock import utc_now
from stream.errors import RetryLater
from stream.log.base import Consumer, Log, Outgoing
from stream.messages import Page, decode
from wirewatch import config as configuration
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths
from wirewatch.topics import ALERTS, STAGES, open_log

ROLES = (("extract", "enrich"), ("relate", "index"), ("alert", "deliver"))
PATIENCE = 300.0
"""Seconds until all is done, at the end."""
EVERYTHING = """[[alert]]
name = "All"
query = "the OR of OR said"
same_story = false
channels = ["desk"]

[channels.desk]
kind = "file"
path = "alerts.jsonl"
"""


@dataclass
class Watched:
    """What was seen while it ran."""

    lag: int = 0
    memory: list[float] = field(default_factory=list)


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--rate", type=float, default=5.0)
    chosen = options.parse_args()
    bodies = [body for body in pages_or_exit(200) if _is_another_each_time(body)]
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers.elasticsearch import ElasticsearchServer  # noqa: PLC0415 - of the tests
    from servers.kafka import KafkaServer  # noqa: PLC0415 - of the tests

    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        (folder / "kafka").mkdir()
        kafka, elasticsearch = KafkaServer(folder / "kafka"), ElasticsearchServer(folder / "elasticsearch")
        held.callback(kafka.kill)
        elasticsearch.start()
        held.callback(elasticsearch.stop)
        file = folder / "wirewatch.toml"
        file.write_text(
            "[extract]\nworkers = 1\n"
            f"[kafka]\nbootstrap_servers = '{kafka.bootstrap}'\nprefix = 'soak.'\nsession_seconds = 3\n"
            f"[elasticsearch]\nhosts = ['{elasticsearch.url}']\nprefix = 'wwtest-soak'\n"
        )
        paths = Paths(folder / "data", folder / "feeds.opml", None)
        paths.data.mkdir()
        (paths.data / "alerts.toml").write_text(EVERYTHING)
        running = [_start(file, paths, role) for role in ROLES]
        held.callback(lambda: _stop(running))
        log = held.enter_context(open_log(configuration.load(file, {}), paths))
        _until_joined(log)
        seconds, watched = 60 * chosen.minutes, Watched()

        def fault(share: float) -> None:
            if share == 1 / 3:
                running[0].kill()
                running[0].wait()
                running[0] = _start(file, paths, ROLES[0])
            else:
                kafka.restart()

        sent = _feed(log, bodies, chosen.rate, seconds, fault, watched, running)
        left = _settle(log)
        figures = _figures(file, paths, log, sent, left, watched)
    shown = f"{chosen.rate:g} articles a second for {chosen.minutes:g} minutes"
    record(
        "soak",
        [msgspec.structs.replace(one, what=f"{shown}: {one.what}") for one in figures],
        ("", "--minutes 1 --rate 3", "--minutes 60"),
    )


def _start(file: Path, paths: Paths, role: Sequence[str]) -> "subprocess.Popen[bytes]":
    options = ["--data", str(paths.data), "--config", str(file)]
    command = [str(Path(sys.executable).with_name("wirewatch")), *role, *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stop(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    for one in running:
        one.terminate()
    for one in running:
        one.wait()


def _until_joined(log: Log) -> None:
    """Wait until every stage has joined: starting up is not measured."""
    log.produce([page(time.time_ns(), b"<html><p>The first page said nothing of note.</p></html>")])
    deadline = time.monotonic() + PATIENCE
    while log.progress("extract", STAGES["extract"].name).lag and time.monotonic() < deadline:
        time.sleep(1)
    time.sleep(10)


def _feed(
    log: Log,
    bodies: Sequence[bytes],
    rate: float,
    seconds: float,
    fault: Callable[[float], None],
    watched: Watched,
    running: Sequence["subprocess.Popen[bytes]"],
) -> int:
    """Put pages into the log at a rate; returns how many."""
    begun, sent, due = time.monotonic(), 0, [1 / 3, 2 / 3]
    looked = 0.0
    while (passed := time.monotonic() - begun) < seconds:
        if due and passed >= due[0] * seconds:
            fault(due.pop(0))
        if sent < passed * rate:
            _insist(log, _numbered(bodies[sent % len(bodies)]))
            sent += 1
        else:
            time.sleep(0.02)
        if passed - looked >= 5.0:
            looked = passed
            _look(log, watched, running)
    return sent


def _numbered(body: bytes) -> Outgoing:
    """A page as another article than all before."""
    number = time.time_ns()
    marked = body.replace(b"</p>", b" Report %d.</p>" % number)
    return page(number, marked.replace(b"canonical", b"x"))


def _is_another_each_time(body: bytes) -> bool:
    """Whether a page counts as another article each time: some always name the same address, or have the number in no
    paragraph that is read."""
    first, second = (extract(decode(_numbered(body).value or b"", Page), utc_now()) for _ in range(2))
    return first.id != second.id and first.text != second.text


def _insist(log: Log, message: Outgoing) -> None:
    while True:
        try:
            log.produce([message])
        except RetryLater:  # the broker is just coming back
            time.sleep(0.5)
        else:
            return


def _look(log: Log, watched: Watched, running: Sequence["subprocess.Popen[bytes]"]) -> None:
    try:
        lags = [log.progress(name, STAGES[name].name).lag for role in ROLES for name in role]
    except RetryLater:
        return
    watched.lag = max(watched.lag, *lags)
    watched.memory.append(sum(_memory(one.pid) for one in running))


def _memory(pid: int) -> float:
    """Memory of a process and its workers, in MB."""
    try:
        process = psutil.Process(pid)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def _settle(log: Log) -> int:
    """Wait until all is done; returns how many messages are left."""
    deadline = time.monotonic() + PATIENCE
    while True:
        left = sum(log.progress(name, STAGES[name].name).lag for role in ROLES for name in role)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(1)


def _figures(file: Path, paths: Paths, log: Log, sent: int, left: int, watched: Watched) -> list[Figure]:
    with open_store(configuration.load(file, {}), paths, readonly=True) as store:
        found = list(store.scan())
    waits = sorted((one.indexed - one.enriched.article.seen).total_seconds() for one in found)
    with log.consumer("soak", ALERTS.name) as consumer:
        fired = list(_alerts(consumer))
    doubled = sum(count - 1 for count in Counter(key for key, _ in fired).values())
    late = sorted(wait for _, wait in fired)
    early = watched.memory[len(watched.memory) // 10] if watched.memory else 0.0
    figures = [
        Figure("searchable after, median", _share(waits, 0.5), "s"),
        Figure("searchable after, 95 of 100", _share(waits, 0.95), "s"),
        Figure("alert fired after, median", _share(late, 0.5), "s"),
        Figure("alert fired after, 95 of 100", _share(late, 0.95), "s"),
        Figure("articles sent", sent),
        Figure("articles missing from the archive", sent + 1 - len(found), at_most=0),  # with the first page
        Figure("alerts fired twice", doubled, at_most=0),
        Figure("messages left undone", left, at_most=0),
        Figure("longest lag", watched.lag),
        Figure("memory at a tenth of the time", round(early), "MB"),
        Figure("memory at the end", round(watched.memory[-1]) if watched.memory else 0, "MB"),
    ]
    for one in figures:
        print(f"{one.what:<32} {one.value} {one.unit}")
    return figures


def _alerts(consumer: Consumer) -> Iterator[tuple[str, float]]:
    """The key of each alert, and seconds from the page to it."""
    while records := consumer.poll(1_000, 5.0):
        for one in records:
            alert = decode(one.value, ALERTS.type)
            for mention in alert.mentions:
                yield mention.key, (alert.fired - mention.seen).total_seconds()


def _share(values: Sequence[float], share: float) -> float:
    return round(values[min(int(share * len(values)), len(values) - 1)], 1) if values else 0.0


if __name__ == "__main__":
    main()
