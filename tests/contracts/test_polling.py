"""Pollers share the hosts over every log: the embedded one, the one in memory and Kafka."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from waiting import until

from ingest.sources.feed import Feed
from stream.errors import RetryLater
from stream.log.base import Log, Outgoing, Record, TopicSpec, partition_of
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.supervisor import Source
from wirewatch.composition import shared_polling as polling
from wirewatch.composition.shared_polling import Check, Share, SharedPolling, key_of
from wirewatch.lists.feeds import FeedFile, change

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

PARTITIONS = 4
SPECS = (TopicSpec("shares", PARTITIONS),)
FEEDS = [Feed(url=f"http://host{number}.example/{path}") for number in range(20) for path in ("a", "b")]


@dataclass
class Hosts:
    """Which poller is at which host now; fails as soon as two are at one."""

    busy: dict[str, str] = field(default_factory=dict)
    clashes: list[tuple[str, str, str]] = field(default_factory=list)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Messages, and who handled them."""

    def begin(self, who: str, host: str) -> None:
        if host in self.busy:
            self.clashes.append((host, self.busy[host], who))
        self.busy[host] = who

    def end(self, host: str) -> None:
        self.busy.pop(host, None)


class Asking:
    """A poller that keeps visiting each of its hosts, and takes a while each time."""

    def __init__(self, who: str, hosts: Hosts, share: Share, check: Check) -> None:
        self.who, self.hosts, self.share, self.check = who, hosts, share, check

    async def run(self, stop: asyncio.Event) -> None:
        task = asyncio.create_task(self._go_on())
        await stop.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            await asyncio.gather(
                *(self._ask(host) for host in sorted({key_of(feed) for feed in self.share()}))
            )
            await asyncio.sleep(0.01)

    async def _ask(self, host: str) -> None:
        self.hosts.begin(self.who, host)
        try:
            await asyncio.sleep(0.05)
            await self.check()
            self.hosts.asked[host, self.who] += 1
        except RetryLater:
            return
        finally:
            self.hosts.end(host)

    async def take(self, message: bytes) -> None:
        self.hosts.taken.append((message.decode(), self.who))

    async def round(self) -> None:
        for host in sorted({key_of(feed) for feed in self.share()}):
            await self._ask(host)


def poller(who: str, log: Log, hosts: Hosts, feeds: FeedFile) -> SharedPolling:
    async def make(share: Share, check: Check) -> Source:
        return Asking(who, hosts, share, check)

    async def put_aside(message: Record, error: Exception) -> None:
        """Schedule retries as the shelf does, but without delay."""
        assert isinstance(error, RetryLater), error
        await asyncio.to_thread(log.produce, [Outgoing(message.topic, message.key, message.value)])

    return SharedPolling(
        join=lambda: log.consumer("poll", "shares"),
        partitions=PARTITIONS,
        feeds=feeds,
        make=make,
        put_aside=put_aside,
        has_room=lambda: True,
    )


@pytest.fixture
def feeds(tmp_path: Path) -> FeedFile:
    change(tmp_path / "feeds.opml", lambda _: FEEDS)
    return FeedFile(tmp_path / "feeds.opml")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(polling, "HANDOVER_SECONDS", 1.0)
    monkeypatch.setattr(polling, "LIST_SECONDS", 0.1)


HOSTS = {key_of(feed) for feed in FEEDS}


async def test_two_share_the_hosts_and_one_that_leaves_is_replaced(log: Log, feeds: FeedFile) -> None:
    hosts, stops = Hosts(), {name: asyncio.Event() for name in "ab"}
    first = asyncio.create_task(poller("a", log, hosts, feeds).run(stops["a"]))
    await until(lambda: {host for host, _ in hosts.asked} == HOSTS)
    second = asyncio.create_task(poller("b", log, hosts, feeds).run(stops["b"]))
    await until(lambda: any(who == "b" for _, who in hosts.asked))
    hosts.asked.clear()
    await until(lambda: {host for host, _ in hosts.asked} == HOSTS)
    assert len(hosts.asked) == len(HOSTS), "each host has one owner"
    assert {who for _, who in hosts.asked} == {"a", "b"}
    stops["a"].set()
    await first
    hosts.asked.clear()
    await until(lambda: {host for host, _ in hosts.asked} == HOSTS)
    assert {who for _, who in hosts.asked} == {"b"}
    stops["b"].set()
    await second
    assert hosts.clashes == []


