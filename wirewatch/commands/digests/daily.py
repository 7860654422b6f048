"""Sends the digests of [digest] once a day, in the process that delivers alerts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from alerts.daily import Covered, covered, last_due
from alerts.periods import clock_time
from alerts.settings import Digest
from results.status import DigestStatus
from stream.clock import utc_now
from stream.errors import ConfigError, WirewatchError
from stream.log.base import LogError
from web.access.person import LOCAL_NAME
from wirewatch.commands.digests.making import make_digest
from wirewatch.commands.digests.record import Record
from wirewatch.commands.digests.sending import channel_of, send
from wirewatch.commands.settings import Settings

LOOK_SECONDS = 20.0
STAGE = "deliver"
"""What a process must run to send digests, too."""
_STOP_SECONDS = 1.5
"""For one that is just being sent when wirewatch is stopped; after that it counts as one that may have arrived."""

log_line = structlog.get_logger("wirewatch.digests")


@asynccontextmanager
async def keep_digests(
    settings: Settings, names: Sequence[str], now: Callable[[], datetime] = utc_now
) -> AsyncIterator[None]:
    """Send what is due while the block runs, if this process delivers alerts and [digest] names a time.

    What can't be sent is tried again, reported by `wirewatch status`, and stops nothing.
    """
    if not settings.config.digest.at or STAGE not in names:
        yield
        return
    _warn(settings)
    stop = asyncio.Event()
    task = asyncio.create_task(_look_again_and_again(settings, stop, now))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait((task,), timeout=_STOP_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def digests_told(settings: Settings) -> list[DigestStatus]:
    """The state of the digests that are set up."""
    wanted = {*_wanted(settings.config.digest)} if settings.config.digest.at else set()
    record = Record(settings.paths.data, utc_now)
    try:
        return [one for one in record.told() if (one.person, one.channel) in wanted]
    finally:
        record.close()


async def _look_again_and_again(settings: Settings, stop: asyncio.Event, now: Callable[[], datetime]) -> None:
    record = Record(settings.paths.data, now)
    try:
        while not stop.is_set():
            for person, channel in _wanted(settings.config.digest):
                await send_due(settings, record, person, channel, now)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
    finally:
        record.close()


async def send_due(
    settings: Settings, record: Record, person: str, channel: str, now: Callable[[], datetime]
) -> None:
    """Send the digest of a person to a channel, if it is due and was not sent yet."""
    config = settings.config.digest
    due = last_due(clock_time(config.at), ZoneInfo(config.zone), now())
    try:
        await asyncio.to_thread(record.begin, person, channel, due)
        before = await asyncio.to_thread(record.wanted, person, channel, due)
        if before is not None:
            await _make_and_send(settings, record, person, channel, covered(due, before))
    except WirewatchError as error:  # the record itself: a full disk
        log_line.warning("digests can't be recorded, so none is sent", reason=str(error))


async def _make_and_send(
    settings: Settings, record: Record, person: str, channel: str, time: Covered
) -> None:
    """Make it, and send it unless another process does."""
    config = settings.config.digest
    try:
        to = await asyncio.to_thread(channel_of, settings, channel)
        made = await asyncio.to_thread(
            make_digest, settings, person, time.since, time.until, config.most, config.topics
        )
    except (WirewatchError, LogError) as error:
        log_line.warning("a digest was not made", person=person, channel=channel, reason=str(error))
        await asyncio.to_thread(record.not_made, person, channel, time.until, str(error))
        return
    if not await asyncio.to_thread(record.claim, person, channel, time.until):
        return
    try:
        await send(settings, channel, to, made)
    except WirewatchError as error:
        log_line.warning("a digest was not sent", person=person, channel=channel, reason=str(error))
        await asyncio.to_thread(record.failed, person, channel, time.until, str(error))
        return
    await asyncio.to_thread(record.sent, person, channel)
    log_line.info("digest sent", person=person, channel=channel, articles=made.articles)


def _wanted(config: Digest) -> Iterator[tuple[str, str]]:
    """Each person and channel."""
    for channel in dict.fromkeys(config.channels):
        yield LOCAL_NAME, channel
    for person, channels in config.people.items():
        for channel in dict.fromkeys(channels):
            yield person.lower(), channel


def _warn(settings: Settings) -> None:
    """Say at once what is set up wrongly: in the morning nobody looks."""
    for _, channel in _wanted(settings.config.digest):
        try:
            channel_of(settings, channel)
        except ConfigError as error:
            log_line.warning("digests can't be sent yet", channel=channel, reason=str(error))
