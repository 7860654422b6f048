"""Times how late news is, from its publication and from its first sight, until it can be found and until an alert arrived."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from alerts.message import Alert
from stream.errors import Reject
from stream.messages import Enriched
from stream.meters import Meters
from stream.stage import Sink, Transform


class _Began(NamedTuple):
    """When an article was first seen, and when it was published, if that is known to the second."""

    article: str
    seen: datetime
    published: datetime | None


class TimedArchive:
    """The archive as a sink that times each article it makes findable.

    What is not news is left out: backfill, and articles that were read again.

    Args:
        archive: the sink behind it.
        meters: where durations are counted.
        now: the clock.
    """

    def __init__(self, archive: Sink, meters: Meters, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._meters = meters
        self._now = now
        self._added: list[_Began] = []

    def add(self, message: Enriched) -> None:
        """See Sink."""
        self._archive.add(message)
        article = message.article
        if not (article.backfill or article.version):
            exact = article.published_precision == "second" and article.published_doubt is None
            self._added.append(_Began(article.id, article.seen, article.published if exact else None))

    def flush(self) -> Mapping[str, Reject]:
        """See Sink."""
        refused = self._archive.flush()
        now = self._now()
        for one in self._added:
            if one.article not in refused:
                self._meters.observe("seen-indexed", (now - one.seen).total_seconds())
                if one.published:
                    self._meters.observe("published-indexed", (now - one.published).total_seconds())
        self._added.clear()
        return refused


def timed_delivery(deliver: Transform, meters: Meters, now: Callable[[], datetime]) -> Transform:
    """What delivers an alert, timed where the alert reports a single new article at once."""

    async def timed(alert: Alert) -> Sequence[Any]:
        results = await deliver(alert)
        first = alert.mentions[0]
        if results and len(alert.mentions) == 1 and first.article and not first.edit:
            told = now()
            meters.observe("seen-alerted", (told - first.seen).total_seconds())
            if first.published and _is_moment(first.published):
                meters.observe("published-alerted", (told - first.published).total_seconds())
        return results

    return timed


def _is_moment(published: datetime) -> bool:
    """Whether a date is more than a day: an alert doesn't say how exact it is, and a day is given as its midnight."""
    return bool(published.hour or published.minute or published.second)
