"""The whole system in one table, and the only place that picks implementations.

poll --entries--> fetch --pages--> extract --articles--> enrich --tagged--> relate --related--> index
                    `---------- any stage --retries, quarantine---------'                `-----> alert --alerts--> deliver
"""

import asyncio
import importlib.metadata
import importlib.resources
import ipaddress
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from alerts.alerter import Alerter
from alerts.channels import Means, PutDocument, sender
from alerts.definitions import Channel
from alerts.deliver import Deliverer, Send
from alerts.post import open_post
from alerts.state import Watermark
from enrich.enrich import Enricher
from enrich.gazetteer import Source as GazetteerSource
from enrich.gazetteer import default_gazetteer
from enrich.recognisers import recogniser
from enrich.relate import Relater
from enrich.topics import Topic as NewsTopic
from enrich.topics import load_topics
from index.store import Store
from ingest.extract import extract
from ingest.feeds import ParsedFeed, parse_feed
from ingest.fetch import make_fetch
from ingest.http.client import Client, ClientLimits
from ingest.line import Line
from ingest.politeness import HostGate
from ingest.poll import FeedState
from ingest.poller import Poller, PollReport
from ingest.polling.schedule import Policy
from ingest.robots import Robots
from ingest.sitemap_parts import with_parts
from wirewatch.alertlist import AlertFile
from wirewatch.archive import open_alert_index, open_store
from wirewatch.clock import utc_now
from wirewatch.config import Config, Paths
from wirewatch.errors import ConfigError
from wirewatch.heard import make_coverage
from wirewatch.messages import Article, Enriched, Entry, Page, encode
from wirewatch.meters import Meters
from wirewatch.polling import Check, Share, SharedPolling
from wirewatch.quarantine import Retries
from wirewatch.runner import Context, until_possible
from wirewatch.stage import Stage, Transform
from wirewatch.supervisor import Backlog, Idle, Retention, Source, Supervisor
from wirewatch.topics import (
    ALERT_STATES,
    ALERTS,
    ARTICLES,
    DELIVERIES,
    ENTRIES,
    FEED_STATES,
    PAGES,
    RELATED,
    SHARES,
    STAGES,
    STORIES,
    TAGGED,
    feed_list,
    feed_states,
    open_log,
    remembered,
    specs,
)
from wirewatch.transport.base import Log, Outgoing
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
            return Stage(name, reads=ENTRIES, work=fetch, writes=(PAGES,), concurrency=1000)
        case "extract":
            workers = await parts.workers()
            work = extracting(parts.config, workers)
            return Stage(name, reads=PAGES, work=work, writes=(ARTICLES,), concurrency=4 * workers.count)
        case "enrich":
            work = enriching(parts.config, parts.paths)
            return Stage(name, reads=ARTICLES, work=work, writes=(TAGGED,), concurrency=8)
        case "relate":
            relate = relating(parts.config, parts.log)
            return Stage(name, TAGGED, relate, (RELATED, STORIES), concurrency=100, reload=relate.reload)
        case "alert":
            judge = alerting(parts)
            writes = (ALERTS, ALERT_STATES)
            return Stage(name, RELATED, judge, writes, concurrency=100, reload=judge.reload, tick=judge.tick)
        case "deliver":
            tell = await delivering(parts)
            return Stage(
                name, ALERTS, tell, (DELIVERIES,), concurrency=100, reload=tell.reload, tick=tell.tick
            )
        case "index":
            return Stage(name, reads=RELATED, work=parts.store(), concurrency=500)
    raise ConfigError(f"stage {name!r}: expected one of {', '.join(STAGES)}")


class Parts:
    """What stages are made of, opened when it is first asked for, and closed with `stack`."""

    def __init__(self, config: Config, paths: Paths, log: Log, stack: AsyncExitStack) -> None:
        self.config = config
        self.paths = paths
        self.log = log
        self._stack = stack
        self._alerts: AlertFile | None = None
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

    def alerts(self) -> AlertFile:
        """The alerts of the moment."""
        if self._alerts is None:
            self._alerts = AlertFile(self.paths.alerts)
        return self._alerts

    async def means(self) -> Means:
        """What alerts are delivered with."""
        post = await self._stack.enter_async_context(open_post(user_agent(self.config)))
        put = self._stack.enter_context(open_alert_index(self.config))
        return Means(self.paths.data, post, _in_thread(put) if put else None)

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
        parts = Parts(config, paths, log, stack)
        stages = [await make_stage(name, parts) for name in STAGES if name in names]
        backlog = Backlog({name: topic.name for name, topic in STAGES.items()}, config.log.backlog)
        source = await make_source(parts, context, backlog) if POLL in names else Idle()
        yield Supervisor(context, source, stages, backlog, _retention(config))


def open_client(config: Config) -> Client:
    """The HTTP client, as configured; an async context manager."""
    return Client(
        user_agent=user_agent(config),
        limits=ClientLimits(
            max_bytes=config.fetch.max_bytes,
            total_timeout=config.fetch.timeout_seconds,
            connections=config.fetch.concurrency + config.poll.concurrency,
        ),
        allowed=[ipaddress.ip_network(network) for network in config.fetch.allow_private],
        ports=config.fetch.allow_ports,
        hosts=config.fetch.hosts,
    )


