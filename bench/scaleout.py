"""Measures the costs and benefits of Kafka and Elasticsearch, compared with the embedded log and archive, in one run.

    python -m bench.scaleout [--pages 400] [--messages 4000] [--documents 4000]

Starts Kafka and Elasticsearch as the tests do. Printed:

1. a 5 KB message through each log, and through kafka-python without wirewatch, written and read in batches of 100: microseconds
   of this process's CPU, and of elapsed time;
2. documents per second into Elasticsearch: wirewatch (look up what is known, make the document, bulk, refresh) and a bare
`helpers.parallel_bulk` of the same documents, made beforehand or as they are sent. Goal: 0.9 of the bare one;
3. articles per second from a page in the log to searchable: embedded, and over Kafka and Elasticsearch with one and with two
   processes a stage, each reading pages in one worker. The servers run on the same machine and take their share of it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk
from kafka import KafkaConsumer, KafkaProducer

from bench.log import make_messages
from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from enrich.enrich import Enricher
from enrich.names.gazetteer import default_gazetteer
from index.elasticsearch.document import to_source
from index.elasticsearch.settings import Elasticsearch as Settings
from index.elasticsearch.settings import alias_of
from index.elasticsearch.setup import index_of
from index.elasticsearch.store import ElasticsearchStore
from index.searchable import microseconds
from ingest.page.extract import extract
from stream.errors import Reject
from stream.log.base import Log, Outgoing, TopicSpec
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.log import KafkaLog
from stream.log.sqlite.log import SqliteLog
from stream.messages import Enriched, Entry, Page, article_id, encode
from wirewatch import config as configuration
from wirewatch.config import Paths
from wirewatch.lists.topics import news_topics
from wirewatch.topics import PAGES, STAGES, open_log

BATCH = 100
BULK = 500
NAMES = ("extract", "enrich", "relate", "index")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPECS = (TopicSpec("pages"),)


def main() -> None:
    """Start the servers, and measure."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=400)
    options.add_argument("--messages", type=int, default=4_000)
    options.add_argument("--documents", type=int, default=4_000)
    chosen = options.parse_args()
    bodies = pages_or_exit(chosen.pages)
    with tempfile.TemporaryDirectory() as name, servers(Path(name)) as (kafka, elasticsearch):
        figures = measure_logs(Path(name), kafka, chosen.messages)
        figures += measure_bulk(elasticsearch, bodies, chosen.documents)
        figures += measure_pipelines(Path(name), kafka, elasticsearch, bodies)
    record("scaleout", figures, ("--pages 60 --messages 300 --documents 1000",))


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a Kafka and an Elasticsearch."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers import elasticsearch, kafka  # noqa: PLC0415 - of the tests

    (folder / "kafka").mkdir()
    with (
        kafka.running(folder / "kafka") as bootstrap,
        elasticsearch.running(folder / "elasticsearch") as url,
    ):
        yield bootstrap, url


# A message through the log


def measure_logs(folder: Path, kafka: str, count: int) -> list[Figure]:
    """Measure both logs and the bare client, twice each, in turn; the better run counts."""
    messages = make_messages(count)
    kinds: dict[str, Callable[[int], AbstractContextManager[Way]]] = {
        "SQLite": lambda turn: _through(SqliteLog(folder / f"log{turn}.sqlite", SPECS)),
        "Kafka": lambda turn: _through(KafkaLog(_kafka(kafka, f"bench{turn}"), SPECS)),
        "kafka-python alone": lambda turn: _bare_kafka(_kafka(kafka, f"bare{turn}")),
    }
    print(f"{count} messages of 5 KB, batches of {BATCH}; us a message, of CPU / of the clock")
    best: dict[str, float] = {}
    for turn in range(2):
        for name, make in kinds.items():
            with make(turn) as way:
                written = _timed(lambda way=way: way.write(messages), count)
                read = _timed(lambda way=way: way.read(count), count)
            print(f"  {name:<18} written {written}, read and committed {read}")
            for what, took in ((f"{name}, written", written), (f"{name}, read and committed", read)):
                best[what] = min(best.get(what, took.cpu), took.cpu)
    return [
        Figure(f"a message of 5 KB through the log in {what}", round(cpu), "us of CPU")
        for what, cpu in best.items()
    ]


class Way(NamedTuple):
    """How messages go through a log: writes them all, and reads and commits so many."""

    write: Callable[[Sequence[Outgoing]], None]
    read: Callable[[int], None]


