"""`wirewatch story` and `wirewatch stories`: events, and the reports on them."""

from urllib.parse import quote

import click
from rich.text import Text

from index.store import Search, Store
from index.stories import find_story
from index.story_results import stories_document, story_document
from query.parse import parse
from results.story import Report, Stories, Story
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.words import plural
from wirewatch.commands.desk import marks_here
from wirewatch.commands.doubts import check_filters
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.periods import beyond
from wirewatch.commands.remote import Remote, with_server
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.search_there import with_filters
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock, past
from wirewatch.composition.stores import open_store

STORIES_EXAMPLES = """
\b
Examples:
  wirewatch stories                              what most articles of the last day tell of
  wirewatch stories --topic syria --since 7d
  wirewatch stories --since all                  the largest ones of the archive
  wirewatch stories 'geneva AND talks' --json | jq '.top[] | .headline, .outlets'
"""
STORY_EXAMPLES = """
\b
Examples:
  wirewatch story 3f9a1c20                       who was first, who copied whom, what each adds
  wirewatch story 3f9a1c20 --json | jq '.reports[] | select(.copy_of == null) | .url'
"""
_SHORT = 8
"""Digits of an id that are shown."""
_ALL = "all"
"""What `--since` takes for no bound."""


@click.command(epilog=STORIES_EXAMPLES)
@click.argument("query", required=False, default="")
@click.option("--topic", "topics", multiple=True, help="Only articles with this topic (its id). Repeatable.")
@click.option(
    "--since",
    default="24h",
    show_default=True,
    help="Published at or after: 2016-03-14, 24h, 7d; all: at any time.",
)
@click.option("--limit", type=click.IntRange(1, 200), default=10, show_default=True, help="How many to show.")
@with_json_lines
@with_server
@with_settings
def stories(
    settings: Settings,
    query: str,
    topics: tuple[str, ...],
    since: str,
    limit: int,
    form: Form,
    server: Remote | None,
) -> None:
    """List the events with the most articles.

    With a query, only the articles that it finds count. A story is one event and the reports on it: outlets' own, and copies.
    """
    if server:
        asked = {"q": with_filters(query, topics, ()), "since": since, "limit": limit}
        found, why = server.document("/api/v1/stories", Stories, **asked), ""
    else:
        found, why = _here(settings, query, topics, since, limit)
    match form:
        case "json":
            print_document(found)
        case "jsonl":
            print_lines(found.top)
        case "text":
            _list(found, since)
            if why:
                Screen().print(why)


def _here(
    settings: Settings, query: str, topics: tuple[str, ...], since: str, limit: int
) -> tuple[Stories, str]:
    """The stories of this machine's archive; if there are none, why that may be."""
    wanted = Search(
        query=parse(query, marks_here(settings)) if query.strip() else None,
        topics=topics,
        since=None if since == _ALL else past("--since", since, utc_now()),
    )
    with open_store(settings.config, settings.paths, readonly=True) as store:
        for line in check_filters(settings, store, topics, (), ()):
            complain(line)
        found = _top(settings, store, wanted, limit)
        why = "" if found.top else beyond(store, wanted.since, f"--since {since}")
    if why and wanted.since:
        why = f"{why} --since {_ALL} lists the stories of all times."
    return found, why


def _top(settings: Settings, store: Store, wanted: Search, limit: int) -> Stories:
    from wirewatch.commands.coverage import shown  # noqa: PLC0415 - takes a while to import

    return stories_document(store, wanted, limit, shown(settings.config, settings.paths))


def _list(found: Stories, since: str) -> None:
    screen = Screen()
    for story in found.top:
        screen.print(Text.assemble((story.id[:_SHORT], "cyan"), "  ", (story.headline, "bold")), hang=10)
        screen.print(Text("          " + _size(story), style="dim"), hang=10)
    period = "" if since == _ALL else f" since {since}"
    if not found.top:
        screen.line(f"No article{period} belongs to a story.")
        return
    told = plural(found.articles, "article"), plural(found.stories, "story", "stories")
    screen.line(f"{told[0]} in {told[1]}{period}.")


def _size(story: Story) -> str:
    outlets = plural(len(story.outlets), "outlet")
    own = f"{plural(story.own_reports, 'own report')}, {plural(story.copies, 'copy', 'copies')}"
    parts = [f"{clock(story.first)} to {clock(story.last)}", outlets, own, ", ".join(story.languages)]
    return " · ".join(parts)


@click.command(epilog=STORY_EXAMPLES)
@click.argument("story_id", metavar="ID")
@with_json
@with_server
@with_settings
def story(settings: Settings, story_id: str, form: Form, server: Remote | None) -> None:
    """Show one event: who reported it, when, who copied whom, and what each report adds.

    The ID is that of the story or of any of its articles; the first digits are enough.
    """
    if server:
        document = server.document(f"/api/v1/stories/{quote(story_id.lower(), safe='')}", Story)
    else:
        document = _found(settings, story_id)
    if form == "json":
        print_document(document)
        return
    _show(document)


def _found(settings: Settings, story_id: str) -> Story:
    with open_store(settings.config, settings.paths, readonly=True) as store:
        found = find_story(store, _story_of(store, story_id.lower()))
    if found is None:
        raise ConfigError(
            f"story {story_id!r}: no article tells of it; `wirewatch stories` lists the largest"
        )
    return story_document(found)


def _story_of(store: Store, given: str) -> str:
    """The story with this id, or that of the article with it."""
    ids = store.find_ids(given)
    if len(ids) > 1:
        raise ConfigError(f"story {given!r}: {len(ids)} or more IDs start like this: {', '.join(ids)}")
    document = store.get(ids[0]) if ids else None
    return (document.enriched.story or document.enriched.article.id) if document else given


def _show(story: Story) -> None:
    screen = Screen()
    screen.print(Text(story.headline, style="bold"))
    screen.print(Text(_size(story), style="dim"))
    for name, values in (("Places", story.places), ("People", story.people)):
        if values:
            screen.line(f"{name}: {', '.join(values)}", hang=len(name) + 2)
    screen.print()
    sources = {report.id: report.source for report in story.reports}
    for number, report in enumerate(story.reports):
        screen.print(_report_line(report, sources, first=number == 0), hang=10)
        if report.adds and number:
            screen.print(Text(f"          adds {', '.join(report.adds)}", style="dim"), hang=10)
    if story.articles > len(story.reports):
        screen.line(f"... and {plural(story.articles - len(story.reports), 'later article')}")


def _report_line(report: Report, sources: dict[str, str], *, first: bool) -> Text:
    role = "first" if first else "own report"
    if report.copy_of:
        role = f"copies {sources.get(report.copy_of, report.copy_of[:_SHORT])}"
    return Text.assemble(
        (report.id[:_SHORT], "cyan"), f"  {clock(report.time)}  {report.source} ({role}): ", report.title
    )
