"""`wirewatch search`: find articles."""

import click

from index.store import Hits, Search, Sort
from query.parse import parse
from query.tree import show
from stream.clock import utc_now
from wirewatch.commands.render import hit_as_json, hit_as_text, screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment
from wirewatch.composition.stores import open_store

EXAMPLES = """
\b
Examples:
  wirewatch search 'syria AND "peace talks"'
  wirewatch search --topic peace-talks --since 7d --sort newest
  wirewatch search 'title:geneva NOT source:"Harbour Courier"' --json | jq .url
  wirewatch search '"assad talks"~5 -sport* published:[2016-03-01 TO 2016-03-14]'
  wirewatch search                       everything, newest first
"""


@click.command(epilog=EXAMPLES)
@click.argument("query", required=False, default="")
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help="Only articles with this topic (its id). Repeatable: any of them.",
)
@click.option("--source", "sources", multiple=True, help="Only articles of this outlet. Repeatable.")
@click.option(
    "--lang", "languages", multiple=True, help="Only articles in this language (ISO 639-1). Repeatable."
)
@click.option("--since", help="Published at or after: 2016-03-14, 2016-03-14T09:30, 24h, 7d.")
@click.option("--until", help="Published before.")
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), help="Default: relevance.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option(
    "--offset", type=click.IntRange(0, 1_000_000), default=0, help="Skip so many, to see the next page."
)
@click.option("--json", "as_json", is_flag=True, help="One object a line, for programs.")
@with_settings
def search(settings: Settings, query: str, as_json: bool, **asked: object) -> None:  # noqa: FBT001 - click's flag
    """Find articles by words, "phrases", "words near"~5, prefix*, AND OR NOT, (brackets) and field:value."""
    wanted = _search(query, **asked)  # type: ignore[arg-type]  # click has typed them
    with open_store(settings.config, settings.paths, readonly=True) as store:
        hits = store.search(wanted)
    if as_json:
        for hit in hits.hits:
            click.echo(hit_as_json(hit))
    else:
        _show(hits, wanted, settings)
        if not hits.total:
            _doubt(query, wanted, settings)


def _search(
    query: str,
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
        query=parse(query) if query.strip() else None,
        topics=topics,
        sources=sources,
        languages=languages,
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
        sort=sort or ("relevance" if query.strip() else "newest"),
        limit=limit,
        offset=offset,
    )


def _show(hits: Hits, wanted: Search, settings: Settings) -> None:
    console = screen()
    for hit in hits.hits:
        console.print(hit_as_text(hit))
        console.print()
    first = wanted.offset + 1
    if hits.hits:
        console.print(f"{first}-{wanted.offset + len(hits.hits)} of {hits.total} articles.", style="dim")
        return
    console.print(
        "No articles match." if not hits.total else f"There are only {hits.total} articles that match."
    )
    from wirewatch.commands.coverage import report  # noqa: PLC0415 - spares every search that finds something the time

    for line in report(settings.config, settings.paths):
        console.print(line, style="dim", markup=False)


def _doubt(query: str, wanted: Search, settings: Settings) -> None:
    """Of a search that finds nothing: how it is understood, and what in it may not be meant."""
    from wirewatch.commands.lint import warning_lines  # noqa: PLC0415 - nor need it wait for the topics

    if wanted.query:
        click.echo(f"Understood as: {show(wanted.query)}")
    for part in (query, *(f'topic:"{topic}"' for topic in wanted.topics)):
        for line in warning_lines(part, settings.paths) if part.strip() else ():
            click.echo(line)
