"""How many articles each topic has of late."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from index.counts import Count, Stretch
from index.intervals import edges
from index.periods import latest
from index.store import Search, Store
from web.bars import Bars, bars

PERIOD = timedelta(days=30)
_MOST = 1_000
_SPARK = (112.0, 24.0)


class Tagged(msgspec.Struct, frozen=True):
    """The articles of the topics in a period.

    Attributes:
        since, until: the period, which ends now, or with the newest article of an archive that gets none any more.
        articles: of all topics together.
        by: of each topic, by its id.
        sparks: the same day by day, as charts.
    """

    since: datetime
    until: datetime
    articles: int
    by: Mapping[str, int]
    sparks: Mapping[str, Bars]


def tagged(store: Store, now: datetime) -> Tagged:
    """What the topics have of late, as the articles are tagged in the archive."""
    until = latest(store, now, PERIOD)
    since = until - PERIOD
    count = Count(
        by=("topic",), most=_MOST, edges=edges(since, until, "day"), stacked_by="topic", with_stories=False
    )
    found = store.counts(Search(since=since, until=until), count)
    by = {tally.value: tally.articles for tally in found.by["topic"]}
    sparks = {topic: _spark(topic, found.stretches) for topic in by}
    return Tagged(since, until, found.articles, by, sparks)


def _spark(topic: str, stretches: tuple[Stretch, ...]) -> Bars:
    counts = [
        (stretch, next((tally.articles for tally in stretch.values if tally.value == topic), 0))
        for stretch in stretches
    ]
    return bars(
        [(f"{one.since.astimezone():%d %b}: {number:,}", (number,)) for one, number in counts], *_SPARK
    )
