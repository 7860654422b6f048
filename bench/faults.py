"""Measures the effect of kills: of every stage in turn, the broker and Elasticsearch, while articles flow through real servers.

    python -m bench.faults [--kills 200]

Starts Kafka and Elasticsearch as the tests do (Java and Maven are needed), the demo world, and each stage as a process
of its own, pollers and fetchers twice. Again and again, one process gets SIGKILL and is restarted; every twentieth time
it is the broker or Elasticsearch. At times a process is suspended for longer than its session instead, two are killed
within one rebalance, a foreign member joins the group of `enrich` and does nothing, or the topic `watches` is deleted.
Elasticsearch also answers 429 now and then, or 503 after it has stored what was sent, and one message in the log is
garbage.
Printed once everything is processed: what was lost, duplicated, out of order within a host, or quarantined without cause. Goal:
nothing. tests/acceptance/test_scaleout.py does the same with fewer kills, of stages only.
"""

import argparse
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaAdminClient

from bench.material.results import Figure, record
from demo.world import bundled
from stream.errors import ConfigError, RetryLater
from stream.log.base import Log, Outgoing
from stream.messages import Entry, decode
from stream.quarantine import QUARANTINE, RETRIES, read
from stream.stage import Topic
from wirewatch import config as configuration
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths
from wirewatch.topics import BACKFILL, ENTRIES, STAGES, WATCHES, open_log

ROLES = (
    ("poll",),
    ("poll",),
    ("fetch",),
    ("fetch",),
    ("extract", "enrich"),
    ("relate", "index"),
    ("alert", "deliver"),
)
"""The arguments of each process."""
AWAY = ("no broker answered", "does not answer", "kafka-unavailable", "no longer has a topic")
"""The error of a process that was started while a server was down, or whose topic was deleted."""
SLEEP_SECONDS = 6.0
"""How long a process is suspended, and a foreign member stays: twice the session."""
HEAD_START = 10
DONE_SECONDS = 300.0
"""The most seconds that processing everything may take."""


class Report(msgspec.Struct, frozen=True):
    """The state when everything has been processed."""

    kills: dict[str, int]
    articles: int
    lost: tuple[str, ...]
    unexpected: tuple[str, ...]
    doubled: tuple[str, ...]
    """Articles that are in the index twice."""
    entries_doubled: int
    """Entries that are in the log more than once: a poller died between the entries and the feed's state."""
    disordered: tuple[str, ...]
    """Hosts whose entries are not in the order in which they were seen."""
    quarantined: dict[str, int]
    """Messages quarantined without cause, by stage and kind."""
    missing_from_quarantine: int
    waiting: int
    """Messages still waiting for a retry."""
    unfinished: dict[str, int]
    """Messages that a stage has not finished, by stage; those with none are left out."""
    restarted: int
    """Processes that started while a server was down, said so and exited, and were restarted (as Docker does)."""
    died: tuple[str, ...]
    """Processes that exited for another reason, with the end of their output."""

    def is_clean(self) -> bool:
        """Whether nothing was lost, duplicated, out of order, or quarantined without cause."""
        wrong = (
            self.lost,
            self.unexpected,
            self.doubled,
            self.disordered,
            self.quarantined,
            self.unfinished,
            self.died,
        )
        return not any(wrong) and not self.missing_from_quarantine and not self.waiting


