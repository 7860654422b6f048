"""`wirewatch search --count`, `--by`: how many articles, instead of which."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import get_args

import click

from index.counts import Count, CountBy, Counts
from index.intervals import MOST_EDGES, Unit
from index.periods import over_time
from index.store import Search, Store
from results.counts import Counts as PublicCounts
from results.counts import Stretch, Tally
from stream.errors import ConfigError
from stream.suggest import did_you_mean
from stream.words import plural
from wirewatch.commands.screen import Screen

_BAR = 40
"""Columns of the longest bar."""
_TIMES: dict[Unit, str] = {
    "hour": "%Y-%m-%d %H:%M",
    "day": "%Y-%m-%d %a",
    "week": "week of %Y-%m-%d",
    "month": "%Y-%m",
}


def count_fields(_: click.Context, __: click.Parameter, value: str | None) -> tuple[CountBy, ...]:
    """What --count names: `source,person`."""
    known: tuple[CountBy, ...] = get_args(CountBy)
    named = dict.fromkeys(filter(None, (one.strip() for one in (value or "").split(","))))
    for name in named:
        if name not in known:
            hint = did_you_mean(name, list(known))
            raise ConfigError(f"--count: expected some of {', '.join(known)}, found {name!r}{hint}")
    return tuple(one for name in named for one in known if one == name)


def count(store: Store, search: Search, by: Sequence[CountBy], unit: Unit | None) -> Counts:
    """What is counted of the articles that a search finds.

    Args:
        store: the archive.
        search: the query and its filters; as many values of a field are counted as its limit says.
        by: the fields to count by.
        unit: what the period is divided into; None: not at all.

    Raises ConfigError if the period has too many of the units.
    """
    over_time = _edges(store, search, unit) if unit else ()
    return store.counts(search, Count(by=tuple(by), most=search.limit, edges=over_time))


def _edges(store: Store, search: Search, unit: Unit) -> tuple[datetime, ...]:
    """The calendar from --since, or the first article found, to the last one."""
    try:
        return over_time(store, search, unit)
    except ValueError as error:
        raise ConfigError(
            f"--by {unit}: {error}; at most {MOST_EDGES - 1} can be counted: give --since or a longer unit"
        ) from None


def show_counts(counts: PublicCounts, unit: Unit | None) -> None:
    """Print counts for a person: a table for each field, a bar for each stretch of time."""
    screen = Screen()
    for field in counts.fields if counts.articles else ():
        screen.table([field.by, "articles", "stories"], _rows(field.values), right=("articles", "stories"))
        screen.print()
    if unit and counts.over_time:
        most = max(one.articles for one in counts.over_time)
        rows = [_bar(one, unit, most) for one in counts.over_time]
        screen.table([unit, "articles", "stories", ""], rows, right=("articles", "stories"))
        screen.print()
    if counts.articles:
        total = f"{plural(counts.articles, 'article')} in {plural(counts.stories, 'story', 'stories')}."
        screen.print(total, style="dim")


def _rows(tallies: Iterable[Tally]) -> Iterator[Sequence[str]]:
    for one in tallies:
        yield one.value, f"{one.articles:,}", f"{one.stories:,}"


def _bar(one: Stretch, unit: Unit, most: int) -> Sequence[str]:
    bar = "█" * -(-one.articles * _BAR // most)  # rounded up: one article is seen
    return one.since.astimezone().strftime(_TIMES[unit]), f"{one.articles:,}", f"{one.stories:,}", bar
