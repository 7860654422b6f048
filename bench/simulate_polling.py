"""A day of many feeds on a virtual clock: polls per second, the gap at each host, memory per feed, bytes of state in the log.

    python -m bench.simulate_polling [--feeds 100000] [--hours 24]

The real poller, agenda, host gate, policy and state encoding run on an event loop whose clock jumps to the next thing
to do. Only the network is simulated: each feed has news at its own rate (log-uniform, 0.1 to 100 a day, more by day),
shows 20 items, and answers in 0.2 s; hosts have from one feed to many thousands (Zipf). The gap at a host is 1 s.
"""

import argparse
import asyncio
import bisect
import math
import random
import selectors
import time
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil

from bench.material.results import Figure, record
from ingest.fetching.politeness import HostGate
from ingest.formats.items import Item, ParsedFeed
from ingest.http.response import Response
from ingest.polling.feed_poller import FeedPoller
from ingest.polling.feed_reader import FeedReader
from ingest.polling.feed_state import FeedState
from ingest.polling.known_feeds import KnownFeeds
from ingest.polling.poller import Poller
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed
from stream.messages import Entry, encode

START = datetime(2026, 3, 2, tzinfo=UTC)
GAP = 1.0
ANSWERS_IN = 0.2
WINDOW = 20
DAYS_BEFORE = 10


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self.moment = 0.0
        super().__init__(_NoWaiting(self))

    def time(self) -> float:
        """Seconds of virtual time since the start."""
        return self.moment


