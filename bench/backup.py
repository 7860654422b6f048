"""Backs up and restores an archive of 100,000 articles while it and the log are written to, and compares what comes back.

    python -m bench.backup [--articles 100000]

A thread stores articles and appends pages during the whole backup, as `run` does. Then every article of the restored archive is
compared with the live one's, SQLite checks both restored databases, and queries are counted in both archives. An article of the
backup that differs, or a restored archive with fewer articles than there were when the backup began, counts as lost.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bench.log import make_messages
from bench.material.archive import QUERIES, articles
from bench.material.results import Figure, record
from index.embedded.documents import Documents
from index.embedded.store import EmbeddedStore
from index.store import Search
from query.parse import parse
from stream.finding import Finding
from stream.log.base import Outgoing
from stream.log.sqlite.check import examine
from stream.log.sqlite.log import SqliteLog
from stream.messages import encode
from wirewatch.commands.settings import load
from wirewatch.topics import PAGES, open_log

_BATCH = 500
_PAGES = 20_000


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--articles", type=int, default=100_000)
    number = options.parse_args().articles
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), number)
    for figure in figures:
        print(f"{figure.what}: {figure.value:,g} {figure.unit}")
    record("backup", figures)


def measure(folder: Path, number: int) -> list[Figure]:
    """Fill, back up, restore, compare."""
    live, restored, file = folder / "live", folder / "restored", folder / "saved.zip"
    live.mkdir()
    made = articles(number + 50_000)
    pages = [Outgoing(PAGES.name, one.key, one.value) for one in make_messages(_PAGES)]
    settings = load(live, None, None)
    with EmbeddedStore.open(live / "index") as store, open_log(settings.config, settings.paths) as log:
        assert isinstance(log, SqliteLog)
        for _ in range(0, number, _BATCH):
            add(store, made)
        log.produce(pages)
        before = store.count()
        with written_to(store, log, made, pages):
            saving = timed("backup", str(file), "--data", str(live))
        written = store.count() - before
    restoring = timed("restore", str(file), "--data", str(restored))
    kept, lost = compare(live, restored, before)
    size = sum(one.stat().st_size for one in (live / "log.sqlite", live / "index" / "documents.sqlite"))
    return [
        Figure("articles when the backup began", before),
        Figure("articles stored while it ran", written, at_least=1),
        Figure("articles in the backup", kept, at_least=before),
        Figure("articles lost or different", lost, at_most=0),
        Figure("log and archive", round(size / 1e6), "MB"),
        Figure("backup", round(file.stat().st_size / 1e6), "MB"),
        Figure("backing up", round(saving, 1), "s"),
        Figure("restoring, with the search index built", round(restoring, 1), "s"),
    ]


def add(store: EmbeddedStore, made: Iterator) -> None:  # type: ignore[type-arg]
    """Store the next articles."""
    for one in islice(made, _BATCH):
        store.add(one)
    store.flush()


@contextmanager
def written_to(store: EmbeddedStore, log: SqliteLog, made: Iterator, pages: list[Outgoing]) -> Iterator[None]:  # type: ignore[type-arg]
    """Goes on writing to both while the block runs."""
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            add(store, made)
            log.produce(pages[:_BATCH])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def timed(*command: str) -> float:
    """Seconds that a command of wirewatch takes."""
    began = time.perf_counter()
    subprocess.run([Path(sys.executable).with_name("wirewatch"), *command], check=True)
    return time.perf_counter() - began


def compare(live: Path, restored: Path, before: int) -> tuple[int, int]:
    """How many articles the restored archive has, and how many of them are wrong or missing."""
    sound(examine(restored / "log.sqlite"))
    old, new = (Documents(one / "index" / "documents.sqlite", writable=False) for one in (live, restored))
    kept, wrong = 0, 0
    for document in new.scan():
        kept += 1
        known = old.get(document.enriched.key)
        wrong += known is None or encode(known.enriched) != encode(document.enriched)
    old.close()
    new.close()
    with EmbeddedStore.open(restored / "index", readonly=True) as store:
        found = sum(
            store.search(Search(query=parse(query) if query else None, limit=0)).total for query in QUERIES
        )
        assert store.search(Search(limit=0)).total == kept
        assert found > kept
    return kept, wrong + max(before - kept, 0)


def sound(finding: Finding) -> None:
    """Stops the bench if a restored database is damaged."""
    assert not finding.problem, finding


if __name__ == "__main__":
    main()
