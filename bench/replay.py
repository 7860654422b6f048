"""How long a live article waits while the archive is tagged again.

    python -m bench.replay [--articles 400] [--live 8]

One `wirewatch run` on the embedded log reads real pages (../shared/data) from a local server. Then all are tagged
again, in two ways: all put into the log at once, as was done once, and by `wirewatch replay`. Meanwhile live pages come in, one
after the other. Printed: seconds from a live page in the log to its article in the archive, without a replay and with either.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from index.store import Store
from stream.clock import utc_now
from stream.log.base import Log, Outgoing
from stream.messages import Entry, Page, article_id, encode
from wirewatch import config as configuration
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths
from wirewatch.topics import ARTICLES, PAGES, STAGES, open_log

PATIENCE = 600.0
"""Seconds."""


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--articles", type=int, default=400)
    options.add_argument("--live", type=int, default=8)
    chosen = options.parse_args()
    bodies = pages_or_exit(chosen.articles)
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as (log, paths, options_of):
        log.produce([page(number, body) for number, body in enumerate(bodies)])
        _until(lambda: _idle(log))
        config = configuration.load(paths.data / "wirewatch.toml", {})
        with open_store(config, paths, readonly=True) as store:
            figures = [_waits("no replay", log, store, chosen.live)]
            _all_at_once(log, store)
            figures.append(_waits("all put into the log at once", log, store, chosen.live))
            _until(lambda: _idle(log))
            replaying = subprocess.Popen(
                [*options_of("replay"), "--from", "enrich"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _until(lambda: not _idle(log))
            begun = time.monotonic()
            figures.append(_waits("wirewatch replay", log, store, chosen.live, at_most=5.0))
            replaying.wait(PATIENCE)
            took = time.monotonic() - begun
            print(f"the replay of {store.count()} articles took {took:.0f} s")
            figures.append(
                Figure("replay beside live news: articles a second", round(store.count() / took, 1))
            )
    record("replay", figures, ("",))


@contextmanager
def running(folder: Path) -> Iterator[tuple[Log, Paths, "Options"]]:
    """A running wirewatch whose one feed can't be reached, its log, and how its commands are typed."""
    paths = Paths(folder, folder / "feeds.opml", None)
    file = folder / "wirewatch.toml"
    file.write_text("[poll]\nevery_seconds = 3600\n[web]\nport = 0\n[extract]\nworkers = 1\n")
    paths.feeds.write_text(
        "<opml version='2.0'><body><outline type='rss' xmlUrl='http://127.0.0.1:9/feed'/></body></opml>"
    )
    options = Options(file, paths)
    process = subprocess.Popen(options("run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with open_log(configuration.load(file, {}), paths) as log:
            _until((paths.index / "search").exists)
            yield log, paths, options
    finally:
        process.terminate()
        process.wait()


class Options:
    """The command lines of this wirewatch."""

    def __init__(self, file: Path, paths: Paths) -> None:
        self._rest = ["--data", str(paths.data), "--config", str(file), "--feeds", str(paths.feeds)]

    def __call__(self, name: str) -> list[str]:
        """The command of this name."""
        rest = self._rest if name == "run" else self._rest[:4]
        return [str(Path(sys.executable).with_name("wirewatch")), name, *rest]


def page(number: int, body: bytes) -> Outgoing:
    """A page as the fetch stage leaves it."""
    url, now = f"http://bench.example/{number}", utc_now()
    entry = Entry(
        feed="http://bench.example/feed",
        source="Bench",
        guid=str(number),
        url=url,
        title=f"Article {number}",
        published=now - timedelta(minutes=1),
        seen=now,
        key="bench.example",
    )
    made = Page(
        entry=entry,
        url=url,
        content_type="text/html",
        charset="utf-8",
        body=body,
        fetched=now,
        key=article_id(url),
    )
    return Outgoing(PAGES.name, made.key, encode(made))


def _all_at_once(log: Log, store: Store) -> None:
    articles = (document.enriched.article for document in store.scan())
    log.produce([Outgoing(ARTICLES.name, article.key, encode(article)) for article in articles])


def _waits(what: str, log: Log, store: Store, count: int, at_most: float | None = None) -> Figure:
    """The longest time that one of `count` live pages waits, each put in when the one before is found."""
    longest = 0.0
    for _ in range(count):
        number, begun = time.time_ns(), time.monotonic()
        message = page(number, _live_page(number))
        log.produce([message])
        _until(partial(_is_found, store, message.key))
        longest = max(longest, time.monotonic() - begun)
    print(f"{what}: a live page waited {longest:.1f} s at most", flush=True)
    return Figure(f"{what}: a live page waits at most", round(longest, 1), "s", at_most=at_most)


def _live_page(number: int) -> bytes:
    told = "".join(
        f"<p>Officials said on Monday that report {number}, part {n}, was complete.</p>" for n in range(9)
    )
    return f"<html><head><title>Report {number}</title></head><body><article>{told}</article></body></html>".encode()


def _is_found(store: Store, key: str) -> bool:
    return store.get(key) is not None


def _idle(log: Log) -> bool:
    names = ("extract", "enrich", "relate", "index")
    return all(log.progress(name, STAGES[name].name).lag == 0 for name in names)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"not within {PATIENCE:.0f} s")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
