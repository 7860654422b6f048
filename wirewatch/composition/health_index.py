"""Writes the indices of sources and failures for Kibana, where the archive is in Elasticsearch."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime
from typing import Any

import msgspec
import structlog

from index.elasticsearch.settings import Elasticsearch
from ingest.polling.coverage import health
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from kibana.health import CHECKED, QUARANTINE, SOURCES
from stream.clock import utc_now
from stream.display import one_line, without_secrets
from stream.errors import WirewatchError
from stream.log.base import Log
from wirewatch.composition.kibana import kibana_names
from wirewatch.config import Config, Paths
from wirewatch.topics import POLL, feed_list, feed_states

log_line = structlog.get_logger("wirewatch.health_index")

SECONDS = 60.0
"""Between two snapshots."""
_LONGEST = 1000
"""Code points of a text in a document."""

Documents = dict[str, dict[str, Any]]
"""By key."""


class Failures(msgspec.Struct, frozen=True):
    """Messages that failed in the same way; `shelf` is `quarantine` or `retries`."""

    shelf: str
    stage: str
    kind: str
    messages: int
    example: str


@asynccontextmanager
async def keep_sources(config: Config, paths: Paths, log: Log, names: Sequence[str]) -> AsyncIterator[None]:
    """Write a snapshot of the sources every minute while the block runs, or one at its end if it is over sooner.

    Only a process that polls does so. A snapshot that can't be written is logged, and stops nothing.
    """
    if not config.elasticsearch.hosts or POLL not in names:
        yield
        return
    written = asyncio.Event()
    task = asyncio.create_task(_write_again_and_again(config, paths, log, written))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not written.is_set():
            await asyncio.to_thread(write_sources, config, paths, log)


async def _write_again_and_again(config: Config, paths: Paths, log: Log, written: asyncio.Event) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        written.set()
        await asyncio.to_thread(write_sources, config, paths, log)


def write_sources(config: Config, paths: Paths, log: Log) -> None:
    """Write a snapshot of the sources; what hinders that is logged."""
    now = utc_now()
    try:
        listed = feed_list(config, paths, log)
        documents = source_documents(listed.load() if listed.exists() else [], feed_states(log), now)
        _put(config.elasticsearch, kibana_names(config).sources, SOURCES, documents, now)
    except WirewatchError as error:
        log_line.warning("the state of the sources could not be written for Kibana", reason=str(error))


def write_failures(config: Config, failures: Sequence[Failures]) -> None:
    """Write a snapshot of what failed; raises WirewatchError.

    `wirewatch status` does that, not the pipeline: to count what is in the quarantine all of it must be read.
    """
    now = utc_now()
    documents = failure_documents(failures, now)
    _put(config.elasticsearch, kibana_names(config).quarantine, QUARANTINE, documents, now)


def _put(
    settings: Elasticsearch, index: str, mapping: Mapping[str, Any], documents: Documents, now: datetime
) -> None:
    from index.elasticsearch.notes import Notes  # noqa: PLC0415 - its client is slow to import, and may not be needed

    with closing(Notes(settings, index, mapping)) as notes:
        notes.put_all(documents, CHECKED, msgspec.to_builtins(now))


def source_documents(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> Documents:
    """How each source does, with the fields of `SOURCES`."""
    return {
        _key(feed.url): {CHECKED: msgspec.to_builtins(now), **_source(feed, states.get(feed.url), now)}
        for feed in feeds
    }


def _source(feed: Feed, state: FeedState | None, now: datetime) -> dict[str, Any]:
    known = health(state, now)
    return {
        "url": without_secrets(feed.url),
        "name": _text(feed.title or feed.url),
        "folder": _text(feed.folder),
        "status": "paused" if feed.paused else known.status,
        "since": msgspec.to_builtins(known.since),
        "reason": "someone paused it" if feed.paused else _text(known.reason),
        "last_item": msgspec.to_builtins(known.last_item),
        "per_day": round(known.per_day, 2),
    }


def failure_documents(failures: Sequence[Failures], now: datetime) -> Documents:
    """How many messages failed in which way, with the fields of `QUARANTINE`."""
    return {
        _key("|".join((one.shelf, one.stage, one.kind))): {
            CHECKED: msgspec.to_builtins(now),
            "shelf": one.shelf,
            "stage": one.stage,
            "kind": _text(one.kind),
            "messages": one.messages,
            "example": _text((one.example.strip().splitlines() or [""])[-1]),
        }
        for one in failures
    }


def _key(name: str) -> str:
    """A key for a name of any length."""
    return hashlib.blake2b(name.encode(errors="replace"), digest_size=16).hexdigest()


def _text(text: str) -> str:
    return one_line(without_secrets(text), _LONGEST)