def _kafka(address: str, mark: str) -> Kafka:
    return Kafka(bootstrap_servers=address, prefix=f"{mark}-{time.time_ns()}.")


@contextmanager
def _through(log: Log) -> Iterator[Way]:
    with log:
        yield Way(lambda messages: _write(log, messages), lambda count: _read(log, count))


@contextmanager
def _bare_kafka(kafka: Kafka) -> Iterator[Way]:
    """The client with the same settings, on the same kind of topic."""
    KafkaLog(kafka, SPECS).close()  # makes the topic
    topic = f"{kafka.prefix}pages"
    producer = KafkaProducer(**kafka_settings.producer(kafka))
    consumer = KafkaConsumer(topic, **kafka_settings.member(kafka, "bare"))

    def write(messages: Sequence[Outgoing]) -> None:
        for first in range(0, len(messages), BATCH):
            for one in messages[first : first + BATCH]:
                producer.send(topic, key=one.key.encode(), value=one.value)
            producer.flush()

    def read(count: int) -> None:
        while count > 0:
            found = consumer.poll(timeout_ms=5_000, max_records=BATCH)
            consumer.commit()
            count -= sum(map(len, found.values()))

    try:
        yield Way(write, read)
    finally:
        consumer.close()
        producer.close()


def _write(log: Log, messages: Sequence[Any]) -> None:
    for first in range(0, len(messages), BATCH):
        log.produce(messages[first : first + BATCH])


def _read(log: Log, count: int) -> None:
    with log.consumer("g", "pages") as consumer:
        while count > 0:
            records = consumer.poll(BATCH, 5)
            consumer.commit({record.partition: record.offset + 1 for record in records})
            count -= len(records)


class Took(NamedTuple):
    """Microseconds per message."""

    cpu: float
    clock: float

    def __str__(self) -> str:
        return f"{self.cpu:.0f} / {self.clock:.0f}"


def _timed(job: Callable[[], None], count: int) -> Took:
    clock, cpu = time.perf_counter(), time.process_time()
    job()
    return Took((time.process_time() - cpu) / count * 1e6, (time.perf_counter() - clock) / count * 1e6)


# Documents into Elasticsearch


def measure_bulk(url: str, bodies: Sequence[bytes], count: int) -> list[Figure]:
    """Measure ours and the bare one, three times each, in turn; the best of each counts."""
    messages = list(enriched_articles(bodies, count))
    rates: dict[str, list[float]] = {"ours": [], "bare": [], "bare, documents made on the way": []}
    for _ in range(3):
        rates["ours"].append(_ours(url, f"wwtest-bench-{time.time_ns()}-o", messages))
        made = [to_source(message, NOW, NOW) for message in messages]
        rates["bare"].append(_bare(url, f"wwtest-bench-{time.time_ns()}-b", messages, iter(made)))
        on_the_way = (to_source(message, NOW, NOW) for message in messages)
        rates["bare, documents made on the way"].append(
            _bare(url, f"wwtest-bench-{time.time_ns()}-w", messages, on_the_way)
        )
    best = {name: max(found) for name, found in rates.items()}
    print(f"{count} documents into Elasticsearch, {BULK} a request; documents a second, best of 3 (all)")
    for name, found in rates.items():
        print(f"  {name:<32} {best[name]:6.0f}  ({', '.join(f'{rate:.0f}' for rate in found)})")
    bare, way = best["ours"] / best["bare"], best["ours"] / best["bare, documents made on the way"]
    print(f"  ours / bare {bare:.2f} (goal: 0.9), ours / bare with documents made on the way {way:.2f}")
    beside = "documents into Elasticsearch beside a bare `parallel_bulk`"
    return [
        Figure(f"{beside} of the same, made beforehand", round(bare, 2), "x", at_least=0.9),
        Figure(f"{beside} that makes the same", round(way, 2), "x"),
        Figure(
            "documents into Elasticsearch a second", round(best["ours"]), peers={"bare": round(best["bare"])}
        ),
    ]


def enriched_articles(bodies: Sequence[bytes], count: int) -> Iterator[Enriched]:
    """Real pages, read and tagged, repeated as different articles."""
    enrich = Enricher(news_topics(Paths(Path(), Path(), None)), default_gazetteer(), lambda: NOW)
    read = []
    for number, body in enumerate(bodies[:200]):
        try:
            read.append(enrich(extract(_page(number, body), NOW)))
        except Reject:
            continue
    for number in range(count):
        one = read[number % len(read)]
        url = f"http://bench.example/{number}"
        yield msgspec.structs.replace(
            one, article=msgspec.structs.replace(one.article, id=article_id(url), url=url)
        )