class _NoWaiting(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Never waits: moves the clock instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        """Move the clock."""
        if timeout:
            self._loop.moment += timeout
        return []


class World:
    """The feeds and their servers."""

    def __init__(self, count: int, loop: VirtualLoop, seconds: float) -> None:
        self.loop = loop
        chance = random.Random(1)
        hosts = max(count // 3, 1)
        shares = [1 / (rank + 1) for rank in range(hosts)]
        chosen = chance.choices(range(hosts), shares, k=count)
        self.feeds = [Feed(url=f"https://h{host}.example/{number}.xml") for number, host in enumerate(chosen)]
        self.histories = {feed.url: history(chance, seconds) for feed in self.feeds}
        self.polls: Counter[int] = Counter()
        self.shortest_gap = math.inf
        self.ended: dict[str, float] = {}
        self.state_bytes = self.entry_bytes = self.entries = self.written = 0
        self.last: dict[str, int] = {}

    def now(self) -> datetime:
        """The virtual time."""
        return START + timedelta(seconds=self.loop.time())

    def published(self, url: str) -> Sequence[float]:
        """The times of the feed's news, up to now."""
        times = self.histories[url]
        return times[: bisect.bisect_right(times, self.loop.time())]

    async def get(self, url: str, *, headers: Mapping[str, str]) -> Response:
        """The response of the feed's server; records whether the gap was kept."""
        host = url.split("/")[2]
        if host in self.ended:
            self.shortest_gap = min(self.shortest_gap, self.loop.time() - self.ended[host])
        await asyncio.sleep(ANSWERS_IN)
        self.ended[host] = self.loop.time()
        self.polls[int(self.loop.time() // 3600)] += 1
        version = f'"{len(self.published(url))}"'
        same = headers.get("If-None-Match") == version
        return Response(
            url=url,
            status=304 if same else 200,
            headers={"etag": version},
            content_type="application/rss+xml",
            charset="",
            body=b"" if same else version.encode(),
            permanent=False,
        )

    async def parse(self, _body: bytes, _content_type: str, _charset: str, url: str) -> ParsedFeed:
        """The feed, as if it had been parsed."""
        times = self.published(url)
        first = max(0, len(times) - WINDOW)
        items = tuple(
            Item(
                guid=f"{url}#{number}",
                url=f"{url}/{number}",
                title=f"{number}",
                published=self.at(times[number]),
            )
            for number in range(len(times) - 1, first - 1, -1)
        )
        return ParsedFeed(title="Feed", language="en", link="", items=items, read_by="lxml")

    def at(self, moment: float) -> datetime:
        """A moment as a date."""
        return START + timedelta(seconds=moment)

    async def publish(self, entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        """Encode everything for the log."""
        for state in states:
            size = len(encode(state))
            self.written += size
            self.state_bytes += size - self.last.get(state.url, 0)
            self.last[state.url] = size
        self.entries += len(entries)


def history(chance: random.Random, until: float) -> "array[float]":
    """The times of a feed's news, from ten days before the start."""
    rate = math.exp(chance.uniform(math.log(0.1), math.log(100))) / 86_400
    moment, found = -DAYS_BEFORE * 86_400.0, array("d")
    while (moment := moment + chance.expovariate(2 * rate)) < until:
        if chance.random() < 0.5 + 0.5 * math.sin(2 * math.pi * (moment / 86_400 - 0.25)):
            found.append(moment)
    return found


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--feeds", type=int, default=100_000)
    options.add_argument("--hours", type=float, default=24)
    chosen = options.parse_args()
    loop = VirtualLoop()
    world = World(chosen.feeds, loop, chosen.hours * 3600)
    memory, cpu = psutil.Process().memory_info().rss, time.process_time()
    loop.run_until_complete(run(world, chosen.hours * 3600))
    loop.close()
    spent = time.process_time() - cpu
    grown = psutil.Process().memory_info().rss - memory
    polls = sum(world.polls.values())
    hours = [world.polls[hour] for hour in sorted(world.polls)]
    hosts = len({feed.url.split("/")[2] for feed in world.feeds})
    busiest = max(hours[1:] or hours) / 3600
    print(
        f"{chosen.feeds} feeds at {hosts} hosts, {chosen.hours:g} hours: {polls / chosen.feeds:.1f} polls a feed"
    )
    print(f"{polls / chosen.hours / 3600:.1f} polls/s on average, {busiest:.1f} in the busiest hour,")
    print(f"{hours[0] / 3600:.1f} in the first one, in which all feeds are asked once")
    print(
        f"{world.entries} entries; shortest gap at a host {world.shortest_gap:.3f} s (asked for: {GAP:g} s)"
    )
    print(f"memory: {grown / chosen.feeds / 1000:.1f} kB a feed (the bench's own books included)")
    print(
        f"state in the log: {world.state_bytes / chosen.feeds:.0f} bytes a feed,"
        f" {world.state_bytes / 1e6:.1f} MB in all; {world.written / 1e6:.0f} MB written"
    )
    print(f"CPU: {1e6 * spent / polls:.0f} us a poll, the made-up network included")
    day = f"{chosen.feeds:,} feeds at {hosts:,} hosts for {chosen.hours:g} hours"
    figures = (
        Figure(f"{day}: polls a second", round(polls / chosen.hours / 3600, 1)),
        Figure(f"{day}: polls a second in the busiest hour", round(busiest, 1)),
        Figure(
            f"{day}: polls a second in the first hour, in which all are asked once", round(hours[0] / 3600, 1)
        ),
        Figure(
            f"{day}: shortest gap between two requests to a host",
            round(world.shortest_gap, 3),
            "s",
            at_least=GAP,
        ),
        Figure(f"{day}: memory a feed", round(grown / chosen.feeds / 1000, 1), "kB"),
        Figure(f"{day}: state in the log a feed", round(world.state_bytes / chosen.feeds), "bytes"),
        Figure(f"{day}: CPU of a poll", round(1e6 * spent / polls), "us"),
    )
    record("simulate_polling", figures)


async def run(world: World, seconds: float) -> None:
    """Poll until the time is up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.call_later(seconds, stop.set)
    reader = FeedReader(world.get, world.parse, HostGate(GAP, now=loop.time), 64, world.now)
    one = FeedPoller(KnownFeeds({}), reader, world.publish, lambda _report: None, Policy(), world.now)
    await Poller(lambda: world.feeds, one, world.now).run(stop)


if __name__ == "__main__":
    main()
