"""The date of an item: the first of those written in a feed that can be read and is plausible."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ingest.dates.moments import read_moment

_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)  # earlier dates come from a zero in a database


def read_date(candidates: Iterable[str], latest: datetime) -> datetime | None:
    """The first of the written dates that can be read and is plausible, in UTC; a missing or unknown zone means UTC."""
    for text in candidates:
        moment = read_moment(text)
        when = moment.in_utc() if moment else None
        if when and _EARLIEST <= when <= latest:
            return when
    return None