@dataclass
class World:
    """The demo world, in a process of its own."""

    port: int

    def published(self) -> list[dict[str, Any]]:
        """The articles published so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_world/published", timeout=60) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def expected(self, outcome: str) -> set[str]:
        """The addresses of the articles with this expected result."""
        return {one["url"] for one in self.published() if one["expected"] == outcome}


@dataclass(frozen=True)
class Process:
    """A running wirewatch process."""

    role: tuple[str, ...]
    popen: "subprocess.Popen[bytes]"
    said: Path


class Rig:
    """The processes and their configuration."""

    def __init__(self, folder: Path, world: World, kafka: str, elasticsearch: str) -> None:
        self.folder = folder
        self.world = world
        self.file = folder / "wirewatch.toml"
        self.feeds = folder / "feeds.opml"
        opml = subprocess.check_output(
            [sys.executable, "-m", "demo", "--opml", "--port", str(world.port)], text=True
        )
        self.feeds.write_text(opml)
        hosts = {part.split("/")[2].split(":")[0] for part in opml.split('"') if part.startswith("http://")}
        self.file.write_text(
            "[poll]\nevery_seconds = 1\nlongest_seconds = 3\n"
            f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = 'faults-{world.port}.'\npartitions = 4\nsession_seconds = 3\n"
            f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = 'wwtest-faults-{world.port}'\n"
            "[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n"
            + "".join(f"'{host}' = '127.0.0.1'\n" for host in sorted(hosts))
        )
        self.config = configuration.load(self.file, {})
        self.paths = Paths(folder / "data", self.feeds, None)
        self.running: list[Process] = []
        self.died: list[str] = []
        self.restarted = 0
        self._numbers = itertools.count()

    def command(self, *arguments: str) -> list[str]:
        """The command line of a wirewatch here."""
        options = ["--data", str(self.paths.data), "--config", str(self.file), "--feeds", str(self.feeds)]
        return [str(Path(sys.executable).with_name("wirewatch")), *arguments, *options]

    def start(self, role: tuple[str, ...]) -> "Process":
        """Start a process for some stages; its output goes to a file."""
        file = self.folder / f"{next(self._numbers)}-{role[0]}.log"
        with file.open("wb") as said:
            return Process(role, subprocess.Popen(self.command(*role), stdout=said, stderr=said), file)

    def start_all(self) -> None:
        """Start all processes."""
        subprocess.run(self.command("setup"), check=True, stdout=subprocess.DEVNULL)
        self.running = [self.start(role) for role in ROLES]

    def kill(self, number: int) -> None:
        """Kill a process by SIGKILL, and restart it."""
        self.running[number].popen.kill()
        self.running[number].popen.wait()
        self.running[number] = self.start(ROLES[number])

    def suspend(self, number: int, seconds: float) -> None:
        """Let a process sleep for longer than its session lasts, and wake it."""
        popen = self.running[number].popen
        popen.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        popen.send_signal(signal.SIGCONT)

    def join_as_stranger(self, stage: str, seconds: float) -> None:
        """Be a member of a stage's group for a while: one that takes messages and does nothing with them."""
        with (
            open_log(self.config, self.paths) as log,
            closing(log.consumer(stage, STAGES[stage].name)) as consumer,
        ):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                consumer.poll(100, 0.5)

    def delete_topic(self, name: str) -> None:
        """Delete a topic on the broker, with all that is in it."""
        admin = KafkaAdminClient(bootstrap_servers=self.config.kafka.bootstrap_servers)
        try:
            admin.delete_topics([f"{self.config.kafka.prefix}{name}"])
        finally:
            admin.close()

    def mend(self) -> None:
        """Restart processes that exited by themselves."""
        for number, process in enumerate(self.running):
            if process.popen.poll() is not None:
                self._note_end(process)
                self.running[number] = self.start(process.role)

    def _note_end(self, process: "Process") -> None:
        said = process.said.read_text("utf-8", "replace")
        if process.popen.returncode == 2 and any(words in said for words in AWAY):
            self.restarted += 1
        else:
            self.died.append(f"{process.role}: exit {process.popen.returncode}: {said[-1500:]}")

    def stop(self) -> None:
        """Stop all processes."""
        for process in self.running:
            process.popen.terminate()
        for process in self.running:
            try:
                process.popen.wait(DONE_SECONDS)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()
            if process.popen.returncode not in (0, -signal.SIGTERM):  # SIGTERM if it had not begun yet
                self._note_end(process)
        self.running = []


