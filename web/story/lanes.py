"""The timeline of a story: a lane for each outlet, a mark for each report."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from results.story import Report

WIDTH, MARK = 400.0, 4.0
"""Of a lane and of a mark, in the picture's own units."""


class Mark(msgspec.Struct, frozen=True):
    """A report in its outlet's lane, from the left edge on; `label` says what it is."""

    x: float
    is_copy: bool
    label: str


class Lane(msgspec.Struct, frozen=True):
    """An outlet, and when it reported.

    Attributes:
        source: its name.
        first: its first report.
        behind: how long after the story's first report that came, in words; '' for the first.
        own: its own reports.
        copies: reports that copy another outlet's.
    """

    source: str
    first: datetime
    behind: str
    own: int
    copies: int
    marks: tuple[Mark, ...]


def lanes(reports: Sequence[Report]) -> list[Lane]:
    """The outlets in the order in which they reported. The reports come in order of time."""
    if not reports:
        return []
    begin, end = reports[0].time, reports[-1].time
    by_source: dict[str, list[Report]] = {}
    for report in reports:
        by_source.setdefault(report.source, []).append(report)
    return [_lane(source, some, begin, end) for source, some in by_source.items()]


def _lane(source: str, reports: Sequence[Report], begin: datetime, end: datetime) -> Lane:
    copies = sum(one.copy_of is not None for one in reports)
    behind = (reports[0].time - begin).total_seconds()
    marks = tuple(_mark(one, begin, (end - begin).total_seconds()) for one in reports)
    return Lane(source, reports[0].time, later(behind), len(reports) - copies, copies, marks)


def _mark(report: Report, begin: datetime, whole: float) -> Mark:
    place = (report.time - begin).total_seconds() / whole if whole else 0.0
    when = report.time.astimezone().strftime("%Y-%m-%d %H:%M")
    return Mark(round(place * (WIDTH - MARK), 1), report.copy_of is not None, f"{when}: {report.title}")


def later(seconds: float) -> str:
    """How much later something came, in words; '' for less than a minute."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return ""
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"+{days} d {hours} h" if hours else f"+{days} d"
    return f"+{hours} h {minutes % 60} min" if hours else f"+{minutes} min"