def user_agent(config: Config) -> str:
    """Who we are to the servers that we ask."""
    contact = f"; +{config.fetch.contact}" if config.fetch.contact else ""
    return f"{PRODUCT}/{importlib.metadata.version('wirewatch')} (news monitor{contact})"


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


def own_names(paths: Paths) -> tuple[GazetteerSource, ...]:
    """The user's own gazetteer, if there is one."""
    if paths.gazetteer is None:
        return ()
    try:
        return ((str(paths.gazetteer), paths.gazetteer.read_bytes()),)
    except OSError as error:
        raise ConfigError(f"entities.gazetteer: {paths.gazetteer}: can't be read: {error}") from error


def enriching(config: Config, paths: Paths) -> Transform:
    """What tags an article, in a thread."""
    gazetteer = default_gazetteer(own_names(paths))
    enricher = Enricher(news_topics(paths), gazetteer, utc_now, recogniser(config.entities.model))

    async def enrich(article: Article) -> list[Enriched]:
        return [await asyncio.to_thread(enricher, article)]

    return enrich


def relating(config: Config, log: Log) -> Relater:
    """What finds the story of an article."""
    keep, most = timedelta(days=config.stories.days), config.stories.articles
    return Relater(keep, most, lambda: remembered(log, STORIES), STORIES, utc_now)


def alerting(parts: Parts) -> Alerter:
    """What says who has to be told of an article."""
    log = parts.log
    begin_alerts(log)
    heard = make_coverage(log, feed_list(parts.config, parts.paths, log), utc_now)
    return Alerter(parts.alerts(), lambda: remembered(log, ALERT_STATES), ALERT_STATES, heard, utc_now)


def begin_alerts(log: Log) -> None:
    """Note when alerts began, if they begin now: what the log already holds then is not news."""
    if any(isinstance(record, Watermark) for record in remembered(log, ALERT_STATES)):
        return
    progress = log.progress("alert", RELATED.name)
    since = utc_now() if progress.done + progress.lag else None
    mark = Watermark(since=since)
    log.produce([Outgoing(ALERT_STATES.name, mark.key, encode(mark))])


async def delivering(parts: Parts) -> Deliverer:
    """What sends alerts to their channels."""
    means = await parts.means()

    def make(channel: Channel) -> Send:
        return sender(channel, means)

    log = parts.log
    return Deliverer(parts.alerts(), make, lambda: remembered(log, DELIVERIES), DELIVERIES, utc_now)


def _in_thread(put: Callable[[str, Mapping[str, Any]], None]) -> PutDocument:
    async def put_document(key: str, document: Mapping[str, Any]) -> None:
        await asyncio.to_thread(put, key, document)

    return put_document


async def make_source(parts: Parts, context: Context, backlog: Backlog) -> SharedPolling:
    """The source of it all: polls this process's share of the feeds of the user's list."""
    config, log = parts.config, context.log
    feeds = feed_list(config, parts.paths, log)
    await until_possible("log", feeds.ensure)
    await until_possible("log", feeds.load)  # a list that can't be read stops the start
    partitions = next(spec.partitions for spec in specs(config) if spec.name == SHARES.name)

    async def make(share: Share, still_ours: Check) -> Source:
        poller = await make_poller(parts, context, backlog, share, still_ours)
        if not config.websub.callback_url:
            return poller
        return PushedPoller(poller, await parts.client(), context, config.websub, share.holds)

    return SharedPolling(lambda: log.consumer(POLL, SHARES.name), partitions, feeds, make)


async def make_poller(
    parts: Parts, context: Context, backlog: Backlog, feeds: Share, still_ours: Check
) -> Poller:
    """What polls some feeds, with what is known of them now."""
    config = parts.config
    client, workers = await parts.client(), await parts.workers()
    states = await until_possible("log", feed_states, context.log)

    async def parse_one(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        return await workers.run(
            config.poll.parse_timeout_seconds, parse_feed, body, content_type, charset, url
        )

    async def parse(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        return await with_parts(await parse_one(body, content_type, charset, url), client.get, parse_one)

    async def publish(entries: Sequence[Entry], state: FeedState) -> None:
        news = [Outgoing(ENTRIES.name, entry.key, encode(entry)) for entry in entries]
        known = Outgoing(FEED_STATES.name, state.url, encode(state))
        await still_ours()
        await asyncio.to_thread(context.log.produce, [*news, known])

    async def ready() -> None:
        while not backlog.has_room(ENTRIES) and not context.stop.is_set():  # noqa: ASYNC110 - room is no event
            await asyncio.sleep(0.1)

    def observe(report: PollReport) -> None:
        context.meters.count("poll", "done" if report.result in ("read", "unchanged") else "failed")
        context.meters.count("poll", "emitted", report.new)

    return Poller(
        feeds=feeds,
        states=states,
        get=client.get,
        parse=parse,
        publish=publish,
        now=utc_now,
        policy=polling_policy(config),
        ready=ready,
        observe=observe,
        at_once=config.poll.concurrency,
        gate=HostGate(config.fetch.gap_seconds),
    )


def polling_policy(config: Config) -> Policy:
    """When feeds are asked, as configured."""
    return Policy(
        pace=config.poll.pace_seconds,
        every=config.poll.every_seconds,
        shortest=config.poll.shortest_seconds,
        quiet=config.poll.quiet_seconds,
        longest=config.poll.longest_seconds,
    )
