"""The versions of articles that the archive does not have yet, kept in the log: later readings are compared with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from weakref import WeakValueDictionary

import msgspec
import structlog

from stream.errors import ConfigError, RetryLater
from stream.messages import Article, decode, encode
from stream.stage import Forget, Topic

log_line = structlog.get_logger("ingest.edits.pending")

MOST = 5_000
"""The most versions that are remembered: about 30 MB, if all of them are of long articles."""
LOOKED_FOR = 100
"""The most versions that one tick looks up in the archive."""

Find = Callable[[str], Awaitable[Article | None]]
"""The article with an id, as the archive has it; None if there is none. May raise RetryLater."""


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A version that is on its way to the archive. Durable. `key` names this version only, so no other is forgotten with it."""

    article: Article
    v: int = 1

    @property
    def key(self) -> str:
        """The article's id and the version's number."""
        return f"{self.article.id}@{self.article.version}"


class PendingVersions:
    """Knows the newest version of every article that was read again, even before the archive has it.

    Args:
        archived: looks an article up in the archive.
        remembered: reads the versions from the log.
        record: the topic that stores them.
        keep: how long to wait for a version to reach the archive: no longer than the log keeps it.
        now: the clock.
    """

    def __init__(
        self,
        archived: Find,
        remembered: Callable[[], Iterable[Pending]],
        record: Topic,
        keep: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._archived = archived
        self._remembered = remembered
        self._record = record
        self._keep = keep
        self._now = now
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._versions: dict[str, bytes] = {}  # encoded: a struct takes more
        self._newest: dict[str, str] = {}

    def __len__(self) -> int:
        """How many versions the archive is not known to have."""
        return len(self._versions)

    def reload(self) -> None:
        """Read the versions from the log: another process may have found some. Those found here may not be in it yet."""
        for one in self._remembered():
            if one.key not in self._versions:
                self._put(one)

    def turn(self, name: str) -> asyncio.Lock:
        """A lock that all users of the same name share; they get it in the order in which they asked."""
        return self._turns.setdefault(name, asyncio.Lock())

    async def newest(self, article_id: str) -> Article | None:
        """The newest version of an article; None if there is none."""
        pending = self._known(self._newest.get(article_id, ""))
        archived = await self._archived(article_id)
        if pending is None or (archived and _is_at_least(archived, pending)):
            return archived
        return pending

    def follow(self, article: Article) -> Sequence[Article | Pending | Forget]:
        """A version that was found, and what the log must remember of it."""
        pending = Pending(article=article)
        self._put(pending)
        return [article, pending, *self._too_many()]

    async def tick(self) -> Sequence[Forget]:
        """What the log may forget because the archive has it."""
        arrived = [key for key in list(islice(self._versions, LOOKED_FOR)) if await self._has_arrived(key)]
        return [self._forget(key) for key in arrived]

    async def _has_arrived(self, key: str) -> bool:
        """Whether a version need no longer be remembered. If it must be, it is looked up again after all others."""
        version = self._known(key)
        if version is None:
            return False
        try:
            archived = await self._archived(version.id)
        except (ConfigError, RetryLater):  # what can't be looked up is kept
            return False
        if key not in self._versions or (archived and _is_at_least(archived, version)):
            return True
        if self._now() - version.extracted > self._keep:
            log_line.warning(
                "a version has not reached the archive", article=version.id, version=version.version
            )
            return True
        self._versions.pop(key)
        self._put(Pending(article=version))
        return False

    def _put(self, pending: Pending) -> None:
        article = pending.article
        self._versions[pending.key] = encode(pending)
        known = self._known(self._newest.get(article.id, ""))
        if known is None or article.version >= known.version:
            self._newest[article.id] = pending.key

    def _known(self, key: str) -> Article | None:
        data = self._versions.get(key)
        return decode(data, Pending).article if data else None

    def _forget(self, key: str) -> Forget:
        self._versions.pop(key, None)
        article_id = key.partition("@")[0]
        if self._newest.get(article_id) == key:
            del self._newest[article_id]
        return Forget(self._record, key)

    def _too_many(self) -> list[Forget]:
        surplus = list(islice(self._versions, max(len(self._versions) - MOST, 0)))
        if surplus:
            log_line.warning("the archive is far behind: versions were forgotten", versions=len(surplus))
        return [self._forget(key) for key in surplus]


def _is_at_least(archived: Article, version: Article) -> bool:
    """Whether the archive has this version, as it was read here, or a later one."""
    return (archived.version, archived.extracted) >= (version.version, version.extracted)
