"""The period that a search's articles cover, and its division by the calendar."""

from datetime import datetime, timedelta

import msgspec

from index.intervals import Unit, edges
from index.store import Search, Sort, Store

_INSTANT = timedelta(microseconds=1)


def period(store: Store, search: Search) -> tuple[datetime, datetime] | None:
    """From `since`, or else the first article found, to just after the last; None if there is none."""
    found = store.period(search)
    return (search.since or found[0], found[1] + _INSTANT) if found else None


def over_time(store: Store, search: Search, unit: Unit) -> tuple[datetime, ...]:
    """The edges of all units in that period; raises ValueError if there are too many."""
    found = period(store, search)
    return edges(*found, unit) if found else ()


def latest(store: Store, now: datetime, within: timedelta) -> datetime:
    """The moment that "of late" is counted back from.

    It is now or, where the archive has nothing of the time `within` before that, just after its newest article.
    """
    newest = end_of(store, Search(), "newest")
    return newest + timedelta(seconds=1) if newest and newest < now - within else now


def end_of(store: Store, search: Search, sort: Sort) -> datetime | None:
    """The time of the newest or the oldest article found; None if there is none."""
    hits = store.search(msgspec.structs.replace(search, sort=sort, limit=1, offset=0)).hits
    return hits[0].document.enriched.article.time if hits else None
