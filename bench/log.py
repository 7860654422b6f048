"""How fast the embedded log is: python bench/log.py [--messages N] [--dir FOLDER]

Prints messages a second for producing and consuming in batches of 1, 10 and 100; one writer and three groups at once; how
long a message takes from `produce` to a waiting `poll` in the same process; what waiting costs. The messages are 5 KB of
page-like text, of which zstd leaves about half, with random keys over 8 partitions. FOLDER should be on the disk that the
log would be on.
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
    for batch in (1, 10, 100):
        with tempfile.TemporaryDirectory(dir=options.dir) as folder:
            alone(Path(folder) / "log.db", messages, batch)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        together(Path(folder) / "log.db", messages)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        latency(Path(folder) / "log.db", messages[:500])
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        idle(Path(folder) / "log.db")


def make_messages(count: int) -> list[Outgoing]:
    """Text of words that are as unlike each other as a page's are."""
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
    """Read and commit so many messages."""
    while count > 0:
        records = consumer.poll(batch, 5)
        consumer.commit(ends(records))
        count -= len(records)


def ends(records: Sequence[Record]) -> dict[int, int]:
    return {record.partition: record.offset + 1 for record in records}


def alone(path: Path, messages: Sequence[Outgoing], batch: int) -> None:
    """First all is produced, then all is consumed."""
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


def together(path: Path, messages: Sequence[Outgoing]) -> None:
    """One thread writes while three groups read, in batches of 100; the time until the last of them has all."""
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


def latency(path: Path, messages: Sequence[Outgoing]) -> None:
    """From before `produce` until a `poll` that waits for it has returned, a message each few milliseconds."""
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


def trickle(log: SqliteLog, messages: Sequence[Outgoing], sent: list[float]) -> None:
    for message in messages:
        time.sleep(0.004)
        sent.append(time.perf_counter())
        log.produce([message])


def idle(path: Path) -> None:
    """What six waiting consumers cost."""
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


if __name__ == "__main__":
    main()
