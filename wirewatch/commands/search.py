"""`wirewatch search`: find articles."""

from collections.abc import Mapping, Sequence
from typing import get_args

import click

from index.counts import CountBy, Counts
from index.intervals import Unit
from index.results import counts_document, hit_document, search_document
from index.store import Hits, Search, Sort
from index.stories import Folded, fold
from index.suggest import suggest
from query.marks import Marks
from query.parse import parse
from query.tree import show
from results.parts import QueryWarning
from results.search import Search as Page
from results.search import Suggestion
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.words import plural
from wirewatch.commands.counting import count, count_fields, show_counts
from wirewatch.commands.desk import marks_here
from wirewatch.commands.doubts import check_filters
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.periods import beyond
from wirewatch.commands.remote import Remote, with_server
from wirewatch.commands.render import fold_as_text, hit_as_text, suggestion_lines
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.search_there import search_there
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment, past
from wirewatch.composition.kibana import (
    archive_in_kibana,
    hit_in_kibana,
    page_in_kibana,
    search_in_kibana,
)
from wirewatch.composition.stores import open_store

EXAMPLES = """
\b
Examples:
  wirewatch search 'syria AND "peace talks"'
  wirewatch search --topic peace-talks --since 7d --sort newest
  wirewatch search 'title:geneva NOT source:"Harbour Courier"' --json | jq -r '.hits[].article.url'
  wirewatch search xylophonist --json | jq '.total, .coverage'
  wirewatch search --topic syria --limit 10000 --jsonl | jq -r .article.title
  wirewatch search '"assad talks"~5 -sport* published:[2016-03-01 TO 2016-03-14]'
  wirewatch search --topic syria --since 7d --count source,person --by day
  wirewatch search 'topic:syria' --server https://desk.example
  wirewatch search                       everything, newest first
"""


@click.command(epilog=EXAMPLES)
@click.argument("query", required=False, default="")
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help="Only articles with this topic (its id). Repeatable.",
)
@click.option("--source", "sources", multiple=True, help="Only articles of this source. Repeatable.")
@click.option(
    "--lang", "languages", multiple=True, help="Only this language: en, de, ar (ISO 639-1). Repeatable."
)
@click.option("--since", help="Published at or after: 2016-03-14, 2016-03-14T09:30, 24h, 7d.")
@click.option("--until", help="Published before.")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), help="Default: relevance.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many to show."
)
@click.option(
    "--offset", type=click.IntRange(0, 1_000_000), default=0, help="How many to skip, to see the next page."
)
@click.option(
    "--count",
    "count_by",
    callback=count_fields,
    metavar="FIELDS",
    help="Count the articles instead of listing them, by fields such as source,person: topic, source, language, person,"
    " organisation, place, author, section, kind. --limit says how many values of each.",
)
@click.option("--by", "unit", type=click.Choice(get_args(Unit)), help="Count the articles over time.")
@click.option(
    "--fold/--all",
    "folds",
    default=None,
    help="One line a story, with how many other outlets have it, or a line each article. Default: --fold; --all with --json"
    " and --jsonl, which have no folded form.",
)
@with_json_lines
@with_server
@with_settings
def search(
    settings: Settings,
    query: str,
    form: Form,
    server: Remote | None,
    count_by: tuple[CountBy, ...],
    unit: Unit | None,
    folds: bool | None,  # noqa: FBT001 - a flag of click
    **asked: object,
) -> None:
    """Find articles.

    With --server, another wirewatch is asked; it lists each article (--all).

    A query has words, "phrases", "words near"~5, prefix*, AND OR NOT, (brackets) and field:value. Without one, all articles are
    listed, the newest first.
    """
    if folds and form != "text":
        raise ConfigError(f"--fold: --{form} lists each article; `wirewatch stories --json` has stories")
    if server:
        search_there(server, query, form, count_by, unit, folds=folds, **asked)  # type: ignore[arg-type]
        return
    wanted = _search(query, marks_here(settings), **asked)  # type: ignore[arg-type]  # click has typed them
    with open_store(settings.config, settings.paths, readonly=True) as store:
        doubts = check_filters(settings, store, wanted.topics, wanted.sources, wanted.languages)
        if count_by or unit:
            _tell_counts(count(store, wanted, count_by, unit), wanted, query, settings, form, unit)
            for line in doubts:
                complain(line)
            return
        hits = store.search(wanted)
        folded = fold(store, wanted) if form == "text" and folds is not False else None
        suggestions = suggest(store, wanted, hits.total)
        if not hits.total:
            doubts += filter(None, [beyond(store, wanted.since, _period(asked), wanted.until)])
    _tell(hits, folded, suggestions, doubts, wanted, query, settings, form)


def _tell_counts(
    counts: Counts, wanted: Search, query: str, settings: Settings, form: Form, unit: Unit | None
) -> None:
    if form == "jsonl":
        raise ConfigError("--jsonl prints articles, a line each; counts are one document: --json")
    if form == "text":
        show_counts(counts_document(counts, wanted, query, None), unit)
        for line in _nothing_found(counts.articles, wanted, query, settings):
            Screen().print(line)
        return
    from wirewatch.commands.coverage import shown  # noqa: PLC0415 - spares every other search the time

    print_document(counts_document(counts, wanted, query, shown(settings.config, settings.paths)))