def put(log: Log, host: str) -> None:
    log.produce([Outgoing("shares", host, host.encode())])


async def test_a_message_reaches_the_owner_of_its_host_even_while_the_shares_change(
    log: Log, feeds: FeedFile
) -> None:
    hosts, stops = Hosts(), {name: asyncio.Event() for name in "ab"}
    await asyncio.to_thread(put, log, "host0.example")  # before there is any poller
    first = asyncio.create_task(poller("a", log, hosts, feeds).run(stops["a"]))
    await until(lambda: hosts.taken == [("host0.example", "a")])
    second = asyncio.create_task(poller("b", log, hosts, feeds).run(stops["b"]))
    for host in sorted(HOSTS):  # while they share
        await asyncio.to_thread(put, log, host)
    await until(lambda: {host for host, _ in hosts.taken} == HOSTS)
    await until(lambda: any(who == "b" for _, who in hosts.asked))
    hosts.taken.clear()
    hosts.asked.clear()
    await until(lambda: {host for host, _ in hosts.asked} == HOSTS)
    for host in sorted(HOSTS):
        await asyncio.to_thread(put, log, host)
    await until(lambda: {host for host, _ in hosts.taken} == HOSTS)
    assert set(hosts.taken) == set(hosts.asked), "each by its owner"
    stops["a"].set()
    await first
    hosts.taken.clear()
    for host in sorted(HOSTS):
        await asyncio.to_thread(put, log, host)
    await until(lambda: {host for host, _ in hosts.taken} == HOSTS)
    stops["b"].set()
    await second
    assert {who for _, who in hosts.taken} == {"b"}
    assert log.progress("poll", "shares").lag == 0


async def test_a_round_handles_waiting_messages(log: Log, feeds: FeedFile) -> None:
    hosts = Hosts()
    for host in sorted(HOSTS):
        await asyncio.to_thread(put, log, host)
    await poller("a", log, hosts, feeds).round()
    assert sorted(hosts.taken) == [(host, "a") for host in sorted(HOSTS)]
    assert log.progress("poll", "shares").lag == 0


async def test_a_round_waits_for_the_messages_of_a_slow_broker(
    feeds: FeedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts, log, poll = Hosts(), MemoryLog(SPECS), MemoryConsumer.poll

    def slow(self: MemoryConsumer, limit: int, timeout: float) -> list[Record]:
        """Only a poll that wants all that was there waits long enough."""
        return [] if limit and timeout else poll(self, limit, timeout)

    monkeypatch.setattr(MemoryConsumer, "poll", slow)
    put(log, "host0.example")
    await poller("a", log, hosts, feeds).round()
    assert hosts.taken == [("host0.example", "a")]


async def test_a_round_asks_every_host_once(log: Log, feeds: FeedFile) -> None:
    hosts = Hosts()
    await poller("a", log, hosts, feeds).round()
    assert hosts.asked == Counter({(host, "a"): 1 for host in HOSTS})


async def test_a_change_of_the_list_is_noticed(log: Log, feeds: FeedFile) -> None:
    hosts, stop = Hosts(), asyncio.Event()
    running = asyncio.create_task(poller("a", log, hosts, feeds).run(stop))
    await until(lambda: bool(hosts.asked))
    feeds.change(lambda _: [*FEEDS, Feed(url="http://new.example/")])
    await until(lambda: ("new.example", "a") in hosts.asked)
    stop.set()
    await running


def test_all_feeds_of_a_host_are_one_pollers_and_each_is_someones() -> None:
    listed: Sequence[Feed] = [*FEEDS, Feed(url="no url at all")]
    shares = [Share({number: 0}, PARTITIONS, lambda: listed)() for number in range(PARTITIONS)]
    assert sorted(feed.url for share in shares for feed in share) == sorted(feed.url for feed in listed)
    for number, share in enumerate(shares):
        assert {partition_of(key_of(feed), PARTITIONS) for feed in share} <= {number}
