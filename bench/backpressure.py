"""Elasticsearch goes down while articles flow: memory must stay flat, and the backlog must be processed afterwards.

    python -m bench.backpressure [--seconds 300] [--articles 3000] [--backlog 500]

Starts Kafka and Elasticsearch as the tests do, a server of real pages (../shared/data), and two wirewatch processes:
one polls, fetches, reads and tags, the other indexes. When a tenth is indexed, Elasticsearch is killed, and restarted
after the given time. Printed: the highest resident memory of each process (workers included) before, during and after
the outage; the longest backlog; and whether anything is missing at the end.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

from bench.material.pages import HOST, opml, pages_or_exit, served
from bench.material.results import Figure, record
from stream.errors import ConfigError, RetryLater
from stream.log.base import Log
from stream.quarantine import QUARANTINE, read
from wirewatch import config as configuration
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.topics import STAGES, open_log

PROCESSES = (("poll", "fetch", "extract", "enrich", "relate"), ("index",))
TOPICS = {stage: topic.name for stage, topic in STAGES.items() if any(stage in names for names in PROCESSES)}
"""The topic that each stage running here reads."""


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=300.0)
    options.add_argument("--articles", type=int, default=3_000)
    options.add_argument("--backlog", type=int, default=500)
    chosen = options.parse_args()
    pages = pages_or_exit(920)
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers import kafka  # noqa: PLC0415 - of the tests
    from servers.elasticsearch import ElasticsearchServer  # noqa: PLC0415 - of the tests

    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        (folder / "kafka").mkdir()
        bootstrap = held.enter_context(kafka.running(folder / "kafka"))
        elasticsearch = ElasticsearchServer(folder / "elasticsearch")
        elasticsearch.start()
        held.callback(elasticsearch.stop)
        site = held.enter_context(served(pages, chosen.articles))
        (folder / "feeds.opml").write_bytes(opml(site.port, chosen.articles))
        file = _configured(folder, bootstrap, elasticsearch.url, chosen.backlog)
        config, paths = configuration.load(file, {}), Paths(folder / "data", folder / "feeds.opml", None)
        log = held.enter_context(open_log(config, paths))
        running = _start(file, paths)
        held.callback(_stop, running)

        figures = _watch(
            "up, the first tenth", log, running, until=lambda: _indexed(log) >= chosen.articles // 10
        )
        elasticsearch.kill()
        back = time.monotonic() + chosen.seconds
        figures += _watch(
            f"down for {chosen.seconds:.0f} s", log, running, until=lambda: time.monotonic() >= back
        )
        elasticsearch.start()
        figures += _watch(
            "up again, until all is done", log, running, until=lambda: _is_done(log, chosen.articles)
        )
        figures.append(_missing(config, paths, log, chosen.articles))
    record("backpressure", figures, ("--seconds 60 --articles 700 --backlog 100",))


def _configured(folder: Path, kafka: str, elasticsearch: str, backlog: int) -> Path:
    file = folder / "wirewatch.toml"
    file.write_text(
        f"[poll]\nevery_seconds = 3600\n[log]\nbacklog = {backlog}\n"
        f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = 'pressure-{time.time_ns()}.'\n"
        f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = 'wwtest-pressure'\ntimeout_seconds = 5\n"
        "[extract]\nworkers = 1\n"
        f"[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n'{HOST}' = '127.0.0.1'\n"
    )
    return file


def _start(file: Path, paths: Paths) -> list[subprocess.Popen[bytes]]:
    command = str(Path(sys.executable).with_name("wirewatch"))
    options = ["--data", str(paths.data), "--config", str(file), "--feeds", str(paths.feeds)]
    return [
        subprocess.Popen([command, *names, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for names in PROCESSES
    ]


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        process.wait()


def _indexed(log: Log) -> int:
    return log.progress("index", TOPICS["index"]).done


def _is_done(log: Log, articles: int) -> bool:
    fetched = log.progress("fetch", TOPICS["fetch"]).done
    return fetched >= articles and all(log.progress(name, topic).lag == 0 for name, topic in TOPICS.items())


def _watch(
    phase: str, log: Log, running: Sequence[subprocess.Popen[bytes]], *, until: Callable[[], bool]
) -> list[Figure]:
    """Sample once a second until a condition holds; print the highest values."""
    begun, most, waiting = time.monotonic(), [0.0] * len(running), dict.fromkeys(TOPICS, 0)
    while not until():
        for number, process in enumerate(running):
            assert process.poll() is None, f"{PROCESSES[number]} ended: exit {process.returncode}"
            most[number] = max(most[number], _memory(process.pid))
        for stage, topic in TOPICS.items():
            waiting[stage] = max(waiting[stage], log.progress(stage, topic).lag)
        time.sleep(1)
    memory = ", ".join(f"{' '.join(names)} {mb:.0f} MB" for names, mb in zip(PROCESSES, most, strict=True))
    lags = ", ".join(f"{stage} {lag}" for stage, lag in waiting.items())
    print(
        f"{phase} ({time.monotonic() - begun:.0f} s): at most {memory}; waiting at most: {lags}", flush=True
    )
    shown = f"Elasticsearch {phase}"
    return [
        *(
            Figure(
                f"{shown}: memory of {names[0]} to {names[-1]}"
                if len(names) > 1
                else f"{shown}: memory of {names[0]}",
                round(mb),
                "MB",
            )
            for names, mb in zip(PROCESSES, most, strict=True)
        ),
        Figure(f"{shown}: messages that waited for the index, at most", waiting["index"]),
    ]


def _memory(pid: int) -> float:
    """Memory of a process and its children, in MB."""
    process = psutil.Process(pid)
    held = 0
    for one in (process, *process.children(recursive=True)):
        try:
            held += one.memory_info().rss
        except psutil.NoSuchProcess:  # a worker that has been replaced
            continue
    return held / 1e6


def _missing(config: Config, paths: Paths, log: Log, articles: int) -> Figure:
    """Print how many articles were indexed, quarantined or lost."""
    try:
        with open_store(config, paths, readonly=True) as store:
            count = store.count()
    except (ConfigError, RetryLater) as error:
        sys.exit(str(error))
    dead = len(read(log, QUARANTINE))
    print(f"{articles} articles: {count} indexed, {dead} in quarantine, {articles - count - dead} missing")
    return Figure("articles missing at the end", articles - count - dead, at_most=0)


if __name__ == "__main__":
    main()
