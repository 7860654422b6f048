"""`wirewatch search --server`: the same search, of another wirewatch."""

from collections.abc import Sequence

import click
import msgspec

from index.counts import CountBy
from index.intervals import Unit
from query.parse import parse
from query.tree import And, Node, Or, show
from results.counts import Counts
from results.parts import Coverage
from results.search import Search as Page
from stream.errors import ConfigError, QueryError
from stream.words import plural
from wirewatch.commands.counting import show_counts
from wirewatch.commands.output import Form, print_document, print_lines
from wirewatch.commands.remote import Remote
from wirewatch.commands.render import hit_as_text, suggestion_lines
from wirewatch.commands.screen import Screen, complain

_PAGE = 200
"""The most hits that the API gives at once."""


def search_there(
    server: Remote,
    query: str,
    form: Form,
    count_by: Sequence[CountBy],
    unit: Unit | None,
    *,
    folds: bool | None,
    topics: Sequence[str],
    sources: Sequence[str],
    languages: Sequence[str],
    since: str | None,
    until: str | None,
    sort: str | None,
    limit: int,
    offset: int,
) -> None:
    """Ask, and print; the arguments are those of the command."""
    if folds:
        raise click.UsageError(
            "--fold: with --server each article is listed; `wirewatch stories --server` has stories"
        )
    asked: dict[str, object] = {
        "q": with_filters(query, topics, sources, languages),
        "since": since,
        "until": until,
    }
    if count_by or unit:
        _counts(server, form, {**asked, "by": ",".join(count_by), "over": unit, "most": limit}, unit)
        return
    page = _pages(server, {**asked, "sort": sort}, limit, offset)
    match form:
        case "json":
            print_document(page)
        case "jsonl":
            print_lines(page.hits)
            for line in [*_nothing_found(page), *suggestion_lines(page.suggestions)]:
                complain(line)
        case "text":
            _show(page)


def with_filters(
    query: str, topics: Sequence[str], sources: Sequence[str], languages: Sequence[str] = ()
) -> str:
    """A query with filters as its parts: any value of each will do."""
    parts: list[Node] = [parse(query)] if query.strip() else []
    for field, values in (("topic", topics), ("source", sources), ("lang", languages)):
        leaves = [parse(f'{field}:"{value.replace(chr(34), " ")}"') for value in values]
        parts += [Or(tuple(leaves))] if len(leaves) > 1 else leaves
    if len(parts) == 1 and query.strip():
        return query
    return show(And(tuple(parts)) if len(parts) > 1 else parts[0]) if parts else ""


def _counts(server: Remote, form: Form, asked: dict[str, object], unit: Unit | None) -> None:
    if form == "jsonl":
        raise ConfigError("--jsonl prints articles, a line each; counts are one document: --json")
    counts = server.document("/api/v1/counts", Counts, **asked)
    if form == "json":
        print_document(counts)
        return
    show_counts(counts, unit)
    if not counts.articles:
        _print_lines(["No articles match.", *coverage_lines(counts.coverage)])


def _pages(server: Remote, asked: dict[str, object], limit: int, offset: int) -> Page:
    """As many hits as were asked for, in one document."""
    page = server.document("/api/v1/articles", Page, **asked, limit=min(limit, _PAGE), offset=offset)
    hits = list(page.hits)
    following = page.next_offset
    while following is not None and len(hits) < limit:
        size = min(limit - len(hits), _PAGE)
        more = server.document("/api/v1/articles", Page, **asked, limit=size, offset=following)
        hits += more.hits
        following = more.next_offset
    return msgspec.structs.replace(page, hits=tuple(hits), limit=limit, next_offset=following)


def _show(page: Page) -> None:
    screen = Screen()
    for hit in page.hits:
        screen.print(hit_as_text(hit), hang=10)
        screen.print()
    if page.hits and len(page.hits) < page.total:
        first, last = page.offset + 1, page.offset + len(page.hits)
        screen.print(f"{first:,}-{last:,} of {plural(page.total, 'article')}.", style="dim")
    elif page.hits:
        screen.print(f"{plural(page.total, 'article')}.", style="dim")
    elif page.total:
        match = "matches" if page.total == 1 else "match"
        screen.print(
            f"Only {plural(page.total, 'article')} {match}; --offset {page.offset} is beyond the last."
        )
    _print_lines([*_nothing_found(page), *suggestion_lines(page.suggestions)])


def _nothing_found(page: Page) -> list[str]:
    if page.total:
        return []
    understood = [f"Understood as: {page.query.understood}"] if page.query.understood else []
    text = page.query.text
    warnings = [f"warning: {QueryError(one.message, text, one.position)}" for one in page.warnings]
    return ["No articles match.", *coverage_lines(page.coverage), *understood, *warnings]


def coverage_lines(coverage: Coverage | None) -> list[str]:
    """How many sources answered the other wirewatch, and which did not."""
    if coverage is None:
        return []
    heard = f"{coverage.heard:,} of {plural(coverage.sources, 'source')} answered when last polled."
    return [heard, *(f"  {one.name}: {one.reason or one.status}" for one in coverage.dark)]


def _print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        Screen().print(line)
