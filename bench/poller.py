"""Measures the cost of a poll: wirewatch's poller, bare aiohttp and httpx, in one run, over the same loopback server.

    python -m bench.poller [--polls N] [--runs N]

The server is a process of its own. It answers 80 % of the polls with 304, 15 % with the previous body and 5 % with a new one,
the same for all clients (by the number of each feed's poll). wirewatch does everything that it does in production: conditions,
the guarded client, parsing new bodies (in this process, so that it counts), deciding what is new and when to poll next, and
encoding state and entries for the log. "read elsewhere" is the same without parsing, "with its log" the same with the embedded
log, threads included. Its feeds have already shown that their 304s can be trusted. The others send the same conditional request
and read the body; they don't parse, compare or remember. The first poll of each feed, which no client can make conditional, is
not counted. The CPU time of this process is measured, on uvloop as in production.

Where 272 us of a poll went, by 14,000 samples of the stack, those of the C libraries included, on a busy machine, on
which bare aiohttp took 123: 126 in aiohttp and the loop; 17 around that in our client (URL, redirects, reading the
body, headers); 31 parsing what is new (runs without it took 7 to 41 less); 12 hashing bodies and recognising new items; 30
deciding on conditions and the next poll; 32 the host's gate, slots, locks, tasks, group commit, report; 19 collecting garbage,
of which bare aiohttp has its share; 5 encoding, and the bench. So 1.25 x is out of reach: it leaves about as much beside
aiohttp as parsing alone takes, and the rest is spread thin, with no line over 3 us.
"""

import argparse
import asyncio
import ipaddress
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from bench.material.results import Figure, record
from ingest.fetching.politeness import HostGate
from ingest.formats.feeds import parse_feed
from ingest.formats.items import ParsedFeed
from ingest.formats.sitemap_parts import Parse
from ingest.http.client import Client, ClientLimits
from ingest.polling.decide import PROOFS
from ingest.polling.feed_poller import FeedPoller
from ingest.polling.feed_reader import FeedReader
from ingest.polling.feed_state import FeedState
from ingest.polling.group_commit import Publish
from ingest.polling.known_feeds import KnownFeeds
from ingest.polling.poller import Poller
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed
from stream.clock import utc_now
from stream.log.base import TopicSpec
from stream.log.sqlite.log import SqliteLog
from stream.messages import Entry, encode
from wirewatch.composition.poller import publishing
from wirewatch.topics import BACKFILL, ENTRIES, FEED_STATES

PORT = 8796
FEEDS = 200
AT_ONCE = 50
ITEMS = 20


