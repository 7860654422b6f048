"""The whole system in one table, and the only place that picks implementations.

poll --entries--> fetch --pages--> extract --articles--> enrich --enriched--> index
                    `---------- any stage --retries, quarantine---------'
"""

import asyncio
import importlib.metadata
import importlib.resources
import ipaddress
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from enrich.enrich import Enricher
from enrich.gazetteer import default_gazetteer
from enrich.topics import Topic as NewsTopic
from enrich.topics import load_topics
from index.store import Store
from ingest.client import Client, ClientLimits
from ingest.extract import extract
from ingest.feeds import ParsedFeed, parse_feed
from ingest.fetch import make_fetch
from ingest.line import Line
from ingest.politeness import HostGate
from ingest.poll import FeedState, Policy
from ingest.poller import Poller, PollReport
from ingest.robots import Robots
from ingest.sitemap_parts import with_parts
from wirewatch import feedlist
from wirewatch.archive import open_store
from wirewatch.clock import utc_now
from wirewatch.config import Config, Paths
from wirewatch.errors import ConfigError
from wirewatch.messages import Article, Enriched, Entry, Page, encode
from wirewatch.meters import Meters
from wirewatch.quarantine import Retries
from wirewatch.runner import Context
from wirewatch.stage import Stage, Transform
from wirewatch.supervisor import Backlog, Idle, Retention, Source, Supervisor
from wirewatch.topics import ARTICLES, ENRICHED, ENTRIES, FEED_STATES, PAGES, STAGES, feed_states, open_log
from wirewatch.transport.base import Outgoing
from wirewatch.websub import PushedPoller
from wirewatch.workers import Workers

PRODUCT = "wirewatch"
"""Who we are, in the User-Agent and for robots.txt."""
POLL = "poll"
ALL = (POLL, *STAGES)
"""The parts of the pipeline, in the order of an article's way."""


async def make_stage(name: str, parts: "Parts") -> Stage:
    """The table of the pipeline: what each stage reads, does and writes, and how much of it at once."""
    match name:
        case "fetch":
            # Many entries wait for their host's turn at no cost; how many connections are open is the client's business.
            fetch = fetching(parts.config, await parts.client())
            return Stage(name, reads=ENTRIES, work=fetch, writes=PAGES, concurrency=1000)
        case "extract":
            workers = await parts.workers()
            work = extracting(parts.config, workers)
            return Stage(name, reads=PAGES, work=work, writes=ARTICLES, concurrency=4 * workers.count)
        case "enrich":
            return Stage(name, reads=ARTICLES, work=enriching(parts.paths), writes=ENRICHED, concurrency=8)
        case "index":
            return Stage(name, reads=ENRICHED, work=parts.store(), concurrency=500)
    raise ConfigError(f"stage {name!r}: expected one of {', '.join(STAGES)}")


class Parts:
    """What stages are made of, opened when it is first asked for, and closed with `stack`."""

    def __init__(self, config: Config, paths: Paths, stack: AsyncExitStack) -> None:
        self.config = config
        self.paths = paths
        self._stack = stack
        self._client: Client | None = None
        self._workers: Workers | None = None

    async def client(self) -> Client:
        """The one HTTP client of the process."""
        if self._client is None:
            self._client = await self._stack.enter_async_context(open_client(self.config))
        return self._client

    async def workers(self) -> Workers:
        """The worker processes that feeds and pages are parsed in."""
        if self._workers is None:
            settings = self.config.extract
            self._workers = await asyncio.to_thread(Workers, settings.workers, settings.memory_bytes)
            self._stack.push_async_callback(asyncio.to_thread, self._workers.close)
        return self._workers

    def store(self) -> Store:
        """The archive, for writing."""
        return self._stack.enter_context(open_store(self.config, self.paths, readonly=False))


def news_topics(paths: Paths) -> tuple[NewsTopic, ...]:
    """The topics that articles are tagged with."""
    if paths.topics is None:
        bundled = importlib.resources.files("wirewatch").joinpath("defaults/topics.toml")
        return load_topics(bundled.read_bytes(), "the bundled topics.toml")
    try:
        return load_topics(paths.topics.read_bytes(), str(paths.topics))
    except OSError as error:
        raise ConfigError(f"topics.file: {paths.topics}: can't be read: {error}") from error


