"""The hours, days, weeks and months of a period in a reader's calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Literal

Unit = Literal["hour", "day", "week", "month"]

MOST_EDGES = 1_000
"""More rows than anyone reads; no search counts more."""


def edges(since: datetime, until: datetime, unit: Unit, zone: tzinfo | None = None) -> tuple[datetime, ...]:
    """The beginnings of all units from the one that holds `since`, and the end of the one that holds the last instant.

    A day on which the clocks change has 23 or 25 hours. Weeks begin on Monday (ISO 8601).

    Args:
        since: aware; inclusive.
        until: aware, after `since`; exclusive.
        unit: the length of each.
        zone: whose calendar; None for the machine's.

    Raises:
        ValueError: there would be more than MOST_EDGES.
    """
    found = list(islice(_edges(since, until, unit, zone), MOST_EDGES + 1))
    if len(found) > MOST_EDGES:
        raise ValueError(
            f"more than {MOST_EDGES - 1:,} {unit}s lie between {since:%Y-%m-%d} and {until:%Y-%m-%d}"
        )
    return tuple(found)


def unit_for(period: timedelta) -> Unit:
    """The unit that divides a period into some ten to hundred bars."""
    if period <= timedelta(days=3):
        return "hour"
    if period <= timedelta(days=120):
        return "day"
    return "week" if period <= timedelta(days=800) else "month"


def _edges(since: datetime, until: datetime, unit: Unit, zone: tzinfo | None) -> Iterator[datetime]:
    if unit == "hour":
        edge = _floor(since.astimezone(zone), unit).astimezone(UTC)
        while edge < until:
            yield edge
            edge += timedelta(hours=1)
        yield edge
        return
    wall = _floor(since.astimezone(zone), unit).replace(tzinfo=None)
    while (edge := _in_zone(wall, zone)) < until:
        yield edge
        wall = _next(wall, unit)
    yield edge


def _floor(moment: datetime, unit: Unit) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if unit == "hour":
        return hour
    day = hour.replace(hour=0)
    if unit == "day":
        return day
    return day - timedelta(days=day.weekday()) if unit == "week" else day.replace(day=1)


def _next(wall: datetime, unit: Unit) -> datetime:
    if unit == "month":
        return (wall + timedelta(days=31)).replace(day=1)
    return wall + timedelta(days=1 if unit == "day" else 7)


def _in_zone(wall: datetime, zone: tzinfo | None) -> datetime:
    """A time in the calendar as an instant."""
    return (wall.replace(tzinfo=zone) if zone else wall.astimezone()).astimezone(UTC)