def main() -> None:
    """Serve, poll in turn with each client, and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--polls", type=int, default=40, help="of each of the 200 feeds (default 40)")
    options.add_argument("--runs", type=int, default=5, help="of each client; the best counts (default 5)")
    given = options.parse_args()
    server = multiprocessing.get_context("spawn").Process(target=serve, daemon=True)
    server.start()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = runner.run(measure(given.polls, given.runs))
    finally:
        server.terminate()
        server.join()
    record("poller", figures, ("--polls 20 --runs 15",))


async def measure(polls: int, runs: int) -> list[Figure]:
    """Each client in turn, `runs` times; the best run counts, since the machine may be shared."""
    await wait_for_server()
    ways: dict[str, Callable[[int, str, Callable[[], object]], Awaitable[None]]] = {
        "bare aiohttp": bare_aiohttp,
        "wirewatch": wirewatch,
        "read elsewhere": wirewatch_without_parsing,
        "with its log": wirewatch_and_log,
    }
    try:
        import_module("httpx")
        ways["httpx"] = httpx_client
    except ImportError:
        print("(httpx is not installed: left out)")
    best: dict[str, tuple[float, float]] = {}
    for run in range(runs):
        for name, way in ways.items():
            rounds = polls if name != "httpx" else max(polls // 8, 2)
            begun: list[tuple[float, float]] = []
            await way(rounds, f"{name.replace(' ', '-')}-{run}", lambda: begun.append(clocks()))  # noqa: B023
            cpu, wall = (end - start for start, end in zip(begun[0], clocks(), strict=True))
            took = cpu / rounds / FEEDS, wall / rounds / FEEDS
            best[name] = min(best.get(name, took), took)
    for name, (cpu, wall) in best.items():
        print(f"{name:14} {1e6 * cpu:7.0f} us of CPU a poll {1 / wall:8.0f} polls/s")
    bare, ours, apart = (best[name][0] for name in ("bare aiohttp", "wirewatch", "read elsewhere"))
    print(f"wirewatch: {ours / bare:.2f} x the CPU of bare aiohttp (goal: 1.25)")
    print(f"without parsing, which other processes do in production: {apart / bare:.2f} x")
    figures = [
        Figure("CPU of a poll beside one of bare aiohttp", round(ours / bare, 2), "x", at_most=1.25),
        Figure(
            "the same without parsing, which other processes do in production", round(apart / bare, 2), "x"
        ),
        Figure("CPU of a poll", round(1e6 * ours), "us"),
        Figure("CPU of a poll with the embedded log", round(1e6 * best["with its log"][0]), "us"),
    ]
    if "httpx" in best:
        faster = best["httpx"][1] / best["wirewatch"][1]
        print(f"wirewatch: {faster:.1f} x the polls/s of httpx (goal: 4)")
        figures.append(Figure("polls a second beside httpx", round(faster, 1), "x", at_least=4))
    return figures


def clocks() -> tuple[float, float]:
    """The CPU time of this process, and the clock's."""
    return time.process_time(), time.monotonic()


def address(run: str, number: int) -> str:
    """The address of a feed: each has a host name of its own, and all of them are this machine."""
    return f"http://h{number}.example:{PORT}/{run}/{number}"


HOSTS = {f"h{number}.example": "127.0.0.1" for number in range(FEEDS)}
AGENT = "wirewatch-bench"


async def bare_aiohttp(rounds: int, run: str, begin: Callable[[], object]) -> None:
    """The least that can be done with aiohttp. Here and in all clients, only the time after the call of `begin` counts."""
    tags: dict[int, str] = {}
    slots = asyncio.Semaphore(AT_ONCE)
    resolver = Table()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=AT_ONCE, resolver=resolver),
        headers={"User-Agent": AGENT},
        timeout=aiohttp.ClientTimeout(total=30),
    ) as session:

        async def poll(number: int) -> None:
            async with slots:
                headers = {"If-None-Match": tags[number]} if number in tags else {}
                async with session.get(address(run, number), headers=headers) as answer:
                    await answer.read()
                    tags[number] = answer.headers.get("ETag", "")

        for number in range(rounds + 1):
            if number == 1:
                begin()
            await asyncio.gather(*(poll(number) for number in range(FEEDS)))


class Table(aiohttp.abc.AbstractResolver):
    """The hosts of the bench."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:  # noqa: ARG002 - as aiohttp calls it
        """Every host is this machine."""
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Nothing to close."""


async def httpx_client(rounds: int, run: str, begin: Callable[[], object]) -> None:
    """The same with httpx."""
    httpx: Any = import_module("httpx")
    tags: dict[int, str] = {}
    slots = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(headers={"User-Agent": AGENT}, timeout=30, trust_env=False) as session:

        async def poll(number: int) -> None:
            async with slots:
                headers = {"If-None-Match": tags[number]} if number in tags else {}
                answer = await session.get(f"http://127.0.0.1:{PORT}/{run}/{number}", headers=headers)
                tags[number] = answer.headers.get("ETag", "")

        for number in range(rounds + 1):
            if number == 1:
                begin()
            await asyncio.gather(*(poll(number) for number in range(FEEDS)))


async def wirewatch(rounds: int, run: str, begin: Callable[[], object]) -> None:
    """The real poller; its finds are encoded, and nothing more."""
    await poll_and_encode(here, rounds, run, begin)


