"""Deletes old articles from the embedded archive, and measures how log and archive grow, while a process writes the archive."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from index.embedded.retention import Expiry
from index.embedded.settings import Archive
from index.embedded.store import EmbeddedStore
from results.status import Storage
from stream import files
from stream.clock import utc_now
from stream.errors import ConfigError, WirewatchError
from web.desk.desk import Desk
from wirewatch.composition.resources import Resources
from wirewatch.config import Config, Paths
from wirewatch.lists.topics import news_topics
from wirewatch.process.disk import Measured, full_at, growth, noted, size

SECONDS = 3600.0
"""Between two looks."""
NAME = "sizes.json"
"""The file of past measurements, in the data folder."""

log_line = structlog.get_logger("wirewatch.archive_upkeep")


@asynccontextmanager
async def keep_archive(resources: Resources, names: Sequence[str]) -> AsyncIterator[None]:
    """Delete and measure every hour while the block runs, if this process writes the embedded archive. What hinders it is
    logged, and stops nothing."""
    if "index" not in names or resources.config.elasticsearch.hosts:
        yield
        return
    over = asyncio.Event()
    task = asyncio.create_task(_again_and_again(resources, over))
    try:
        yield
    finally:
        over.set()
        await task


async def _again_and_again(resources: Resources, over: asyncio.Event) -> None:
    config, paths, store = resources.config, resources.paths, resources.store()
    while isinstance(store, EmbeddedStore) and not over.is_set():
        await asyncio.to_thread(expire, config.archive, paths, store, over.is_set)
        await asyncio.to_thread(measure, paths, utc_now())
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), SECONDS)


def expire(settings: Archive, paths: Paths, store: EmbeddedStore, stopped: Callable[[], bool]) -> None:
    """Delete the articles that are too old and that nobody keeps."""
    if not settings.keep_days:
        return
    try:
        before = utc_now() - timedelta(days=settings.keep_days)
        _check_topics(settings, paths)
        with closing(Desk(paths.data, utc_now)) as desk:
            gone = store.expire(Expiry(before, settings.keep_topics, desk.kept()), stopped)
        if gone:
            log_line.info("old articles deleted", articles=gone, first_seen_before=before.isoformat())
    except WirewatchError as error:
        log_line.error("old articles could not be deleted", reason=str(error))


def _check_topics(settings: Archive, paths: Paths) -> None:
    """Raises ConfigError for a topic that does not exist: a typo must not delete what was to be kept."""
    known = {topic.id for topic in news_topics(paths)}
    if missing := [topic for topic in settings.keep_topics if topic not in known]:
        raise ConfigError(
            f"archive.keep_topics: there is no topic {missing[0]!r}; until that is fixed, nothing is deleted"
        )


def measure(paths: Paths, now: datetime) -> None:
    """Note what log and archive take now."""
    measured = Measured(now, sum(sizes(paths)))
    with suppress(OSError):  # a full disk is reported elsewhere
        files.replace(paths.data / NAME, msgspec.json.encode(noted(_past(paths), measured)), 0o600)


def storage(config: Config, paths: Paths, now: datetime) -> Storage | None:
    """What log and archive take, and when the disk is full; None if both are elsewhere."""
    if config.kafka.bootstrap_servers and config.elasticsearch.hosts:
        return None
    log, archive, index = sizes(paths)
    free = shutil.disk_usage(paths.data).free
    a_day = growth(_past(paths), Measured(now, log + archive + index))
    return Storage(log, archive, index, free, config.archive.keep_days, a_day, full_at(free, a_day, now))


def sizes(paths: Paths) -> tuple[int, int, int]:
    """The bytes of the log, of the articles and of their search index."""
    index = size(paths.index / "search")
    return _database(paths.log), size(paths.index) - index, index


def _database(path: Path) -> int:
    return sum(size(path.with_name(path.name + part)) for part in ("", "-wal", "-shm"))


def _past(paths: Paths) -> list[Measured]:
    """The measurements that were kept; none if there are none that can be read."""
    try:
        return msgspec.json.decode((paths.data / NAME).read_bytes(), type=list[Measured])
    except (OSError, msgspec.DecodeError):
        return []
