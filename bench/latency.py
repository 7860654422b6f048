"""Measures the time from "an article appears in the feed" to "a search finds it", in the demo world.

    python -m bench.latency [--every 0.4] [--poll 1.0]

A world in a process of its own publishes one article at a time; the real command polls it; this process searches continuously.
Printed: median and 95th percentile over the articles published meanwhile, with and without the poll interval. Goal: p95 under 2
s plus the poll interval.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from bench.material.results import Figure, record
from index.store import Search
from stream.errors import ConfigError
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths

PORT = 8797
HEAD_START = 20


def main() -> None:
    """Run the world, the command and the reader, and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--every", type=float, default=0.4)
    options.add_argument("--poll", type=float, default=1.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        waits = sorted(_measure(Path(folder), chosen.every, chosen.poll))
    p95 = waits[int(len(waits) * 0.95)]
    print(f"{len(waits)} articles, polled every {chosen.poll} s")
    print(
        f"appeared to found: median {statistics.median(waits):.2f} s, p95 {p95:.2f} s, longest {waits[-1]:.2f} s"
    )
    print(f"p95 beyond the poll interval: {p95 - chosen.poll:.2f} s (goal: under 2)")
    shown = f'from "appears in the feed" to "found by search", polled every {chosen.poll:g} s'
    figures = (
        Figure(f"{shown}: median", round(statistics.median(waits), 1), "s"),
        Figure(f"{shown}: p95", round(p95, 1), "s"),
        Figure(f"{shown}: p95 beyond the interval", round(p95 - chosen.poll, 1), "s", at_most=2),
    )
    record("latency", figures)


def _measure(folder: Path, every: float, poll: float) -> list[float]:
    world = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "demo",
            "--port",
            str(PORT),
            "--head-start",
            str(HEAD_START),
            "--every",
            str(every),
        ],
        stdout=subprocess.PIPE,
    )
    assert world.stdout is not None
    world.stdout.readline()
    run = subprocess.Popen(_command(folder, poll), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        return _watch(Paths(folder, folder / "feeds.opml", None))
    finally:
        for process in (run, world):
            process.terminate()
            process.wait()


def _command(folder: Path, poll: float) -> list[str]:
    opml = subprocess.check_output([sys.executable, "-m", "demo", "--opml", "--port", str(PORT)], text=True)
    (folder / "feeds.opml").write_text(opml)
    hosts = {part.split("/")[2].split(":")[0] for part in opml.split('"') if part.startswith("http://")}
    table = "".join(f"'{host}' = '127.0.0.1'\n" for host in hosts)
    (folder / "wirewatch.toml").write_text(
        f"[poll]\nevery_seconds = {poll}\n[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n{table}"
    )
    wirewatch = str(Path(sys.executable).with_name("wirewatch"))
    return [wirewatch, "run", "--data", str(folder), "--config", str(folder / "wirewatch.toml")]


def _watch(paths: Paths) -> list[float]:
    """Seconds from appearing to being found, of each article that appeared while the pipeline was up and idle."""
    found: dict[str, datetime] = {}
    begun = _first_search(paths)
    quiet_since = time.monotonic()
    with open_store(Config(), paths, readonly=True) as store:
        while time.monotonic() - quiet_since < 15:
            hits = store.search(Search(sort="newest", limit=500)).hits
            now = datetime.now(UTC)
            for hit in hits:
                if hit.document.enriched.article.url not in found:
                    found[hit.document.enriched.article.url] = now
                    quiet_since = time.monotonic()
            time.sleep(0.02)
    appeared = {one["url"]: datetime.fromisoformat(one["appeared"]) for one in _published()}
    late = {url: moment for url, moment in appeared.items() if moment > begun}
    missing = [url for url in late if url not in found]
    print(f"{len(missing)} of {len(late)} were not found within 15 s (the world has broken pages)")
    return [(found[url] - moment).total_seconds() for url, moment in late.items() if url in found]


def _first_search(paths: Paths) -> datetime:
    """The time when the first articles were searchable: from then on the pipeline is up."""
    while True:
        try:
            with open_store(Config(), paths, readonly=True) as store:
                if store.count() >= HEAD_START - 5:
                    return datetime.now(UTC)
        except ConfigError:
            pass
        time.sleep(0.1)


def _published() -> list[dict[str, str]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_world/published") as answer:
        return list(json.load(answer))


if __name__ == "__main__":
    main()
