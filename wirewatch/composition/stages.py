"""The work of each stage of the table, composed from the domains and the configuration."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from alerts.alerter import Alerter
from alerts.channels.definitions import Channel
from alerts.channels.sender import sender
from alerts.deliver import Deliverer, Send
from alerts.state import Watermark
from enrich.in_worker import enrich
from enrich.relate import Relater, Written
from enrich.stories.snapshot import SnapshotFile
from enrich.stories.state import Moved, Told
from ingest.edits.pending import PendingVersions
from ingest.fetching.fetch import PAGE_STATUSES, PAGE_TYPES, make_fetch
from ingest.fetching.politeness import HostGate
from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.fetching.reread import Rereading
from ingest.fetching.robots import Robots
from ingest.http.client import Client
from ingest.http.response import Response
from ingest.page.extract import MAX_BYTES, extract
from ingest.warc.folder import WarcFolder
from stream.clock import utc_now
from stream.errors import Reject, RetryLater
from stream.log.base import Log, Outgoing
from stream.messages import Article, Enriched, Entry, Page, Watch, decode, encode
from stream.meters import Meters
from stream.stage import Transform
from stream.workers import Workers
from wirewatch.composition.edits import comparing, watch_of
from wirewatch.composition.kibana import linking
from wirewatch.composition.resources import PRODUCT, Resources
from wirewatch.composition.source_health import make_coverage, make_source_states
from wirewatch.config import Config, Paths
from wirewatch.topics import (
    ALERT_STATES,
    DELIVERIES,
    ENTRIES,
    RELATED,
    STORIES,
    STORY_MOVES,
    feed_list,
    remembered,
)

BACKFILL_AHEAD = 400
"""Backfill follows while fewer entries wait for the fetch stage. That stage holds 1,000 and takes new ones when half its places
are free, so news finds room at once, and enough entries remain to keep many hosts busy."""


async def pass_on(entry: Entry) -> list[Entry]:
    """Hand an entry on as it is: the stage `backfill` only decides when."""
    return [entry]


def backfill_room(config: Config, log: Log) -> Callable[[], int]:
    """How many old entries may follow, given the fetch stage's backlog: too few to hold up the poller."""
    most = max(min(BACKFILL_AHEAD, config.log.backlog // 2), 1)
    return lambda: most - log.progress("fetch", ENTRIES.name).lag


def fetching(config: Config, client: Client, meters: Meters, warc: WarcFolder | None = None) -> Transform:
    """Returns the function that fetches an entry's page, and counts what came of it. Pages are kept in `warc` as well."""
    get: Callable[..., Awaitable[Response]] = partial(
        client.get, max_bytes=min(config.fetch.max_bytes, MAX_BYTES)
    )
    if warc:
        get = kept_in(warc, get)
    robots = Robots(client.get, PRODUCT) if config.fetch.robots else None
    gate, places = HostGate(config.fetch.gap_seconds), PrioritySemaphore(config.fetch.concurrency)
    share = PrioritySemaphore(max(int(config.fetch.concurrency * config.edits.share), 1))
    first = make_fetch(get, gate, places, robots, utc_now)
    again = Rereading(get, gate, places, share, robots, utc_now)

    async def fetch(entry: Entry) -> Sequence[Page]:
        return await (again(entry) if entry.again else first(entry))

    return counting_fetches(fetch, meters)


def kept_in(warc: WarcFolder, get: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """The same, which writes pages to WARC."""

    async def got(url: str, **options: Any) -> Response:
        response = await get(url, **options)
        if response.status in PAGE_STATUSES and response.content_type in PAGE_TYPES:
            await asyncio.to_thread(warc.keep, response)
        return response

    return got


def counting_fetches(fetch: Callable[[Entry], Awaitable[Sequence[Page]]], meters: Meters) -> Transform:
    """The same, which counts what came of each: `page`, `unchanged`, or the kind of what hindered it (`robots`, `http-403`)."""

    async def counted(entry: Entry) -> Sequence[Page]:
        try:
            pages = await fetch(entry)
        except (Reject, RetryLater) as error:
            meters.tally("fetch", error.kind)
            raise
        meters.tally("fetch", _came(pages))
        return pages

    return counted


def _came(pages: Sequence[Page]) -> str:
    if not pages:
        return "unchanged"
    hindered = pages[0].instead_of or pages[0].withdrawn
    return hindered.partition(":")[0] if hindered else "page"


def extracting(config: Config, workers: Workers, versions: PendingVersions) -> Transform:
    """Returns the function that extracts an article from a page, in a worker process. Of one that was read before, `versions`
    has the article as it is known."""
    compare = comparing(config, workers, versions)

    async def read(page: Page) -> Sequence[Any]:
        if page.entry.again:
            return await compare(page)
        return [await workers.run(config.extract.timeout_seconds, extract, page, utc_now())]

    return read


def enriching(config: Config, workers: Workers) -> Transform:
    """What tags an article, in a worker process that began with what `composition.workers` gives it."""

    async def tag(article: Article) -> list[Enriched | Watch]:
        enriched = await workers.run(config.extract.timeout_seconds, enrich, article)
        watch = watch_of(enriched)
        return [enriched, watch] if watch else [enriched]

    return tag


def relating(config: Config, paths: Paths, log: Log) -> Relater:
    """Returns what finds an article's story."""
    keep, most = timedelta(days=config.stories.days), config.stories.articles

    def written(stories_at: Mapping[int, int], moves_at: Mapping[int, int]) -> Written:
        moves = log.changes(STORY_MOVES.name, moves_at)  # before the articles: none is read without its moves
        told = log.changes(STORIES.name, stories_at)
        return Written(
            [decode(value, Told) for value in told.values.values()],
            [decode(value, Moved) for value in moves.values.values()],
            told.position,
            moves.position,
            told.is_all or moves.is_all,
        )

    snapshot = SnapshotFile(paths.data / "stories.snapshot", origin_of(config, paths))
    return Relater(keep, most, written, STORIES, STORY_MOVES, utc_now, snapshot)


def origin_of(config: Config, paths: Paths) -> str:
    """What tells one log from another."""
    if config.kafka.bootstrap_servers:
        return f"{config.kafka.bootstrap_servers} {config.kafka.prefix}"
    return f"{paths.log.absolute()} {paths.log.stat().st_ino}"


def alerting(resources: Resources) -> Alerter:
    """Returns what decides which alerts an article fires."""
    log = resources.log
    feeds = feed_list(resources.config, resources.paths, log)
    return Alerter(
        resources.alerts(),
        lambda: remembered(log, ALERT_STATES),
        ALERT_STATES,
        make_coverage(log, feeds, utc_now),
        make_source_states(log, feeds),
        linking(resources.config),
        utc_now,
    )


def begin_alerts(log: Log) -> None:
    """Note when alerts began, if they begin now: articles already in the log are not news."""
    if any(isinstance(record, Watermark) for record in remembered(log, ALERT_STATES)):
        return
    progress = log.progress("alert", RELATED.name)
    since = utc_now() if progress.done + progress.lag else None
    mark = Watermark(since=since)
    log.produce([Outgoing(ALERT_STATES.name, mark.key, encode(mark))])


async def delivering(resources: Resources) -> Deliverer:
    """Returns what sends alerts to their channels."""
    means = await resources.means()

    def make(channel: Channel) -> Send:
        return sender(channel, means)

    log = resources.log
    return Deliverer(resources.alerts(), make, lambda: remembered(log, DELIVERIES), DELIVERIES, utc_now)