def strike(rig: Rig, kills: int, pause: float, servers: Callable[[int], str | None]) -> Counter[str]:
    """Kill one process after another; `servers` may kill a server instead, and returns its name."""
    chance, killed = random.Random(20160314), Counter[str]()
    with open_log(rig.config, rig.paths) as log:
        log.produce([Outgoing(STAGES["extract"].name, "poison", b"\xff\x00 no message")])
    turns = itertools.cycle(range(len(ROLES)))
    for count in range(1, kills + 1):
        time.sleep(pause * chance.uniform(0.4, 1.6))
        if (server := servers(count)) is not None:
            killed[server] += 1
            continue
        rig.mend()
        number = next(turns)
        killed[_strike_once(rig, count, number)] += 1
    return killed


def _strike_once(rig: Rig, count: int, number: int) -> str:
    """One strike: mostly a kill, at times something rarer; returns what it was."""
    if count % 25 == 5:
        rig.suspend(number, SLEEP_SECONDS)
        return "SIGSTOP past the session"
    if count % 25 == 10:
        rig.kill(number)
        rig.kill((number + 1) % len(ROLES))
        return "two kills within one rebalance"
    if count % 25 == 15:
        rig.join_as_stranger("enrich", SLEEP_SECONDS)
        return "a foreign member of a group"
    if count % 100 == 22:
        rig.delete_topic(WATCHES.name)
        return "a topic deleted"
    rig.kill(number)
    return " ".join(ROLES[number])


def settle(rig: Rig) -> None:
    """Wait until everything published has been processed, at most `DONE_SECONDS`."""
    deadline = time.monotonic() + DONE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(1)
        rig.mend()
        if len(rig.world.published()) == len(bundled().articles) and _is_done(rig):
            return


def _is_done(rig: Rig) -> bool:
    try:
        with (
            open_log(rig.config, rig.paths) as log,
            open_store(rig.config, rig.paths, readonly=True) as store,
        ):
            # Twice: a retry may be put back after the stages were asked, and before the shelf is looked at.
            idle = _is_idle(log) and _is_idle(log)
            return idle and store.count() >= len(rig.world.expected("indexed"))
    except (ConfigError, RetryLater):  # a server that is just coming back
        return False


def _is_idle(log: Log) -> bool:
    """Whether nothing waits for a stage, nor for a retry."""
    waits = any(log.progress(stage, topic.name).lag for stage, topic in STAGES.items())
    return not waits and not read(log, RETRIES)


def examine(rig: Rig, killed: Counter[str]) -> Report:
    """Compare the result with what the world published."""
    indexed, quarantined = rig.world.expected("indexed"), rig.world.expected("quarantined")
    with open_store(rig.config, rig.paths, readonly=True) as store:
        found = Counter(document.enriched.article.url for document in store.scan())
    with open_log(rig.config, rig.paths) as log:
        news = [entry for entry in _entries(log, ENTRIES) if not entry.backfill]  # the others were forwarded
        old = list(_entries(log, BACKFILL))
        dead, waiting = read(log, QUARANTINE), len(read(log, RETRIES))
        lags = {stage: log.progress(stage, topic.name).lag for stage, topic in STAGES.items()}
    entries = [*news, *old]
    wrong = Counter(
        f"{one.stage} {one.kind}" for one in dead if not _belongs(one.reason, one.key, quarantined)
    )
    return Report(
        kills=dict(killed),
        articles=len(found),
        lost=tuple(sorted(indexed - found.keys())),
        unexpected=tuple(sorted(found.keys() - indexed)),
        doubled=tuple(url for url, count in found.items() if count > 1),
        entries_doubled=len(entries) - len({entry.url for entry in entries}),
        disordered=tuple(host for some in (news, old) for host in _disordered(some)),
        quarantined=dict(wrong),
        missing_from_quarantine=len(quarantined) + 1 - (len(dead) - wrong.total()),
        waiting=waiting,
        unfinished={stage: lag for stage, lag in lags.items() if lag},
        restarted=rig.restarted,
        died=tuple(rig.died),
    )


def _belongs(reason: str, key: str, quarantined: set[str]) -> bool:
    return key == "poison" or any(url in reason for url in quarantined)


