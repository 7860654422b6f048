"""Measures the cost of an idle system: processor time of each idle process, and of the broker.

    python -m bench.idle [--seconds 20] [--retries 0]

It measures one process that runs all stages on the embedded log, with one feed that is not due; and eight processes, one per
stage, over a Kafka of their own. Each figure is a share of one core over the given time, workers included. With `--retries`,
this many messages wait on the shelf for a retry that is hours away. Goal: half a percent each.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil

from bench.material.pages import HOST, opml, served
from bench.material.results import Figure, record
from stream.clock import utc_now
from stream.messages import Dead
from stream.quarantine import shelve
from wirewatch import config as configuration
from wirewatch.config import Paths
from wirewatch.pipeline import ALL
from wirewatch.topics import open_log

GOAL = 0.5
"""Percent of a core."""
SETTLE_SECONDS = 40.0
"""Seconds to wait after the last start, while feeds are polled and groups are joined."""


def main() -> None:
    """Start everything, wait until it is idle, and measure."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--retries", type=int, default=0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, served([b"<p>no article</p>"], 1) as site:
        figures = _embedded(Path(name), site.port, chosen.seconds, chosen.retries)
        figures += _over_kafka(Path(name), site.port, chosen.seconds, chosen.retries)
    record("idle", figures, ("", "--retries 50000"))


def _embedded(folder: Path, port: int, seconds: float, retries: int) -> list[Figure]:
    file = _configured(folder / "embedded", port)
    _wait_for_retries(file, retries)
    with _running(file, [("run",)]) as (process,):
        used = _measure({"embedded: wirewatch run": process}, seconds)
    return _figures(used)


def _over_kafka(folder: Path, port: int, seconds: float, retries: int) -> list[Figure]:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers.kafka import KafkaServer  # noqa: PLC0415 - of the tests

    (folder / "kafka").mkdir()
    server = KafkaServer(folder / "kafka")
    try:
        broker = _child_at(server.bootstrap)
        idle = _measure({"broker, without wirewatch": broker}, seconds / 2)
        file = _configured(folder / "shared", port, f"[kafka]\nbootstrap_servers = '{server.bootstrap}'\n")
        _wait_for_retries(file, retries)
        with _running(file, [(name,) for name in ALL]) as processes:
            named = {f"Kafka: {name}": one for name, one in zip(ALL, processes, strict=True)}
            used = _measure({**named, "broker, with eight processes": broker}, seconds)
    finally:
        server.kill()
    return [*_figures(idle), *_figures(used)]


def _child_at(address: str) -> psutil.Process:
    """The child of this process that listens at an address."""
    port = int(address.rpartition(":")[2])
    for child in psutil.Process().children(recursive=True):
        if any(one.laddr.port == port for one in child.net_connections() if one.status == "LISTEN"):
            return child
    raise RuntimeError(f"no child of this process listens at {address}")


def _configured(folder: Path, port: int, more: str = "") -> Path:
    folder.mkdir()
    (folder / "feeds.opml").write_bytes(opml(port, 1))
    file = folder / "wirewatch.toml"
    file.write_text(
        f"{more}[poll]\nevery_seconds = 3600\n[web]\nport = 0\n[extract]\nworkers = 1\n"
        f"[fetch]\nrobots = false\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n'{HOST}' = '127.0.0.1'\n"
    )
    return file


def _wait_for_retries(file: Path, number: int) -> None:
    """Put messages on the shelf that are due tomorrow."""
    now = utc_now()
    dead = [
        Dead(
            id=f"{n:016x}",
            stage="fetch",
            topic="entries",
            key=HOST,
            value=b"x" * 1_000,
            kind="timeout",
            reason="no answer",
            attempts=7,
            failed=now,
            retry_at=now + timedelta(hours=20, milliseconds=n),
            place=f"0.{n}",
        )
        for n in range(number)
    ]
    with open_log(configuration.load(file, {}), Paths(file.parent / "data", None, None)) as log:
        for start in range(0, number, 1_000):
            log.produce(list(map(shelve, dead[start : start + 1_000])))


@contextmanager
def _running(file: Path, commands: Sequence[Sequence[str]]) -> Iterator[list[psutil.Process]]:
    """The processes, once they are idle."""
    program = str(Path(sys.executable).with_name("wirewatch"))
    folder = file.parent
    options = ["--data", str(folder / "data"), "--config", str(file), "--feeds", str(folder / "feeds.opml")]
    started = []
    try:
        for names in commands:
            output = (folder / f"{names[0]}.log").open("wb")
            started.append(subprocess.Popen([program, *names, *options], stdout=output, stderr=output))
        time.sleep(SETTLE_SECONDS)

        yield [psutil.Process(one.pid) for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait()


def _measure(processes: dict[str, psutil.Process], seconds: float) -> dict[str, float]:
    """Percent of a core that each takes, and print it with its memory."""
    before = {name: _used(process) for name, process in processes.items()}
    begun = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - begun
    shares = {name: 100 * (_used(process) - before[name]) / took for name, process in processes.items()}
    for name, share in shares.items():
        memory = processes[name].memory_info().rss / 1e6
        print(f"{name}: {share:.2f} % of a core, {memory:.0f} MB", flush=True)
    return shares


def _used(process: psutil.Process) -> float:
    """Processor seconds of a process and its children."""
    return sum(
        times.user + times.system
        for one in (process, *process.children(recursive=True))
        if (times := one.cpu_times())
    )


def _figures(shares: dict[str, float]) -> list[Figure]:
    return [Figure(name, round(share, 2), "%", at_most=GOAL) for name, share in shares.items()]


if __name__ == "__main__":
    main()
