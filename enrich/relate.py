"""The stage `relate`: finds the story of each article. It sees all of them, in one order: its topic has a single partition."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import structlog

from enrich.addresses import Addresses
from enrich.stories.clusterer import Placed, Stories
from enrich.stories.snapshot import Snapshot, SnapshotFile
from enrich.stories.state import Moved, Told, in_their_stories
from stream.messages import Article, Enriched
from stream.stage import Forget, Topic

log_line = structlog.get_logger("enrich.relate")

_LEAD = 1000
"""Code points of a headline and of a summary that are used; without a summary, as many of the text."""


WORTH_SAVING = 50_000
"""Articles that were read or placed since the last snapshot: reading fewer from the log takes a second or two."""


class _Remembered(NamedTuple):
    """The articles that a new one is compared with."""

    stories: Stories
    addresses: Addresses


def _remembering(stories: Stories, addresses: Mapping[str, Any] | None = None) -> _Remembered:
    return _Remembered(stories, Addresses(stories, addresses))


class Written(NamedTuple):
    """What was written to the log since a position in each topic."""

    told: Sequence[Told]
    moves: Sequence[Moved]
    stories_at: Mapping[int, int]
    moves_at: Mapping[int, int]
    is_all: bool
    """The positions were not of this log: it is everything."""


class _Loaded(NamedTuple):
    """The state as the log has it."""

    remembered: _Remembered
    moved: set[str]
    written: Written
    read: int
    """Articles that were read from the log."""


class Relater:
    """Relates articles to stories, one at a time.

    An old article from a replay is compared only with other old ones, and not remembered.

    Args:
        keep: how far back a story reaches.
        most: maximum number of articles compared with a new one.
        remembered: reads recent articles from the log, and which of them went to another story since, each since a position.
        record: the topic that stores the articles.
        moves: the topic that stores those that went to another story.
        now: the clock.
        snapshot: a file with the state, so that a start needs to read less; None: there is none.
    """

    def __init__(
        self,
        keep: timedelta,
        most: int,
        remembered: Callable[[Mapping[int, int], Mapping[int, int]], Written],
        record: Topic,
        moves: Topic,
        now: Callable[[], datetime],
        snapshot: SnapshotFile | None = None,
    ) -> None:
        self._keep = keep
        self._most = most
        self._remembered = remembered
        self._record = record
        self._moves = moves
        self._moved: set[str] = set()
        self._now = now
        self._snapshot = snapshot
        self._placed = 0
        self._lately = _remembering(Stories(keep, most))
        self._long_ago = _remembering(Stories(keep, most))
        self._turn = asyncio.Lock()

    def reload(self) -> None:
        """Read recent stories from the log, because another process may have added some."""
        loaded = self._load()
        self._lately, self._moved = loaded.remembered, loaded.moved
        if self._snapshot and loaded.read >= WORTH_SAVING:
            self._save(loaded)

    async def tick(self) -> Sequence[Any]:
        """Renew the snapshot from time to time. It is made from the log, so it holds nothing that the log doesn't."""
        if self._snapshot and self._placed >= WORTH_SAVING:
            self._placed = 0
            await asyncio.to_thread(self._renew)
        return ()

    def _renew(self) -> None:
        self._save(self._load())

    def _load(self) -> _Loaded:
        """What is remembered: from the snapshot, and from the log since."""
        base = self._snapshot.load() if self._snapshot else None
        written = self._remembered(base.stories_at, base.moves_at) if base else self._remembered({}, {})
        if base and written.is_all:
            log_line.warning("the snapshot of the stories is of another log; reading everything from the log")
            base, written = None, self._remembered({}, {})
        moves = {move.key: move.story for move in written.moves}
        known = in_their_stories(written.told, moves)
        stories = Stories(self._keep, self._most, state=base.stories if base else None)
        stories.follow(moves if base else {})  # first: what came since names stories by what they are now
        stories.take_up(known)
        remembered = _remembering(stories, base.addresses if base else None)
        remembered.addresses.remember(known)
        moved = {*moves, *(base.moved if base else ())}
        return _Loaded(remembered, moved, written, len(written.told))

    def _save(self, loaded: _Loaded) -> None:
        assert self._snapshot  # noqa: S101 - tells the type checker that there is one
        stories, addresses = loaded.remembered
        self._snapshot.save(
            Snapshot(
                origin=self._snapshot.origin,
                stories_at=loaded.written.stories_at,
                moves_at=loaded.written.moves_at,
                stories=stories.state(),
                addresses=addresses.state(),
                moved=sorted(loaded.moved),
            )
        )

    async def __call__(self, enriched: Enriched) -> Sequence[Any]:
        """The article with its story, and the records to store or remove; nothing for an article that is known under another
        address."""
        async with self._turn:  # one at a time, in the order of the log
            return await asyncio.to_thread(self._relate, enriched)

    def _relate(self, enriched: Enriched) -> list[Any]:
        article = enriched.article
        is_old = self._now() - article.seen > self._keep
        known = self._long_ago if is_old else self._lately
        is_stored = (
            article.id in known.stories or article.version > 0
        )  # an edit belongs to an article that the archive has
        first = None if is_stored else known.addresses.same(article.id, article.marks, article.seen)
        if first and not (first.hearsay and not article.hearsay):
            log_line.info("known under another address", article=article.id, first=first.key)
            return []
        if first:  # hearsay gives way to the outlet's own feed
            article = msgspec.structs.replace(article, id=first.key, url=first.url)
            enriched = msgspec.structs.replace(enriched, article=article)
        placed = place(known.stories, article, article.seen, enriched.language)
        related = msgspec.structs.replace(
            enriched, story=placed.story, copy_of=placed.copies, regrouped=placed.regrouped
        )
        if placed.told is None:
            return [related]
        told = msgspec.structs.replace(
            placed.told, url=article.url, marks=article.marks, hearsay=article.hearsay
        )
        self._placed += not is_old
        known.addresses.remember([told])
        return [related] if is_old else [related, *self._moving(placed), told, *self._forgetting(placed.gone)]

    def _moving(self, placed: Placed) -> list[Moved]:
        """The records of what went to another story. They precede that of the article: if it is in the log, so are they."""
        self._moved.update(placed.moved)
        return [Moved(key=key, story=story) for key, story in placed.moved.items()]

    def _forgetting(self, gone: Iterable[str]) -> list[Forget]:
        found = []
        for key in gone:
            found.append(Forget(self._record, key))
            if key in self._moved:
                self._moved.remove(key)
                found.append(Forget(self._moves, key))
        return found


def place(stories: Stories, article: Article, when: datetime, language: str) -> Placed:
    """Place an article among others, and add it to them; `when` is when it counts as seen."""
    lead = (article.summary or article.text)[:_LEAD]
    return stories.place(article.id, article.title[:_LEAD], lead, article.text, when, article.time, language)
