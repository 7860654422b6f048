"""The calendar that the articles of a search lie in."""

from datetime import datetime, timedelta

import msgspec

from index.intervals import Unit, edges
from index.store import Search, Sort, Store
from web.errors import BadRequest

_INSTANT = timedelta(microseconds=1)


def period(store: Store, search: Search) -> tuple[datetime, datetime] | None:
    """From `since`, or the first article found, to just after the last; None where there is none."""
    oldest, newest = _end(store, search, "oldest"), _end(store, search, "newest")
    if oldest is None or newest is None:
        return None
    return search.since or oldest, newest + _INSTANT


def over_time(store: Store, search: Search, unit: Unit) -> tuple[datetime, ...]:
    """The edges of all units in that period; raises BadRequest if they are too many."""
    found = period(store, search)
    try:
        return edges(*found, unit) if found else ()
    except ValueError as error:
        raise BadRequest("over", f"over: {error}: give since, or a longer unit") from None


def _end(store: Store, search: Search, sort: Sort) -> datetime | None:
    hits = store.search(msgspec.structs.replace(search, sort=sort, limit=1, offset=0)).hits
    return hits[0].document.enriched.article.time if hits else None
