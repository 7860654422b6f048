"""Keeps how many sources were heard in each hour, while a process polls."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from ingest.polling.coverage import share_heard
from ingest.polling.heard import DarkPeriod, HeardHour, dark_periods, hour_of, noted
from stream.clock import utc_now
from stream.errors import WirewatchError
from stream.log.base import Log, LogError, Outgoing
from stream.messages import decode, encode
from wirewatch.config import Config, Paths
from wirewatch.topics import HEARD, POLL, feed_list, feed_states, remembered

SECONDS = 300.0
"""Between two looks."""

log_line = structlog.get_logger("wirewatch.heard_hours")


@asynccontextmanager
async def keep_heard(config: Config, paths: Paths, log: Log, names: Sequence[str]) -> AsyncIterator[None]:
    """Look again and again while the block runs, if this process polls. What can't be written is logged, and stops nothing."""
    if POLL not in names:
        yield
        return
    task = asyncio.create_task(_look_again_and_again(config, paths, log))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _look_again_and_again(config: Config, paths: Paths, log: Log) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        await asyncio.to_thread(look, config, paths, log, utc_now())


def look(config: Config, paths: Paths, log: Log, now: datetime) -> None:
    """Note how many feeds are heard now."""
    try:
        listed = feed_list(config, paths, log)
        feeds = [feed for feed in (listed.load() if listed.exists() else []) if not feed.paused]
        if not feeds:
            return
        states = feed_states(log)
        share = share_heard([states.get(feed.url) for feed in feeds], now)
        hour = noted(_last(log, now), share, now)
        log.produce([Outgoing(HEARD.name, hour.key, encode(hour))])
    except (WirewatchError, LogError) as error:
        log_line.warning("how many sources are heard could not be noted", reason=str(error))


def _last(log: Log, now: datetime) -> HeardHour | None:
    """What is noted of this hour."""
    key = HeardHour(hour=hour_of(now), looks=0, heard=0, sources=0).key
    value = log.latest(HEARD.name).get(key)
    return decode(value, HeardHour) if value else None


def dark(log: Log, now: datetime) -> list[DarkPeriod]:
    """The periods in which too few sources were heard."""
    return dark_periods(remembered(log, HEARD), now)
