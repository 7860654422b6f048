"""Where articles begin: the poller of this process's share of the feeds, put together from the configuration."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ingest.fetching.politeness import HostGate
from ingest.formats.feeds import ParsedFeed, parse_feed
from ingest.formats.sitemap_parts import Parse
from ingest.http.accept import for_feeds
from ingest.polling.feed_poller import FeedPoller
from ingest.polling.feed_reader import FeedReader
from ingest.polling.feed_state import FeedState
from ingest.polling.group_commit import Publish
from ingest.polling.known_feeds import KnownFeeds
from ingest.polling.poller import Poller, Room
from ingest.polling.report import PollReport
from ingest.polling.schedule import Policy
from ingest.websub.callback_server import MAX_BYTES
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.log.base import Log, Outgoing, Record
from stream.messages import Entry, article_id, encode
from stream.meters import Meters
from stream.persist import Context, bury, persist, until_possible
from stream.stage import Topic
from stream.supervisor import Backlog, Source
from stream.trace import trace_of
from stream.workers import Workers
from wirewatch.composition.resources import Resources
from wirewatch.composition.shared_polling import Check, OwnPoller, Share, SharedPolling
from wirewatch.composition.websub import Callbacks, ListeningPoller, PushedPoller
from wirewatch.config import ENVELOPE_BYTES, Config
from wirewatch.topics import (
    BACKFILL,
    ENTRIES,
    FEED_STATES,
    POLL,
    SHARES,
    feed_list,
    feed_states,
    specs,
)


async def make_source(resources: Resources, context: Context, backlog: Backlog) -> Source:
    """The source of the pipeline: polls this process's share of the feed list."""
    config, log = resources.config, context.log
    feeds = feed_list(config, resources.paths, log)
    await until_possible("log", feeds.ensure)
    if not await until_possible("log", feeds.load):  # one that can't be read stops the start, too
        raise ConfigError(f"{feeds.place}: the feed list is empty; add a feed with: wirewatch feeds add URL")

    async def make(share: Share, still_ours: Check) -> OwnPoller:
        poller = await make_poller(resources, context, backlog, share, still_ours)
        if not config.websub.callback_url:
            return ListeningPoller(poller)
        return PushedPoller(poller, await resources.client(), context, config.websub, share.holds)

    async def put_aside(message: Record, error: Exception) -> None:
        await persist(context, (), [bury(POLL, context, message, error)])

    polling = SharedPolling(
        join=lambda: log.consumer(POLL, SHARES.name),
        partitions=next(spec.partitions for spec in specs(config) if spec.name == SHARES.name),
        feeds=feeds,
        make=make,
        put_aside=put_aside,
        has_room=lambda: backlog.has_room(ENTRIES),
    )
    if not config.websub.callback_url:
        return polling
    # A message must also fit onto the shelf of retries, with what is said of it there.
    max_bytes = min(MAX_BYTES, config.kafka.max_message_bytes - ENVELOPE_BYTES)
    return Callbacks(polling, context, config.websub, max_bytes=max_bytes, keep_bytes=config.log.keep_bytes)


async def make_poller(
    resources: Resources, context: Context, backlog: Backlog, feeds: Share, still_ours: Check
) -> Poller:
    """A poller for some feeds, with their state as of now."""
    config, client = resources.config, await resources.client()
    parse = _parsing(config, await resources.workers())
    one = FeedPoller(
        KnownFeeds(await until_possible("log", feed_states, context.log)),
        FeedReader(
            for_feeds(client.get), parse, HostGate(config.fetch.gap_seconds), config.poll.concurrency, utc_now
        ),
        publishing(context.log, still_ours, rereads=config.edits.from_feeds),
        _counting(context.meters),
        polling_policy(config),
        utc_now,
    )
    room = Room(_readiness(context, backlog), may_begin=lambda: backlog.has_room(BACKFILL))
    return Poller(feeds, one, utc_now, room)


def _parsing(config: Config, workers: Workers) -> Parse:
    """Returns the function that parses a feed in a worker process."""

    async def parse(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        seconds = config.poll.parse_timeout_seconds
        return await workers.run(seconds, parse_feed, body, content_type, charset, url)

    return parse


def publishing(log: Log, still_ours: Check, *, rereads: bool = True) -> Publish:
    """Returns the function that writes new entries with the state of their feeds, provided the feeds are still ours. Entries of
    items that were changed are written if `rereads`."""

    async def publish(entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        found = [
            Outgoing(topic_of(entry).name, entry.key, encode(entry), trace=trace_of(article_id(entry.url)))
            for entry in entries
            if rereads or not entry.again
        ]
        known = [Outgoing(FEED_STATES.name, state.url, encode(state)) for state in states]
        await still_ours()
        await asyncio.to_thread(log.produce, [*found, *known])

    return publish


def topic_of(entry: Entry) -> Topic:
    """The topic in which an entry starts."""
    return BACKFILL if entry.backfill else ENTRIES


def _readiness(context: Context, backlog: Backlog) -> Callable[[], Awaitable[None]]:
    """Returns a wait for the fetch stage to catch up. Backfill holds up no news: see the stage `backfill`."""

    async def ready() -> None:
        while not backlog.has_room(ENTRIES) and not context.stop.is_set():  # noqa: ASYNC110 - room is no event
            await asyncio.sleep(0.1)

    return ready


def _counting(meters: Meters) -> Callable[[PollReport], None]:
    """Returns the observer that counts polls and the entries they found."""

    def observe(report: PollReport) -> None:
        if report.result in ("read", "unchanged"):
            meters.succeeded(POLL)
        else:
            meters.failed(POLL, report.kind, report.reason)
            meters.tally("poll-failed", report.kind)
        meters.tally("poll", report.result)
        meters.observe("poll", report.seconds)
        meters.count(POLL, "emitted", report.new)

    return observe


def polling_policy(config: Config) -> Policy:
    """The polling schedule, as configured."""
    return Policy(
        pace=config.poll.pace_seconds,
        every=config.poll.every_seconds,
        shortest=config.poll.shortest_seconds,
        quiet=config.poll.quiet_seconds,
        longest=config.poll.longest_seconds,
    )
