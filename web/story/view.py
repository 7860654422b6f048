"""What the page of a story shows: its reports with their copies, its lanes, its spread, what was changed in it."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from index.edits import edits
from index.intervals import Unit, edges, unit_for
from index.stories import Story as FoundStory
from index.story_results import story_document
from results.edits import KIND_NAMES, Change
from results.story import Report, Story
from web.bars import Bars, bars
from web.search.chart import named
from web.search.outlets import Outlet
from web.story.lanes import Lane, lanes

_DECADES = timedelta(days=10_000)
"""The longest time that is drawn: an article may be dated centuries off."""
MOST_LANES, MOST_OWN = 100, 150
"""Outlets and own reports that are shown."""
_MOST_COPIES = 50
_MOST_CHANGES = 30
_NAMED = ("person", "organisation", "place")
_MOST_NAMED = 12
_COUNTRY = re.compile(r"\.([a-z]{2})$")
_OF_ENDING = {"uk": "GB", "eu": "", "su": ""}
"""Endings of addresses that are not the code of a country."""


class Own(msgspec.Struct, frozen=True):
    """An outlet's own report, and the copies of it, in order of time."""

    report: Report
    copies: tuple[Report, ...]
    """The first ones."""
    copied: int
    """How many copies there are in all."""
    is_first: bool


class Changed(msgspec.Struct, frozen=True):
    """Something that an edit changed in a report."""

    report: Report
    found: datetime
    kind: str
    change: Change


class Share(msgspec.Struct, frozen=True):
    """How many reports and outlets have a value, and when the first of them came."""

    value: str
    reports: int
    outlets: int
    first: datetime


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of a story shows."""

    story: Story
    lanes: tuple[Lane, ...]
    """Of the outlets that reported first; the same for `own`."""
    own: tuple[Own, ...]
    changed: tuple[Changed, ...]
    more_changed: int
    """Changes beyond those."""
    named: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    """By type, the entities of its reports and in how many of these each is named."""
    languages: tuple[Share, ...]
    countries: tuple[Share, ...]
    """By the country of the outlet, as `country_of` has it; '' if that is not known."""
    chart: Bars
    unit: Unit
    """What a bar stands for."""


def story_view(found: FoundStory, outlets: Mapping[str, Outlet]) -> StoryView:
    """The page of a story; `outlets` is what the feed list says of outlets, by name."""
    story = story_document(found)
    changed = list(_changed(found, story.reports))
    unit, chart = _chart(story)
    return StoryView(
        story=story,
        lanes=tuple(lanes(story.reports)[:MOST_LANES]),
        own=own_reports(story.reports)[:MOST_OWN],
        changed=tuple(changed[:_MOST_CHANGES]),
        more_changed=max(len(changed) - _MOST_CHANGES, 0),
        named=tuple((kind, some) for kind in _NAMED if (some := _named(found, kind))),
        languages=shares([(one.language or "", one) for one in story.reports]),
        countries=shares([(country_of(one, outlets), one) for one in story.reports]),
        chart=chart,
        unit=unit,
    )


def own_reports(reports: Sequence[Report]) -> tuple[Own, ...]:
    """The reports that copy no other, in order of time, each with its copies."""
    copies: dict[str, list[Report]] = {}
    for one in reports:
        if one.copy_of:
            copies.setdefault(one.copy_of, []).append(one)
    own = [one for one in reports if not one.copy_of]
    return tuple(
        Own(one, tuple(copies.get(one.id, ())[:_MOST_COPIES]), len(copies.get(one.id, ())), at == 0)
        for at, one in enumerate(own)
    )


def shares(values: Sequence[tuple[str, Report]]) -> tuple[Share, ...]:
    """How reports spread over values, the most frequent first."""
    by_value: dict[str, list[Report]] = {}
    for value, report in values:
        by_value.setdefault(value, []).append(report)
    found = [
        Share(value, len(some), len({one.source for one in some}), some[0].time)
        for value, some in by_value.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.reports, one.first, one.value)))


def country_of(report: Report, outlets: Mapping[str, Outlet]) -> str:
    """The country of a report's outlet (ISO 3166-1 alpha-2): that of the feed list, else the one that its site's address ends
    with; '' if neither says."""
    if (known := outlets.get(report.source)) and known.country:
        return known.country.upper()
    try:
        host = urlsplit(report.url).hostname or ""
    except ValueError:
        return ""
    found = _COUNTRY.search(host)
    return _OF_ENDING.get(found[1], found[1].upper()) if found else ""


def _named(found: FoundStory, kind: str) -> tuple[tuple[str, int], ...]:
    counts = Counter(
        name
        for report in found.reports
        for name in {entity.name for entity in report.enriched.entities if entity.type == kind}
    )
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_NAMED])


def _changed(found: FoundStory, reports: Sequence[Report]) -> Iterator[Changed]:
    """What was changed, in the order in which it was found."""
    made = [
        Changed(report, edit.found, KIND_NAMES[change.kind], change)
        for one, report in zip(found.reports, reports, strict=True)
        for edit in edits(one.enriched.article)
        for change in edit.changes
    ]
    yield from sorted(made, key=lambda one: one.found)


def _chart(story: Story) -> tuple[Unit, Bars]:
    """The size over time, also where there is no report."""
    unit = unit_for(story.last - story.first)
    first = max(story.first, story.last - _DECADES)
    between = edges(first, story.last + timedelta(microseconds=1), unit)
    counts = [0] * (len(between) - 1)
    for hour in story.by_hour:
        counts[bisect_right(between, max(hour.since, between[0])) - 1] += hour.articles
    return unit, bars(
        [(f"{named(at, unit)}: {number}", (number,)) for at, number in zip(between, counts, strict=False)]
    )