def _entries(log: Log, topic: Topic) -> Iterator[Entry]:
    """All entries of a topic, in the log's order within each host, without those put back for another try."""
    with closing(log.consumer("examiner", topic.name)) as consumer:
        while records := consumer.poll(1000, 1.0):
            yield from (decode(record.value, Entry) for record in records if record.attempt == 0)


def _disordered(entries: list[Entry]) -> Iterator[str]:
    by_host: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_host[entry.key].append(entry)
    for host, some in by_host.items():
        if any(after.seen < before.seen for before, after in itertools.pairwise(some)):
            yield host


def run_faults(
    folder: Path,
    kafka: str,
    elasticsearch: str,
    kills: int,
    pause: float,
    servers: Callable[[int], str | None],
) -> Report:
    """Run the bench; the processes write to `folder`."""
    every = max(kills * pause / (len(bundled().articles) - HEAD_START), 0.1)
    serving = [
        sys.executable,
        "-m",
        "demo",
        "--port",
        "0",
        "--head-start",
        str(HEAD_START),
        "--every",
        str(every),
    ]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as world:
        assert world.stdout is not None
        port = int(world.stdout.readline().split(":")[-1].split()[0])
        rig = Rig(folder, World(port), kafka, elasticsearch)
        try:
            rig.start_all()
            killed = strike(rig, kills, pause, servers)
            settle(rig)
            rig.stop()
            return examine(rig, killed)
        finally:
            rig.stop()
            world.terminate()


def main() -> None:
    """Start the servers, run, print; exit code 1 if it was not clean."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers.elasticsearch import ElasticsearchServer  # noqa: PLC0415 - of the tests
    from servers.kafka import KafkaServer  # noqa: PLC0415 - of the tests
    from servers.proxy import Fault, Request, proxy  # noqa: PLC0415 - of the tests

    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--pause", type=float, default=2.0, help="seconds between two kills, on average")
    options.add_argument("--servers-every", type=int, default=20, help="one kill in so many hits a server")
    chosen = options.parse_args()
    busy = random.Random(7)

    def judge(request: Request) -> Fault | None:
        if not request.path.startswith("/_bulk"):
            return None
        turn = busy.random()
        return Fault(429) if turn < 0.2 else Fault(503, passed_on=True) if turn < 0.25 else None

    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        (folder / "kafka").mkdir()
        kafka, elasticsearch = KafkaServer(folder / "kafka"), ElasticsearchServer(folder / "elasticsearch")
        held.callback(kafka.kill)
        held.callback(elasticsearch.stop)
        elasticsearch.start()

        def servers(count: int) -> str | None:
            if count % chosen.servers_every:
                return None
            if count // chosen.servers_every % 2:
                kafka.restart()
                return "the broker"
            elasticsearch.kill()
            elasticsearch.start()
            return "Elasticsearch"

        with proxy(elasticsearch.url, judge) as url:
            (folder / "run").mkdir()
            report = run_faults(folder / "run", kafka.bootstrap, url, chosen.kills, chosen.pause, servers)
    for field in msgspec.structs.fields(Report):
        print(f"{field.name:<24} {getattr(report, field.name)}")
    record("faults", figures_of(report), ("--pause 1.2",))
    sys.exit(0 if report.is_clean() else 1)


def figures_of(report: Report) -> list[Figure]:
    """The counts, most of which should be 0."""
    return [
        Figure("processes and servers killed and started again", sum(report.kills.values())),
        Figure("articles that came in meanwhile", report.articles),
        Figure("articles lost", len(report.lost), at_most=0),
        Figure("articles in the index twice", len(report.doubled), at_most=0),
        Figure("entries in the log twice", report.entries_doubled),
        Figure("hosts whose entries are out of order", len(report.disordered), at_most=0),
        Figure("messages quarantined without cause", sum(report.quarantined.values()), at_most=0),
        Figure(
            "processes started while a server was away, which said so, ended, and were started again",
            report.restarted,
        ),
    ]


if __name__ == "__main__":
    main()