def _tell(
    hits: Hits,
    folded: Folded | None,
    suggestions: Sequence[Suggestion],
    doubts: Sequence[str],
    wanted: Search,
    query: str,
    settings: Settings,
    form: Form,
) -> None:
    for line in doubts if form != "text" else ():
        complain(line)
    match form:
        case "json":
            print_document(_page(hits, wanted, query, settings, suggestions))
        case "jsonl":
            archive = archive_in_kibana(settings.config)
            print_lines(hit_in_kibana(hit_document(hit, wanted.query), archive) for hit in hits.hits)
            for line in [
                *_nothing_found(hits.total, wanted, query, settings),
                *suggestion_lines(suggestions),
            ]:
                complain(line)
        case "text":
            _show(hits, folded, wanted, settings)
            for line in [
                *_nothing_found(hits.total, wanted, query, settings),
                *suggestion_lines(suggestions),
            ]:
                Screen().print(line)
            for line in doubts:
                Screen().print(line, style="yellow")


def _search(
    query: str,
    marks: Marks,
    *,
    topics: tuple[str, ...],
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    since: str | None,
    until: str | None,
    sort: Sort | None,
    limit: int,
    offset: int,
) -> Search:
    now = utc_now()
    return Search(
        query=parse(query, marks) if query.strip() else None,
        topics=topics,
        sources=sources,
        languages=languages,
        since=past("--since", since, now) if since else None,
        until=moment(until, now) if until else None,
        sort=sort or ("relevance" if query.strip() else "newest"),
        limit=limit,
        offset=offset,
    )


def _page(
    hits: Hits, wanted: Search, query: str, settings: Settings, suggestions: Sequence[Suggestion]
) -> Page:
    """The hits, with what the reader needs to judge them."""
    from wirewatch.commands.coverage import shown  # noqa: PLC0415 - spares every other search the time
    from wirewatch.commands.lint import lint_query  # noqa: PLC0415 - nor need it wait for the topics

    parts = filter(str.strip, _parts(query, wanted))
    warnings = [warning for part in parts for warning in lint_query(part, settings.paths)]
    told = [QueryWarning(one.kind, one.position, one.message) for one in warnings]
    coverage = shown(settings.config, settings.paths)
    page = search_document(hits, wanted, query, coverage, told, suggestions)
    return page_in_kibana(page, wanted, archive_in_kibana(settings.config))


def _parts(query: str, wanted: Search) -> list[str]:
    """The query, and each filter that may be mistyped, as queries."""
    return [query, *(f'topic:"{topic}"' for topic in wanted.topics)]


def _show(hits: Hits, folded: Folded | None, wanted: Search, settings: Settings) -> None:
    screen = Screen()
    if folded:
        shown = [fold_as_text(one, wanted.query) for one in folded.folds]
    else:
        shown = [hit_as_text(hit_document(hit, wanted.query)) for hit in hits.hits]
    for entry in shown:
        screen.print(entry, hang=10)
        screen.print()
    if shown:
        screen.print(_place(wanted.offset, len(shown), hits.total, folded), style="dim")
    elif folded and folded.stories:
        screen.print(
            f"Only {plural(folded.stories, 'story', 'stories')}; --offset {wanted.offset} is beyond the last."
        )
    elif hits.total:
        match = "matches" if hits.total == 1 else "match"
        screen.print(
            f"Only {plural(hits.total, 'article')} {match}; --offset {wanted.offset} is beyond the last."
        )
    archive = archive_in_kibana(settings.config)
    if archive and (address := search_in_kibana(wanted, archive)):
        screen.line(f"In Kibana: {address}", style="dim")


def _place(offset: int, shown: int, total: int, folded: Folded | None) -> str:
    """Which of the hits or stories are shown."""
    if shown == total:
        return f"{plural(total, 'article')}."
    if folded:
        stories, all_of_them = plural(folded.stories, "story", "stories"), " (--all lists each)"
        of = stories if shown == folded.stories else f"{offset + 1:,}-{offset + shown:,} of {stories}"
        return f"{of}, told by {plural(total, 'article')}{all_of_them}."
    return f"{offset + 1:,}-{offset + shown:,} of {plural(total, 'article')}."


def _period(asked: Mapping[str, object]) -> str:
    """The period as the reader wrote it."""
    return " ".join(f"--{name} {asked[name]}" for name in ("since", "until") if asked[name])


def _nothing_found(total: int, wanted: Search, query: str, settings: Settings) -> list[str]:
    """What to say of a search without hits: which sources answered, how it is understood, likely mistakes."""
    if total:
        return []
    from wirewatch.commands.coverage import report  # noqa: PLC0415 - spares every search that finds something the time
    from wirewatch.commands.lint import warning_lines  # noqa: PLC0415 - nor need it wait for the topics

    understood = [f"Understood as: {show(wanted.query)}"] if wanted.query else []
    parts = filter(str.strip, _parts(query, wanted))
    warnings = [line for part in parts for line in warning_lines(part, settings.paths)]
    return ["No articles match.", *report(settings.config, settings.paths), *understood, *warnings]
