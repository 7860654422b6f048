"""How articles are read again: what is watched, when it is due, and what a second reading is held against."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog

from alerts.state import Fired
from index.store import Store
from ingest.edits.compare import read_again, withdrawn
from ingest.edits.rereader import Rereader
from ingest.page.extract import extract
from stream.clock import utc_now
from stream.errors import Reject
from stream.log.base import Log
from stream.messages import Article, Enriched, Page, Watch
from stream.workers import Workers
from wirewatch.config import Config
from wirewatch.topics import REREADS, remembered

log_line = structlog.get_logger("wirewatch.edits")

Find = Callable[[str], Awaitable[Article | None]]
"""The article of an id, as the archive has it; None if there is none."""


def rereading(config: Config, log: Log, room: Callable[[], int]) -> Rereader:
    """Returns what plans when articles are read again."""
    return Rereader(config.edits, lambda: remembered(log, REREADS), REREADS, room, utc_now)


def finding(store: Callable[[], Store]) -> Find:
    """Returns what looks an article up in the archive, in a thread."""

    def find(article_id: str) -> Article | None:
        document = store().get(article_id)
        return document.enriched.article if document else None

    async def look_up(article_id: str) -> Article | None:
        return await asyncio.to_thread(find, article_id)

    return look_up


def comparing(config: Config, workers: Workers, find: Find) -> Callable[[Page], Awaitable[list[Article]]]:
    """Returns what makes of a page that was read again the article's next version, or nothing if there is none."""
    seconds = config.extract.timeout_seconds

    async def compare(page: Page) -> list[Article]:
        before = await find(page.entry.again.article or page.key if page.entry.again else page.key)
        if page.withdrawn:
            gone = withdrawn(before, page) if before else None
            return [gone] if gone else []
        try:
            after = await workers.run(seconds, extract, with_headline(page, before), utc_now())
        except Reject as error:
            log_line.info("a second reading was left out", kind=error.kind, reason=error.reason)
            return []
        before = before or await find(after.id)
        if before is None:
            return [after]  # its first reading had failed
        later = await workers.run(seconds, read_again, before, after)
        return [later] if later else []

    return compare


def with_headline(page: Page, before: Article | None) -> Page:
    """The page as it was read first: with the feed's headline, if that became the article's and nobody has a newer one."""
    if before is None or before.title_from != "feed" or page.entry.title:
        return page
    return msgspec.structs.replace(page, entry=msgspec.structs.replace(page.entry, title=before.title))


def watch_of(enriched: Enriched, *, told: bool = False) -> Watch | None:
    """What is to be known of an article to read it again; None if it has no page, or no place in time that tells when."""
    article = enriched.article
    since = article.published if article.backfill else article.seen
    if article.instead_of or article.quotes or since is None:
        return None
    return Watch(
        id=article.id,
        url=article.url,
        feed=article.feed,
        source=article.source,
        hearsay=article.hearsay,
        since=since,
        etag=article.etag,
        last_modified=article.last_modified,
        version=article.version,
        wanted="alert" if told else "topic" if enriched.topics else "",
    )


def watched_when_told(
    judge: Callable[[Enriched], Awaitable[Sequence[Any]]],
) -> Callable[[Enriched], Awaitable[Sequence[Any]]]:
    """The work of the stage `alert`; of what it tells, the schedule of re-reading hears as well."""

    async def judge_and_tell(enriched: Enriched) -> Sequence[Any]:
        results = await judge(enriched)
        watch = watch_of(enriched, told=True) if any(isinstance(one, Fired) for one in results) else None
        return [*results, watch] if watch else results

    return judge_and_tell