@asynccontextmanager
async def open_pipeline(
    config: Config, paths: Paths, stop: asyncio.Event, names: Sequence[str] = ALL
) -> AsyncIterator[Supervisor]:
    """The named parts of the pipeline, opened in order and closed in the reverse.

    Raises ConfigError before anything has begun.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16, thread_name_prefix="wirewatch"))
    async with AsyncExitStack() as stack:
        log = stack.enter_context(open_log(config, paths))
        context = Context(log, Retries(log, utc_now), Meters(), utc_now, stop)
        parts = Parts(config, paths, stack)
        stages = [await make_stage(name, parts) for name in STAGES if name in names]
        backlog = Backlog({topic.name: name for name, topic in STAGES.items()}, config.log.backlog)
        source = await make_poller(parts, context, backlog) if POLL in names else Idle()
        yield Supervisor(context, source, stages, backlog, _retention(config))


def open_client(config: Config) -> Client:
    """The HTTP client, as configured; an async context manager."""
    contact = f"; +{config.fetch.contact}" if config.fetch.contact else ""
    return Client(
        user_agent=f"{PRODUCT}/{importlib.metadata.version('wirewatch')} (news monitor{contact})",
        limits=ClientLimits(
            max_bytes=config.fetch.max_bytes,
            total_timeout=config.fetch.timeout_seconds,
            connections=config.fetch.concurrency + config.poll.concurrency,
        ),
        allowed=[ipaddress.ip_network(network) for network in config.fetch.allow_private],
        ports=config.fetch.allow_ports,
        hosts=config.fetch.hosts,
    )


def _retention(config: Config) -> Retention:
    return Retention(timedelta(days=config.log.keep_days), config.log.keep_bytes)


def fetching(config: Config, client: Client) -> Transform:
    """What fetches the page of an entry."""
    robots = Robots(client.get, PRODUCT) if config.fetch.robots else None
    return make_fetch(
        client.get, HostGate(config.fetch.gap_seconds), Line(config.fetch.concurrency), robots, utc_now
    )


def extracting(config: Config, workers: Workers) -> Transform:
    """What reads a page, in a worker process."""

    async def read(page: Page) -> list[Article]:
        return [await workers.run(config.extract.timeout_seconds, extract, page, utc_now())]

    return read


def enriching(paths: Paths) -> Transform:
    """What tags an article, in a thread."""
    enricher = Enricher(news_topics(paths), default_gazetteer(), utc_now)

    async def enrich(article: Article) -> list[Enriched]:
        return [await asyncio.to_thread(enricher, article)]

    return enrich


async def make_poller(parts: Parts, context: Context, backlog: Backlog) -> Source:
    """The source of it all: polls the feeds of the user's list."""
    config, feeds = parts.config, feedlist.FeedFile(parts.paths.feeds)
    client, workers = await parts.client(), await parts.workers()

    async def parse_one(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        return await workers.run(
            config.poll.parse_timeout_seconds, parse_feed, body, content_type, charset, url
        )

    async def parse(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        return await with_parts(await parse_one(body, content_type, charset, url), client.get, parse_one)

    async def publish(entries: Sequence[Entry], state: FeedState) -> None:
        news = [Outgoing(ENTRIES.name, entry.key, encode(entry)) for entry in entries]
        known = Outgoing(FEED_STATES.name, state.url, encode(state))
        await asyncio.to_thread(context.log.produce, [*news, known])

    async def ready() -> None:
        while not backlog.has_room(ENTRIES) and not context.stop.is_set():  # noqa: ASYNC110 - room is no event
            await asyncio.sleep(0.1)

    def observe(report: PollReport) -> None:
        context.meters.count("poll", "done" if report.result in ("read", "unchanged") else "failed")
        context.meters.count("poll", "emitted", report.new)

    poller = Poller(
        feeds=feeds,
        states=feed_states(context.log),
        get=client.get,
        parse=parse,
        publish=publish,
        now=utc_now,
        policy=Policy(interval=config.poll.every_seconds, longest=config.poll.longest_seconds),
        ready=ready,
        observe=observe,
        at_once=config.poll.concurrency,
    )
    return PushedPoller(poller, client, context, config.websub) if config.websub.callback_url else poller
