"""What the search page shows, read from the store: hits, counts over time, facets."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode

import msgspec

from index.counts import Count, CountBy, Counts, Stretch, Tally
from index.hits import make_hit
from index.intervals import Unit, edges, unit_for
from index.periods import period
from index.results import hit_document
from index.store import Fold, Search, Store
from index.store import Hit as FoundHit
from index.suggest import suggest
from query.sound import same
from query.tree import show
from results.parts import Hit
from results.search import Suggestion
from web.events.services import Dark
from web.links import Address, entity_address
from web.search.asked import FARTHEST, FILTERS, Asked
from web.search.chart import Chart, chart
from web.search.clauses import FIELDS, Chip, chips, clauses, narrowed
from web.search.outlets import Outlet, Outlets, tallies

_DECADE = timedelta(days=3650)
FACETS: tuple[CountBy, ...] = (*FIELDS, "section", "kind")
OF_OUTLETS = ("group", "country")
"""Facets that the feed list knows."""
ENTITIES: frozenset[CountBy] = frozenset({"person", "organisation", "place"})
"""What has a page of its own."""
VALUES = 8
"""Of a facet."""
_MOST_SOURCES = 1_000


class FacetValue(msgspec.Struct, frozen=True):
    """A value of a facet: how many articles have it, of how many stories where these were counted, and the views with it, and
    without it."""

    value: str
    name: str
    articles: int
    stories: int | None
    include: str
    exclude: str
    only: str
    """The view of it alone."""
    about: str
    """The page of a person, organisation or place; '' if it is none."""


class Row(msgspec.Struct, frozen=True):
    """A line of the results: an article, and those that tell of the same event.

    Attributes:
        hit: the article.
        outlets: how many further outlets tell of the event.
        others: how many further articles the search finds of it.
        first: when the first of them was published.
        story: the address of the event; '' for an article that was compared with no other.
        unfolded: the view of all of these articles; '' where there are no others.
        image: whether the article names a picture.
    """

    hit: Hit
    outlets: int
    others: int
    first: datetime
    story: str
    unfolded: str
    image: bool


class View(msgspec.Struct, frozen=True, kw_only=True):
    """All that the search page shows of the archive."""

    asked: Asked
    understood: str
    """The query as it is read; '' where it says no more than what was typed."""
    chips: tuple[tuple[Chip, str], ...]
    """Each with the view without it."""
    articles: int
    stories: int
    rows: tuple[Row, ...]
    suggestions: tuple[tuple[Suggestion, Address], ...]
    """Of a search that finds little: similar queries that find more, each with its view."""
    place: str
    """Where the archive was: what comes later is new to the reader of this page."""
    filters: tuple[tuple[Chip, str], ...]
    """What is set besides the query, likewise."""
    facets: Mapping[str, tuple[FacetValue, ...]]
    counts: str
    """The address of the facets' values with their stories, too: counting these takes several times as long as all the rest."""
    unit: Unit
    chart: Chart | None
    before: str
    """The address of the page before; '' on the first. The same for `after`."""
    after: str


def view(
    store: Store,
    asked: Asked,
    search: Search,
    names: Mapping[str, str],
    zone: tzinfo | None = None,
    dark: Sequence[Dark] = (),
    outlets: Outlets = dict,
) -> View:
    """The search page.

    Args:
        store: the archive.
        asked: the view.
        search: what the store is asked for it.
        names: the names of the topics, by id.
        zone: whose days and hours the chart has; None for the machine's.
        dark: the times in which too few sources were heard.
        outlets: what the feed list says of outlets.
    """
    place = store.last_arrival()
    rows = _rows(store, asked, search)
    unit, over_time = _over_time(store, search, zone)
    stacked = asked.stack or "topic"
    stacked_by: CountBy = next(by for by in FACETS if by == stacked)
    count = Count(
        by=FACETS, most=VALUES, edges=over_time, stacked_by=stacked_by, with_stories=bool(asked.count)
    )
    counts = store.counts(search, count)
    end = search.offset + len(rows)
    more = rows and end < min(counts.articles if asked.all else counts.stories, FARTHEST)
    return View(
        asked=asked,
        understood=_understood(asked, search),
        chips=tuple((chip, asked.changed(q=chip.without).address()) for chip in chips(search.query)),
        articles=counts.articles,
        stories=counts.stories,
        rows=rows,
        suggestions=tuple(
            (one, asked.changed(q=one.query).address()) for one in suggest(store, search, counts.articles)
        ),
        place=place,
        filters=tuple(_filters(asked)),
        facets={**_facets(counts, asked, names), **_outlet_facets(store, asked, search, outlets())},
        counts=_counts_address(asked),
        unit=unit,
        chart=chart(_named_by_topic(counts.stretches, names), unit, asked, zone, dark),
        before=asked.changed(page=asked.page - 1).address() if asked.page > 1 else "",
        after=asked.changed(page=asked.page + 1).address() if more else "",
    )


def _counts_address(asked: Asked) -> str:
    counted = asked.changed(sort="", stack="", count="").address("/api/v1/counts")
    fields = urlencode({"by": ",".join(FACETS), "most": VALUES})
    return f"{counted}{'&' if '?' in counted else '?'}{fields}"


