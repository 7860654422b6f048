"""Periods beyond what the archive has: the reader is told why a list is empty."""

from datetime import datetime

from index.periods import end_of
from index.store import Search, Store
from wirewatch.commands.times import day


def beyond(store: Store, since: datetime | None, asked: str, until: datetime | None = None) -> str:
    """Why nothing can be in a period: the archive is empty, or ends before it, or begins after it; '' if neither.

    Args:
        store: the archive.
        since: when the period begins; None if it has no beginning.
        asked: how the reader wrote it, such as `--since 7d`.
        until: when it ends; None if it has no end.
    """
    newest, oldest = end_of(store, Search(), "newest"), end_of(store, Search(), "oldest")
    if newest is None or oldest is None:
        return "The archive is empty."
    if since and newest < since:
        return f"The newest article in the archive was published on {day(newest)}; {asked} begins on {day(since)}."
    if until and oldest >= until:
        return (
            f"The oldest article in the archive was published on {day(oldest)}; {asked} ends on {day(until)}."
        )
    return ""
