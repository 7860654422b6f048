"""What a reader asks for. The address holds all of it, so that a view can be shared, kept and gone back to."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_args
from urllib.parse import quote_plus

import msgspec

from index.counts import CountBy
from index.store import Filter, Search, Sort
from query.marks import Marks
from query.moments import moment
from query.parse import parse
from stream.errors import QueryError
from web.errors import BadRequest, of_query
from web.links import Address
from web.search.outlets import Outlets, named

PER_PAGE = 20
MOST_PER_PAGE = 200
FARTHEST = 100_000
"""The last article that a page can show; beyond it, a search is to be narrowed, or exported."""
STACKS: tuple[CountBy, ...] = ("topic", "language", "source")
"""What the bars of the chart can be divided by."""


FILTERS = ("section", "kind", "group", "country")
"""What the query language has no field for."""
LONGEST_VALUE = 500
"""Characters of such a value. A page has hundreds of addresses with each of them; the query has a limit of its own."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A view of the archive, as the address has it."""

    q: str = ""
    since: str = ""
    """A date, a time, or an age such as 7d; '' for no bound. The same for `until`."""
    until: str = ""
    sort: str = ""
    """'' is by relevance where there is a query, else the newest first."""
    stack: str = ""
    section: str = ""
    """Of the outlet, such as World; with `-` in front: any but that. The same for the next three."""
    kind: str = ""
    group: str = ""
    """A folder of the feed list, whose outlets are meant."""
    country: str = ""
    """Of the outlet, ISO 3166-1 alpha-2."""
    all: str = ""
    """'' folds the articles of a story into one; `1` lists each."""
    count: str = ""
    """'' counts the articles of a facet's values; `stories` their stories, too, which takes longer."""
    page: int = 1

    def changed(self, **changes: Any) -> "Asked":
        """The same view but for some of it, from its first page on."""
        return msgspec.structs.replace(self, **{"page": 1, **changes})

    def address(self, path: str = "/") -> Address:
        """The address of the view."""
        told = "&".join(
            f"{name}={quote_plus(str(value))}"
            for name, usual in _USUAL
            if (value := getattr(self, name)) != usual
        )
        return Address(f"{path}?{told}" if told else path)


_USUAL = tuple(msgspec.structs.asdict(Asked()).items())
"""What the address leaves out. A page has hundreds of addresses."""


def read(parameters: Mapping[str, str]) -> Asked:
    """The view of an address; raises BadRequest for a parameter that can't be."""
    texts = {
        name: parameters.get(name, "").strip()
        for name in ("q", "since", "until", "sort", "stack", *FILTERS, "all", "count")
    }
    for name in FILTERS:
        if len(texts[name]) > LONGEST_VALUE:
            raise BadRequest(name, f"{name}: expected at most {LONGEST_VALUE} characters")
    _one_of("sort", texts["sort"], ("", *get_args(Sort)))
    _one_of("stack", texts["stack"], ("", *STACKS))
    _one_of("all", texts["all"], ("", "1"))
    _one_of("count", texts["count"], ("", "stories"))
    return Asked(**texts, page=number("page", parameters.get("page", "1"), FARTHEST // PER_PAGE))


def search_of(
    asked: Asked,
    now: datetime,
    *,
    limit: int = PER_PAGE,
    marks: Marks | None = None,
    outlets: Outlets = dict,
) -> Search:
    """What the store is asked; raises BadRequest for a query or a time that can't be read.

    Args:
        asked: the view.
        now: the time.
        limit: hits of a page.
        marks: what people marked, as the person who asks sees it.
        outlets: what the feed list says of outlets.
    """
    try:
        query = parse(asked.q, marks) if asked.q else None
    except QueryError as error:
        raise of_query(error) from None
    return Search(
        query=query,
        filters=tuple(_filters(asked, outlets)),
        since=_time("since", asked.since, now),
        until=_time("until", asked.until, now),
        sort=_sort(asked),
        limit=limit,
        offset=(asked.page - 1) * limit,
    )


def _filters(asked: Asked, outlets: Outlets) -> Iterator[Filter]:
    for name in FILTERS:
        given: str = getattr(asked, name)
        value, excludes = given.removeprefix("-"), given.startswith("-")
        if value and name in ("group", "country"):
            yield Filter("source", named(outlets(), name, value), excludes)
        elif value:
            yield Filter("section" if name == "section" else "kind", (value,), excludes)


def number(name: str, text: str, most: int, least: int = 1) -> int:
    """A whole number of the address; raises BadRequest beyond the bounds."""
    if not (
        text.isascii() and text.isdigit() and len(text) < len(str(most)) + 1 and least <= int(text) <= most
    ):
        raise BadRequest(name, f"{name}: expected a number from {least} to {most:,}")
    return int(text)


def _sort(asked: Asked) -> Sort:
    for sort in get_args(Sort):
        if sort == asked.sort:
            found: Sort = sort
            return found
    return "relevance" if asked.q else "newest"


def _time(name: str, text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        # Ages count from the full minute: readers of the same view ask the same, and share what the store counts for it.
        return moment(text, now.replace(second=0, microsecond=0))
    except ValueError as error:
        raise BadRequest(name, f"{name}: {error}") from None


def _one_of(name: str, text: str, known: tuple[str, ...]) -> None:
    if text not in known:
        raise BadRequest(name, f"{name}: expected one of {', '.join(filter(None, known))}")