def _rows(store: Store, asked: Asked, search: Search) -> tuple[Row, ...]:
    if asked.all:
        return tuple(_row(Fold(hit, 0, 0, _time(hit)), asked, search) for hit in store.search(search).hits)
    return tuple(_row(one, asked, search) for one in store.folds(search))


def fresh_rows(store: Store, asked: Asked, search: Search, ids: Sequence[str]) -> tuple[Row, ...]:
    """The lines of some articles that a search finds, the newest first."""
    found = (make_hit(one, 0.0, search.query) for one in map(store.get, ids) if one)
    newest_first = sorted(found, key=_time, reverse=True)
    return tuple(_row(Fold(hit, 0, 0, _time(hit)), asked, search) for hit in newest_first)


def _row(fold: Fold, asked: Asked, search: Search) -> Row:
    story = fold.hit.document.enriched.story
    return Row(
        hit_document(fold.hit, search.query),
        fold.outlets,
        fold.others,
        fold.first,
        f"/story/{story}" if story else "",
        asked.changed(q=narrowed(asked.q, f"story:{story}"), all="1").address() if fold.others else "",
        bool(fold.hit.document.enriched.article.image),
    )


def _time(hit: FoundHit) -> datetime:
    return hit.document.enriched.article.time


def _understood(asked: Asked, search: Search) -> str:
    """The query, fully bracketed; '' where that says no more than the reader wrote."""
    shown = show(search.query) if search.query else ""
    return "" if shown.casefold() in (asked.q.casefold(), f"({asked.q})".casefold()) else shown


def _over_time(store: Store, search: Search, zone: tzinfo | None) -> tuple[Unit, tuple[datetime, ...]]:
    found = period(store, search)
    if found is None:
        return "day", ()
    first, last = found
    unit = unit_for(last - first)
    try:
        return unit, edges(first, last, unit, zone)
    except ValueError:  # one article is dated centuries off: draw what is near the newest
        return "month", edges(last - _DECADE, last, "month", zone)


def _filters(asked: Asked) -> Iterator[tuple[Chip, str]]:
    for name in FILTERS:
        given: str = getattr(asked, name)
        if given:
            chip = Chip(f"{name}: {given.removeprefix('-')}", "", given.startswith("-"))
            yield chip, asked.changed(**{name: ""}).address()


def _facets(counts: Counts, asked: Asked, names: Mapping[str, str]) -> dict[str, tuple[FacetValue, ...]]:
    def values(by: CountBy) -> tuple[FacetValue, ...]:
        if by not in FIELDS:
            return tuple(_set_apart(by, tally, asked) for tally in counts.by[by])
        found = {tally.value: tally for tally in counts.by[by]}
        alike = same([*found]) if by == "person" else [(one,) for one in found]
        return tuple(facet(by, group, [found[one] for one in group]) for group in alike)

    def facet(by: CountBy, group: Sequence[str], tallies: Sequence[Tally]) -> FacetValue:
        """A value, or names of one person in several scripts; an article that has several of them counts for each."""
        first = group[0]
        found = clauses(by, group)
        return FacetValue(
            first,
            names.get(first, first) if by == "topic" else " · ".join(group),
            sum(one.articles for one in tallies),
            sum(one.stories for one in tallies) if asked.count else None,
            asked.changed(q=narrowed(asked.q, found)).address(),
            asked.changed(q=narrowed(asked.q, f"NOT {found}")).address(),
            Asked(q=found, since=asked.since, until=asked.until).address(),
            entity_address(first) if by in ENTITIES else "",
        )

    return {by: values(by) for by in FACETS if counts.by[by]}


def _outlet_facets(
    store: Store, asked: Asked, search: Search, outlets: Mapping[str, Outlet]
) -> dict[str, tuple[FacetValue, ...]]:
    if not any(outlet.groups or outlet.country for outlet in outlets.values()):
        return {}
    sources = store.counts(search, Count(by=("source",), most=_MOST_SOURCES, with_stories=False)).by["source"]
    found = {field: tallies(outlets, sources, field, VALUES) for field in OF_OUTLETS}
    return {
        field: tuple(_set_apart(field, tally, asked) for tally in some)
        for field, some in found.items()
        if some
    }


def _set_apart(field: str, tally: Tally, asked: Asked) -> FacetValue:
    """A value that the query language has no field for: the address has it beside the query."""
    period = Asked(since=asked.since, until=asked.until)
    return FacetValue(
        tally.value,
        tally.value,
        tally.articles,
        tally.stories if asked.count and field not in OF_OUTLETS else None,
        asked.changed(**{field: tally.value}).address(),
        asked.changed(**{field: f"-{tally.value}"}).address(),
        period.changed(**{field: tally.value}).address(),
        "",
    )


def _named_by_topic(stretches: Sequence[Stretch], names: Mapping[str, str]) -> list[Stretch]:
    """The same stretches; the values of their stack under the names that a reader knows."""

    def named(stretch: Stretch) -> Stretch:
        values = tuple(
            msgspec.structs.replace(one, value=names.get(one.value, one.value)) for one in stretch.values
        )
        return msgspec.structs.replace(stretch, values=values)

    return [named(stretch) for stretch in stretches]
