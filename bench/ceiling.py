"""What each stage costs alone: processor time an article, and articles a second with one worker.

    python -m bench.ceiling [--pages 200] [--servers] [--alerts 0 1000 10000 100000]

Real pages (../shared/data) are put into the log. Then one stage after the other runs as a process of its own over the
whole topic, on the embedded log and archive, or with `--servers` over Kafka and Elasticsearch, started as the tests do.
Measuring begins when a tenth is done, so that starting up does not count. `index` and `alert` get each article
many times, as different articles. `alert` runs with 0, 1,000, 10,000 and 100,000 alerts.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
import psutil

from bench.material.pages import pages_or_exit
from bench.material.results import Figure, record
from bench.replay import page
from bench.scaleout import servers
from stream.log.base import Log, Outgoing
from stream.messages import Enriched, article_id, decode, encode
from wirewatch import config as configuration
from wirewatch.composition.lists import open_alert_list
from wirewatch.composition.stages import begin_alerts
from wirewatch.config import Paths
from wirewatch.topics import STAGES, open_log

COPIES = 20
ORIGINALS = 150
"""How many of the first articles are copied."""
ALERTS = (0, 1_000, 10_000, 100_000)
PATIENCE = 900.0
"""Seconds."""


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=200)
    options.add_argument("--servers", action="store_true")
    options.add_argument("--alerts", type=int, nargs="*", default=ALERTS, help="how many, one run each")
    chosen = options.parse_args()
    bodies = pages_or_exit(chosen.pages)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        text = "[extract]\nworkers = 1\n[log]\nbacklog = 1000000\n"
        if chosen.servers:
            kafka, elasticsearch = held.enter_context(servers(folder))
            unique = time.time_ns()
            text += f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = 'ceiling-{unique}.'\n"
            text += f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = 'wwtest-ceiling-{unique}'\n"
        (folder / "wirewatch.toml").write_text(text)
        where = "Kafka and Elasticsearch" if chosen.servers else "embedded"
        figures = _stages(folder, bodies, where, chosen.alerts)
    record("ceiling", figures, ("", "--servers"))


def _stages(folder: Path, bodies: Sequence[bytes], where: str, alerts: Sequence[int]) -> list[Figure]:
    config = configuration.load(folder / "wirewatch.toml", {})
    paths = Paths(folder / "data", folder / "feeds.opml", None, shared=bool(config.kafka.bootstrap_servers))
    figures, total = [], 0.0
    with open_log(config, paths) as log:
        begin_alerts(log)  # what is there before is no news
        log.produce([page(number, body) for number, body in enumerate(bodies)])
        for stage in ("extract", "enrich", "relate", "index"):
            if stage == "index":
                _multiply(log)
            seconds, rate = _run(log, folder, stage)
            total += seconds
            figures += _figures(f"{where}: {stage}", seconds, rate)
        figures.append(Figure(f"{where}: all of these", round(1000 * total, 1), "ms of a core an article"))
        print(f"{where}: all of these: {1000 * total:.1f} ms of a core an article")
        for count in alerts:
            with open_alert_list(config, paths) as listed:
                listed.take_in(_alerts(count), "the alerts")
            _multiply(log, f"{count}-")
            figures += _figures(f"{where}: alert, {count:,} alerts", *_run(log, folder, "alert"))
    return figures


def _multiply(log: Log, mark: str = "") -> None:
    """Put each article into the topic of `index` and `alert` many more times, as different ones: they take hundreds at once."""
    topic = STAGES["index"].name
    with log.consumer(f"ceiling{mark}", topic) as consumer:
        records = consumer.poll(ORIGINALS, 10.0)
    for number in range(COPIES):
        copies = []
        for one in records:
            enriched = decode(one.value, Enriched)
            url = f"{enriched.article.url}?{mark}{number}"
            article = msgspec.structs.replace(enriched.article, id=article_id(url), url=url)
            copy = msgspec.structs.replace(enriched, article=article)
            copies.append(Outgoing(topic, copy.key, encode(copy)))
        log.produce(copies)


def _run(log: Log, folder: Path, stage: str) -> tuple[float, float]:
    """Run a stage over its topic; processor seconds an article, and articles a second."""
    options = ["--data", str(folder / "data"), "--config", str(folder / "wirewatch.toml")]
    command = [str(Path(sys.executable).with_name("wirewatch")), stage, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        topic = STAGES[stage].name
        total = log.progress(stage, topic).lag
        first = _wait(log, stage, total - total // 10, process)
        used, begun = _used(process.pid), time.monotonic()
        last = _wait(log, stage, 0, process)
        count = max(first - last, 1)
        return (_used(process.pid) - used) / count, count / (time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait()


def _wait(log: Log, stage: str, lag: int, process: "subprocess.Popen[bytes]") -> int:
    """Wait until at most so many messages are left; returns how many are."""
    deadline = time.monotonic() + PATIENCE
    while (left := log.progress(stage, STAGES[stage].name).lag) > lag:
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{stage} ended or takes too long, with {left} messages left")
        time.sleep(0.05)
    return left


def _used(pid: int) -> float:
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _figures(what: str, seconds: float, rate: float) -> list[Figure]:
    print(f"{what}: {1000 * seconds:.1f} ms of a core an article, {rate:.1f} articles a second", flush=True)
    return [
        Figure(what, round(1000 * seconds, 1), "ms of a core an article"),
        Figure(f"{what}: articles", round(rate, 1), "a second"),
    ]


def _alerts(count: int) -> bytes:
    """The text of alerts.toml."""
    words = ("flood", "ceasefire", "strike", "election", "vaccine", "sanctions", "border", "harvest")
    alerts = [
        f'[[alert]]\nname = "alert {n}"\nquery = "{words[n % 8]} AND \\"word{n} other{n % 97}\\""\n'
        for n in range(count)
    ]
    return "\n".join(alerts).encode()


if __name__ == "__main__":
    main()
