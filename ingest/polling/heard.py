"""How many sources were heard in each hour, so that a gap in the news can be told from a gap in the listening. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ingest.polling.coverage import Share

HOUR = timedelta(hours=1)
DARK = 0.5
"""An hour in which a smaller part of the sources was heard is dark."""


class HeardHour(msgspec.Struct, frozen=True, kw_only=True):
    """What several looks at all sources found in an hour. If there was no look in an hour, nobody polled in it."""

    hour: datetime
    """Its beginning, UTC."""
    looks: int
    heard: int
    """Sources that were heard, summed over the looks, as are `sources`."""
    sources: int
    v: int = 1

    @property
    def key(self) -> str:
        """One per hour."""
        return f"{self.hour:%Y-%m-%dT%H}"

    @property
    def is_dark(self) -> bool:
        """Whether too few sources were heard for its silence to mean anything."""
        return self.sources > 0 and self.heard / self.sources < DARK


class DarkPeriod(msgspec.Struct, frozen=True):
    """A stretch of dark hours; `heard` and `sources` are means, 0 if nobody polled."""

    since: datetime
    until: datetime
    heard: int
    sources: int


def hour_of(time: datetime) -> datetime:
    """The beginning of its hour, UTC."""
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def noted(before: HeardHour | None, share: Share, now: datetime) -> HeardHour:
    """The hour of `now` with one more look; `before` is the last one that was noted."""
    hour = hour_of(now)
    if before is None or before.hour != hour:
        before = HeardHour(hour=hour, looks=0, heard=0, sources=0)
    return HeardHour(
        hour=hour,
        looks=before.looks + 1,
        heard=before.heard + share.heard,
        sources=before.sources + share.sources,
    )


def dark_periods(hours: Iterable[HeardHour], now: datetime) -> list[DarkPeriod]:
    """The stretches of dark hours between the first known hour and now; nothing is said about the time before."""
    known = {one.hour: one for one in hours}
    if not known:
        return []
    periods: list[DarkPeriod] = []
    run: list[HeardHour] = []
    for one in _each(known, min(known), hour_of(now)):
        if run and ((not one.is_dark and one.looks) or (one.looks > 0) != (run[-1].looks > 0)):
            periods.append(_period(run))
            run = []
        if one.is_dark or not one.looks:
            run.append(one)
    return [*periods, _period(run)] if run else periods


def _each(known: dict[datetime, HeardHour], first: datetime, last: datetime) -> Iterator[HeardHour]:
    """Every hour; the current one only if there was a look in it."""
    hour = first
    while hour <= last:
        if hour < last or hour in known:
            yield known.get(hour) or HeardHour(hour=hour, looks=0, heard=0, sources=0)
        hour += HOUR


def _period(run: Sequence[HeardHour]) -> DarkPeriod:
    looks = sum(one.looks for one in run) or 1
    heard, sources = (
        round(sum(some) / looks) for some in zip(*((one.heard, one.sources) for one in run), strict=True)
    )
    return DarkPeriod(run[0].hour, run[-1].hour + HOUR, heard, sources)