async def wirewatch_without_parsing(rounds: int, run: str, begin: Callable[[], object]) -> None:
    """The same without parsing: every body that the server will send was parsed before."""
    read = {
        body: parse_feed(body, "application/rss+xml", "", address(run, number))
        for number in range(FEEDS)
        for version in range(rounds // 20 + 2)
        if (body := feed(number, version))
    }

    async def known(body: bytes, *_said: str) -> ParsedFeed:
        return read[body]

    await poll_and_encode(known, rounds, run, begin)


async def here(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
    """Parses in this process, so that it is counted."""
    return parse_feed(body, content_type, charset, url)


async def poll_and_encode(parse: Parse, rounds: int, run: str, begin: Callable[[], object]) -> None:
    """Poll with this function for parsing; the finds are encoded for the log."""
    written = 0

    async def publish(entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        nonlocal written
        written += sum(len(encode(message)) for message in (*entries, *states))

    await poll_with(publish, parse, rounds, run, begin)
    assert written


async def wirewatch_and_log(rounds: int, run: str, begin: Callable[[], object]) -> None:
    """The real poller with the embedded log: its finds are on disk before the poll is over."""
    topics = (
        TopicSpec(ENTRIES.name),
        TopicSpec(BACKFILL.name),
        TopicSpec(FEED_STATES.name, compacted=True),
    )
    with TemporaryDirectory() as folder, SqliteLog(Path(folder) / "log.sqlite", topics) as log:
        await poll_with(publishing(log, ours), here, rounds, run, begin)


async def ours() -> None:
    """Says that every feed is ours, always."""


async def poll_with(
    publish: Publish, parse: Parse, rounds: int, run: str, begin: Callable[[], object]
) -> None:
    """Poll all feeds `rounds` times."""
    feeds = [Feed(url=address(run, number)) for number in range(FEEDS)]

    async with Client(
        user_agent=AGENT,
        limits=ClientLimits(connections=AT_ONCE),
        allowed=[ipaddress.ip_network("127.0.0.0/8")],
        hosts=HOSTS,
    ) as client:
        one = FeedPoller(
            KnownFeeds({feed.url: FeedState(url=feed.url, proven=PROOFS) for feed in feeds}),
            FeedReader(client.get, parse, HostGate(0.0), AT_ONCE, utc_now),
            publish,
            lambda _report: None,
            Policy(),
            utc_now,
        )
        poller = Poller(lambda: feeds, one, utc_now)
        for number in range(rounds + 1):
            if number == 1:
                begin()
            await poller.round()


async def wait_for_server() -> None:
    """Wait until the server answers."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


def serve() -> None:
    """The server: its response depends on how often the feed was requested in this run."""
    asked: dict[str, int] = {}
    versions: dict[str, int] = {}

    async def answer(request: web.Request) -> web.Response:
        count = asked[request.path] = asked.get(request.path, -1) + 1
        number = int(request.match_info["number"])
        kind = (count + number) % 20
        if count and kind > 3 and "If-None-Match" in request.headers:
            return web.Response(status=304, headers={"ETag": request.headers["If-None-Match"]})
        if count and kind == 0:
            versions[request.path] = versions.get(request.path, 0) + 1
        body = feed(number, versions.get(request.path, 0))
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": f'"{count}"'})

    application = web.Application()
    application.router.add_get("/{run}/{number}", answer)
    web.run_app(application, host="127.0.0.1", port=PORT, print=None)


def feed(number: int, version: int) -> bytes:
    """A feed of 20 items, the first of which are new in each version."""
    items = "".join(
        f"<item><title>Number {one} of feed {number}</title><link>https://site{number}.example/news/{one}</link>"
        f"<guid>tag:site{number}.example,2026:{one}</guid><pubDate>Mon, 02 Mar 2026 10:{one % 60:02}:00 GMT</pubDate>"
        f"<description>{'What happened, in a sentence or two. ' * 6}</description></item>"
        for one in range(version + ITEMS, version, -1)
    )
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{items}</channel></rss>".encode()


if __name__ == "__main__":
    main()
