"""The bars of articles over time: where each stands, and where it leads."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

import msgspec

from index.counts import Stretch
from index.intervals import Unit
from stream.words import plural
from web.events.services import Dark
from web.search.asked import Asked

WIDTH, HEIGHT = 960.0, 120.0
COLOURS = 6
"""Values of the stack that have a colour of their own; the others share the last."""
_GAP = 0.15  # of a bar's place


class Segment(msgspec.Struct, frozen=True):
    """A part of a bar; the unit is that of the picture, from its top left corner."""

    y: float
    height: float
    colour: int


class Bar(msgspec.Struct, frozen=True):
    """The articles of a stretch of time.

    Attributes:
        x: its left edge, `width` wide.
        segments: from the bottom up.
        label: the time and the number, in words.
        href: the view of that stretch alone.
    """

    x: float
    width: float
    segments: tuple[Segment, ...]
    label: str
    href: str


class Gap(msgspec.Struct, frozen=True):
    """A time in which too few sources were heard, from its left edge on."""

    x: float
    width: float
    label: str


class Chart(msgspec.Struct, frozen=True):
    """All bars; `legend` has the values of the stack by colour, `top` the number of the highest bar."""

    bars: tuple[Bar, ...]
    gaps: tuple[Gap, ...]
    legend: tuple[str, ...]
    top: int
    first: datetime
    last: datetime


def chart(
    stretches: Sequence[Stretch],
    unit: Unit,
    asked: Asked,
    zone: tzinfo | None = None,
    dark: Sequence[Dark] = (),
) -> Chart | None:
    """The chart of a view; None where there is nothing to draw."""
    top = max((one.articles for one in stretches), default=0)
    if not top:
        return None
    legend = _legend(stretches)
    place = WIDTH / len(stretches)
    bars = (
        Bar(
            round((at + _GAP / 2) * place, 2),
            round(place * (1 - _GAP), 2),
            tuple(_segments(one, legend, top)),
            f"{named(one.since, unit, zone)}: {one.articles:,}",
            asked.changed(since=_exact(one.since), until=_exact(one.until)).address(),
        )
        for at, one in enumerate(stretches)
    )
    return Chart(
        tuple(bars), tuple(_gaps(stretches, dark, zone)), legend, top, stretches[0].since, stretches[-1].until
    )


def _gaps(stretches: Sequence[Stretch], dark: Sequence[Dark], zone: tzinfo | None) -> Iterator[Gap]:
    first, last = stretches[0].since, stretches[-1].until
    for one in dark:
        since, until = max(one.since, first), min(one.until, last)
        if since < until:
            left, right = _x(stretches, since), _x(stretches, until)
            heard = (
                f"{one.heard} of {plural(one.sources, 'source')} answered" if one.sources else "nobody polled"
            )
            times = " – ".join(f"{time.astimezone(zone):%d %b %H:%M}" for time in (one.since, one.until))
            yield Gap(left, round(right - left, 2), f"{times}: {heard}")


def _x(stretches: Sequence[Stretch], time: datetime) -> float:
    """Where a time stands: stretches are equally wide, also those of which one is longer."""
    at = max(bisect_right(stretches, time, key=lambda one: one.since) - 1, 0)
    part = (time - stretches[at].since) / (stretches[at].until - stretches[at].since)
    return round((at + part) * WIDTH / len(stretches), 2)


def _legend(stretches: Sequence[Stretch]) -> tuple[str, ...]:
    total: dict[str, int] = {}
    for stretch in stretches:
        for tally in stretch.values:
            total[tally.value] = total.get(tally.value, 0) + tally.articles
    return tuple(sorted(total, key=lambda value: (-total[value], value))[: COLOURS - 1])


def _segments(stretch: Stretch, legend: Sequence[str], top: int) -> Iterator[Segment]:
    """An article with several topics counts for each: the parts share the bar in proportion."""
    counted = {tally.value: tally.articles for tally in stretch.values}
    named = [(colour, counted.get(value, 0)) for colour, value in enumerate(legend)]
    others = sum(counted.values()) - sum(number for _, number in named)
    if not counted:
        named, others = [], stretch.articles
    whole = sum(number for _, number in named) + others
    bottom = HEIGHT
    for colour, number in [*named, (COLOURS - 1 if legend else 0, others)]:
        if number:
            height = HEIGHT * stretch.articles / top * number / whole
            bottom -= height
            yield Segment(round(bottom, 2), round(height, 2), colour)


def named(time: datetime, unit: Unit, zone: tzinfo | None = None) -> str:
    """A stretch of time in words, by its beginning."""
    local = time.astimezone(zone)
    forms = {"hour": "%a %d %b %Y, %H:%M", "day": "%a %d %b %Y", "week": "week of %d %b %Y", "month": "%B %Y"}
    return local.strftime(forms[unit])


def _exact(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ")
