"""Periods that lie beyond what the archive has: the reader is told, rather than left with an empty list."""

from datetime import datetime

from index.store import Search, Sort, Store
from wirewatch.commands.times import day


def beyond(store: Store, since: datetime | None, asked: str, until: datetime | None = None) -> str:
    """Why nothing can be in a period: the archive is empty, or ends before it, or begins after it; '' if neither.

    Args:
        store: the archive.
        since: when the period begins; None if it has no beginning.
        asked: how the reader wrote it, such as `--since 7d`.
        until: when it ends; None if it has no end.
    """
    newest, oldest = _time(store, "newest"), _time(store, "oldest")
    if newest is None or oldest is None:
        return "The archive is empty."
    if since and newest < since:
        return f"The newest article in the archive was published on {day(newest)}; {asked} begins on {day(since)}."
    if until and oldest >= until:
        return (
            f"The oldest article in the archive was published on {day(oldest)}; {asked} ends on {day(until)}."
        )
    return ""


def _time(store: Store, sort: Sort) -> datetime | None:
    """The position in time of the newest or oldest article."""
    hits = store.search(Search(sort=sort, limit=1)).hits
    article = hits[0].document.enriched.article if hits else None
    return article.time if article else None
