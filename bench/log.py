"""Measures the speed of the embedded log.

    python -m bench.log [--messages N] [--dir FOLDER]

Printed: messages per second, produced and consumed in batches of 1, 10 and 100; one writer and three groups at once;
how long a message takes from `produce` to a waiting `poll` in the same process; the CPU cost of waiting. Messages are 5 KB
of page-like text, of which zstd leaves about half, with random keys over 8 partitions. FOLDER should be on the disk that the
log would use.
"""

import argparse
import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles

from bench.material.results import Figure, record
from stream.log.base import Consumer, Outgoing, Record, TopicSpec
from stream.log.sqlite.log import SqliteLog

_SPECS = (TopicSpec("pages"),)
_BYTES = 5_000
_WORDS = 3_000


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--dir", type=Path, default=None)
    options = parser.parse_args()
    messages = make_messages(options.messages)
    figures: list[Figure] = []
    for batch in (1, 10, 100):
        with tempfile.TemporaryDirectory(dir=options.dir) as folder:
            figures += alone(Path(folder) / "log.db", messages, batch)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        figures += together(Path(folder) / "log.db", messages)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        figures += latency(Path(folder) / "log.db", messages[:500])
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        figures += idle(Path(folder) / "log.db")
    record("log", figures)


def make_messages(count: int) -> list[Outgoing]:
    """Text whose words are as varied as a page's."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 10))) for _ in range(_WORDS)]
    return [
        Outgoing(
            "pages", f"{chance.getrandbits(64):x}", " ".join(chance.choices(words, k=900)).encode()[:_BYTES]
        )
        for _ in range(count)
    ]


def batches(messages: Sequence[Outgoing], size: int) -> Iterator[Sequence[Outgoing]]:
    for first in range(0, len(messages), size):
        yield messages[first : first + size]


def consume(consumer: Consumer, batch: int, count: int) -> None:
    """Read and commit `count` messages."""
    while count > 0:
        records = consumer.poll(batch, 5)
        consumer.commit(ends(records))
        count -= len(records)


def ends(records: Sequence[Record]) -> dict[int, int]:
    return {record.partition: record.offset + 1 for record in records}


def alone(path: Path, messages: Sequence[Outgoing], batch: int) -> list[Figure]:
    """Produce everything, then consume everything."""
    with SqliteLog(path, _SPECS) as log:
        begun = time.perf_counter()
        for some in batches(messages, batch):
            log.produce(some)
        produced = time.perf_counter()
        with log.consumer("bench", "pages") as consumer:
            consume(consumer, batch, len(messages))
        consumed = time.perf_counter()
    print(
        f"batch {batch:3}: produce {len(messages) / (produced - begun):8,.0f}/s,"
        f" consume {len(messages) / (consumed - produced):8,.0f}/s,"
        f" {path.stat().st_size / 2**20:.0f} MB for {len(messages) * _BYTES / 2**20:.0f}"
    )
    name = f"messages of 5 KB a second, in batches of {batch}"
    return [
        Figure(f"{name}: written", round(len(messages) / (produced - begun), -2)),
        Figure(f"{name}: read and committed", round(len(messages) / (consumed - produced), -2)),
    ]


def together(path: Path, messages: Sequence[Outgoing]) -> list[Figure]:
    """One thread writes while three groups read, in batches of 100, until the last group has everything."""
    with SqliteLog(path, _SPECS) as log:
        consumers = [log.consumer(f"group {number}", "pages") for number in range(3)]
        readers = [threading.Thread(target=consume, args=(each, 100, len(messages))) for each in consumers]
        begun = time.perf_counter()
        for reader in readers:
            reader.start()
        for some in batches(messages, 100):
            log.produce(some)
        for reader in readers:
            reader.join()
        took = time.perf_counter() - begun
        for consumer in consumers:
            consumer.close()
    print(f"one writer, three groups: {len(messages) / took:,.0f}/s end to end")
    return [Figure("messages a second from one writer to three groups", round(len(messages) / took, -2))]


def latency(path: Path, messages: Sequence[Outgoing]) -> list[Figure]:
    """The time from before `produce` until a waiting `poll` has returned, with a message every few milliseconds."""
    sent: list[float] = []
    waits: list[float] = []
    with SqliteLog(path, _SPECS) as log, log.consumer("bench", "pages") as consumer:
        writer = threading.Thread(target=trickle, args=(log, messages, sent))
        writer.start()
        for _ in messages:
            records = consumer.poll(1, 5)
            waits.append((time.perf_counter() - sent[len(waits)]) * 1000)
            consumer.commit(ends(records))
        writer.join()
    cut = quantiles(waits, n=100)
    print(f"produce -> poll: p50 {cut[49]:.2f} ms, p95 {cut[94]:.2f} ms, p99 {cut[98]:.2f} ms")
    return [
        Figure("from `produce` to a waiting `poll`, median", round(cut[49], 2), "ms"),
        Figure("from `produce` to a waiting `poll`, p95", round(cut[94], 2), "ms"),
    ]


def trickle(log: SqliteLog, messages: Sequence[Outgoing], sent: list[float]) -> None:
    for message in messages:
        time.sleep(0.004)
        sent.append(time.perf_counter())
        log.produce([message])


def idle(path: Path) -> list[Figure]:
    """The CPU cost of six waiting consumers."""
    with SqliteLog(path, _SPECS) as log:
        consumers = [log.consumer(f"group {number}", "pages") for number in range(6)]
        threads = [threading.Thread(target=each.poll, args=(1, 3.0)) for each in consumers]
        before = resource.getrusage(resource.RUSAGE_SELF)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = resource.getrusage(resource.RUSAGE_SELF)
        for consumer in consumers:
            consumer.close()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"six idle consumers: {spent / 3:.1%} of a core ({os.cpu_count()} cores here)")
    return [Figure("six idle consumers: share of a core", round(100 * spent / 3, 1), "%")]


if __name__ == "__main__":
    main()
