"""How articles are read again: what is watched, when it is due, and what a second reading is compared with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from alerts.state import Fired
from index.store import Store
from ingest.edits.compare import read_again, withdrawn
from ingest.edits.pending import Find, PendingVersions
from ingest.edits.rereader import Rereader
from ingest.page.extract import extract
from stream.clock import utc_now
from stream.errors import Reject
from stream.log.base import Log
from stream.messages import Article, Enriched, Page, Watch
from stream.workers import Workers
from wirewatch.config import Config
from wirewatch.topics import REREADS, VERSIONS, remembered

log_line = structlog.get_logger("wirewatch.edits")

Judge = Callable[[Article | None], Awaitable[Article | None]]
"""What the next version of an article is, given the newest one that is known; None if there is none."""


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


def pending_versions(config: Config, log: Log, find: Find) -> PendingVersions:
    """Returns what knows the newest versions of articles, also of those that the archive does not have yet."""
    keep = timedelta(days=config.log.keep_days)
    return PendingVersions(find, lambda: remembered(log, VERSIONS), VERSIONS, keep, utc_now)


def comparing(
    config: Config, workers: Workers, versions: PendingVersions
) -> Callable[[Page], Awaitable[Sequence[Any]]]:
    """Returns what makes of a page that was read again the article's next version, or nothing if there is none. What is read of
    one page after the other is compared in that order."""
    seconds = config.extract.timeout_seconds

    async def compare(page: Page) -> Sequence[Any]:
        asked = (page.entry.again and page.entry.again.article) or page.key
        async with versions.turn(f"page {asked}"):
            before = await versions.newest(asked)
            if page.withdrawn:
                return await follow(before, partial(withdraw, page)) if before else []
            try:
                after = await workers.run(seconds, extract, with_headline(page, before), utc_now())
            except Reject as error:
                log_line.info("a second reading was left out", kind=error.kind, reason=error.reason)
                return []
            return await follow(before or after, partial(compare_with, after))

    async def follow(article: Article, judge: Judge) -> Sequence[Any]:
        async with versions.turn(f"article {article.id}"):  # its page may be known by two addresses
            later = await judge(await versions.newest(article.id))
            return versions.follow(later) if later else []

    async def withdraw(page: Page, before: Article | None) -> Article | None:
        return withdrawn(before, page) if before else None

    async def compare_with(after: Article, before: Article | None) -> Article | None:
        if before is None:
            return after  # its first reading had failed
        return await workers.run(seconds, read_again, before, after)

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
    """The work of the stage `alert`; the schedule of re-reading hears of what it reports, too."""

    async def judge_and_tell(enriched: Enriched) -> Sequence[Any]:
        results = await judge(enriched)
        watch = watch_of(enriched, told=True) if any(isinstance(one, Fired) for one in results) else None
        return [*results, watch] if watch else results

    return judge_and_tell
