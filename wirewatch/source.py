"""Where articles begin: the poller of this process's share of the feeds, put together from the configuration."""

import asyncio
from collections.abc import Sequence

from ingest.feeds import ParsedFeed, parse_feed
from ingest.politeness import HostGate
from ingest.poll import FeedState
from ingest.poller import Poller, PollReport
from ingest.polling.schedule import Policy
from ingest.sitemap_parts import with_parts
from ingest.websub.callback_server import MAX_BYTES
from wirewatch.clock import utc_now
from wirewatch.config import ENVELOPE_BYTES, Config
from wirewatch.errors import ConfigError
from wirewatch.messages import Entry, encode
from wirewatch.parts import Parts
from wirewatch.polling import Check, OwnPoller, Share, SharedPolling
from wirewatch.runner import Context, bury, persist, until_possible
from wirewatch.supervisor import Backlog, Source
from wirewatch.topics import (
    ENTRIES,
    FEED_STATES,
    POLL,
    SHARES,
    feed_list,
    feed_states,
    specs,
)
from wirewatch.transport.base import Outgoing, Record
from wirewatch.websub import Callbacks, ListeningPoller, PushedPoller


async def make_source(parts: Parts, context: Context, backlog: Backlog) -> Source:
    """The source of it all: polls this process's share of the feeds of the user's list."""
    config, log = parts.config, context.log
    feeds = feed_list(config, parts.paths, log)
    await until_possible("log", feeds.ensure)
    if not await until_possible("log", feeds.load):  # one that can't be read stops the start, too
        raise ConfigError(f"{feeds.place}: there are no feeds in it; add one with: wirewatch feeds add URL")

    async def make(share: Share, still_ours: Check) -> OwnPoller:
        poller = await make_poller(parts, context, backlog, share, still_ours)
        if not config.websub.callback_url:
            return ListeningPoller(poller)
        return PushedPoller(poller, await parts.client(), context, config.websub, share.holds)

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

    async def publish(entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        news = [Outgoing(ENTRIES.name, entry.key, encode(entry)) for entry in entries]
        known = [Outgoing(FEED_STATES.name, state.url, encode(state)) for state in states]
        await still_ours()
        await asyncio.to_thread(context.log.produce, [*news, *known])

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
