"""The stage `relate`: finds the story of each article. It sees all of them, in one order: its topic has a single partition."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from enrich.duplicates import Stories, Told
from stream.messages import Enriched
from stream.stage import Forget, Topic

log_line = structlog.get_logger("enrich.relate")


class Relater:
    """Relates articles to stories, one at a time.

    An old article from a replay is compared only with others like it, and not remembered.

    Args:
        keep: how far back a story reaches.
        most: maximum number of articles compared with a new one.
        remembered: reads recent stories from the log.
        record: the topic that stores them.
        now: the clock.
    """

    def __init__(
        self,
        keep: timedelta,
        most: int,
        remembered: Callable[[], Iterable[Told]],
        record: Topic,
        now: Callable[[], datetime],
    ) -> None:
        self._keep = keep
        self._most = most
        self._remembered = remembered
        self._record = record
        self._now = now
        self._lately = Stories(keep, most)
        self._long_ago = Stories(keep, most)
        self._turn = asyncio.Lock()

    def reload(self) -> None:
        """Read recent stories from the log, because another process may have added some."""
        self._lately = Stories(self._keep, self._most, self._remembered())

    async def __call__(self, enriched: Enriched) -> Sequence[Any]:
        """The article with its story, and the records to store or remove; nothing for an article that was told before, under
        another address."""
        async with self._turn:  # one after the other, in the order of the log
            return await asyncio.to_thread(self._relate, enriched)

    def _relate(self, enriched: Enriched) -> list[Any]:
        article = enriched.article
        is_old = self._now() - article.seen > self._keep
        stories = self._long_ago if is_old else self._lately
        is_known = article.id in stories
        is_stored = is_known or article.version > 0  # an edit is of an article that the archive has
        first = None if is_stored else stories.same(article.id, article.marks, article.seen)
        if first and not (first.hearsay and not article.hearsay):
            log_line.info("known under another address", article=article.id, first=first.key)
            return []
        if first:  # hearsay gives way to what the outlet's own feed brings
            article = msgspec.structs.replace(article, id=first.key, url=first.url)
            enriched = msgspec.structs.replace(enriched, article=article)
            is_known = True
        told, gone = stories.relate(
            article.id,
            f"{article.title}\n{article.text}",
            article.seen,
            url=article.url,
            marks=article.marks,
            hearsay=article.hearsay,
        )
        related = msgspec.structs.replace(enriched, story=told.story)
        if is_old or is_known:
            return [related]
        return [related, told, *(Forget(self._record, key) for key in gone)]