def _ours(url: str, prefix: str, messages: Sequence[Enriched]) -> float:
    with ElasticsearchStore.open(Settings(hosts=(url,), prefix=prefix), now=lambda: NOW) as store:
        begun = time.perf_counter()
        for first in range(0, len(messages), BULK):
            for message in messages[first : first + BULK]:
                store.add(message)
            store.flush()
        return len(messages) / (time.perf_counter() - begun)


def _bare(url: str, prefix: str, messages: Sequence[Enriched], sources: Iterator[Any]) -> float:
    """The client's own helper, into an index of the same template."""
    ElasticsearchStore.open(Settings(hosts=(url,), prefix=prefix), now=lambda: NOW).close()
    index = index_of(alias_of(prefix), NOW)
    actions = (
        {
            "_index": index,
            "_id": message.key,
            "version": microseconds(message.enriched),
            "version_type": "external_gte",
            **msgspec.to_builtins(source, builtin_types=(datetime,)),
        }
        for message, source in zip(messages, sources, strict=True)
    )
    with Elasticsearch(url, request_timeout=60) as client:
        begun = time.perf_counter()
        for done, answer in parallel_bulk(client, actions, chunk_size=BULK):
            assert done, answer
        client.indices.refresh(index=index)
        return len(messages) / (time.perf_counter() - begun)


# The pipeline, starting with a page in the log


def measure_pipelines(folder: Path, kafka: str, elasticsearch: str, bodies: Sequence[bytes]) -> list[Figure]:
    """Measure the embedded pipeline, then over the servers with one and with two processes per stage."""
    print(f"{len(bodies)} pages, from the log to searchable; articles a second")
    figures = []
    for name, processes, shared in (
        ("embedded, one process", [NAMES], False),
        ("Kafka and Elasticsearch, 1 process a stage", [(stage,) for stage in NAMES], True),
        ("Kafka and Elasticsearch, 2 processes a stage", [(stage,) for stage in NAMES] * 2, True),
    ):
        run = folder / f"run{len(processes)}"
        run.mkdir()
        text = "[extract]\nworkers = 1\n"
        if shared:
            text += f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = 'bench{len(processes)}-{time.time_ns()}.'\n"
            text += (
                f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = 'wwtest-bench-{time.time_ns()}-p'\n"
            )
        (run / "wirewatch.toml").write_text(text)
        rate = _rate(run, processes, bodies)
        print(f"  {name:<46} {rate:6.1f}", flush=True)
        figures.append(
            Figure(f"articles a second, from a page in the log to searchable: {name}", round(rate, 1))
        )
    return figures


def _rate(run: Path, processes: Sequence[tuple[str, ...]], bodies: Sequence[bytes]) -> float:
    """The rate from the moment when a tenth is done, so that starting up does not count, to the end."""
    file, paths = run / "wirewatch.toml", Paths(run / "data", run / "feeds.opml", None)
    command = [str(Path(sys.executable).with_name("wirewatch"))]
    options = ["--data", str(paths.data), "--config", str(file), "--feeds", str(paths.feeds)]
    with open_log(configuration.load(file, {}), paths) as log:
        for number, body in enumerate(bodies):
            page = _page(number, body)
            log.produce([Outgoing(PAGES.name, page.key, encode(page))])
        running = [
            subprocess.Popen(
                [*command, *names, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for names in processes
        ]
        try:
            return _watch(log, len(bodies))
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


def _watch(log: Log, count: int) -> float:
    begun, first = 0.0, 0
    while True:
        found = [log.progress(stage, STAGES[stage].name) for stage in NAMES]
        now, done = time.perf_counter(), found[-1].done
        if not begun and done >= count // 10:
            begun, first = now, done
        if begun and not any(one.lag for one in found):
            return (done - first) / (now - begun)
        time.sleep(0.1)


def _page(number: int, body: bytes) -> Page:
    url = f"http://bench.example/{number}"
    entry = Entry(
        feed="f", source="Bench", guid=url, url=url, seen=NOW - timedelta(hours=1), key="bench.example"
    )
    return Page(
        entry=entry,
        url=url,
        content_type="text/html",
        charset="",
        body=body,
        fetched=NOW,
        key=article_id(url),
    )


if __name__ == "__main__":
    main()
