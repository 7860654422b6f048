"""`wirewatch alerts test`: what an alert would have fired over the archive."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import msgspec
from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from alerts.backtest import Day, Report, backtest
from alerts.definitions import definition_of
from alerts.message import reason_of
from alerts.results import hit_document
from enrich.duplicates import Stories
from index.store import Search, Store
from index.suggest import suggest
from query.lint import Warning  # noqa: A004 - it is not the exception
from query.tree import show
from results.parts import Hit, QueryWarning, Time
from results.search import Suggestion
from stream.clock import utc_now
from stream.messages import Enriched
from wirewatch.commands.alerts.options import given, with_conditions
from wirewatch.commands.alerts.sources import name_sources
from wirewatch.commands.lint import lint_query, warning_lines
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.render import clock, marked, printable, screen
from wirewatch.commands.search import suggestion_lines
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment
from wirewatch.composition.stores import open_store
from wirewatch.config import Config
from wirewatch.lists import alerts as alertlist

PAGE = 1_000
MOST = 20_000
"""Articles that are looked at: the oldest since the beginning."""
BAR_WIDTH = 40


class Sample(msgspec.Struct, frozen=True):
    """A message that would have been sent."""

    reason: str
    """What would have made it fire."""
    hit: Hit
    """Its first article."""
    more: int
    """Articles besides."""


class Tested(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-test/1"):
    """What an alert would have sent over the archive."""

    query: str
    since: Time
    until: Time
    articles: int
    stories: int
    messages: int
    messages_a_day: float
    days: tuple[Day, ...]
    samples: tuple[Sample, ...]
    suggestions: tuple[Suggestion, ...]
    """Queries nearby that match more, where this one matches fewer than three articles."""
    warnings: tuple[QueryWarning, ...]
    """What in the query may not be meant."""
    complete: bool
    """False where there were more articles than were looked at."""


EXAMPLES = """
\b
Examples:
  wirewatch alerts test '"peace talks"~3 AND syria' --since 30d
  wirewatch alerts test 'Peace talks' --since 2016-01-01      an alert of alerts.toml, by its name
  wirewatch alerts test earthquake --at-least 3 --of outlets --within 1h
  wirewatch alerts test 'Dark sources'                        one about sources: which it would name now
"""


@click.command(epilog=EXAMPLES)
@click.argument("query")
@click.option("--since", default="30d", show_default=True, help="From: 2016-03-14, 24h, 7d.")
@click.option("--until", help="Up to. Default: now.")
@with_json
@with_conditions
@with_settings
def test(settings: Settings, query: str, since: str, until: str | None, form: Form, **asked: Any) -> None:
    """Say what an alert for QUERY (or the alert of that name) would have fired over the archive, a day at a time.

    Each article counts as seen when it was published, or else when it was found. Nothing is delivered. Of an alert about
    sources it says which it would name now; the past of sources is not known.
    """
    now = utc_now()
    start, end = moment(since, now), moment(until, now) if until else now
    definition = alertlist.load(settings.paths.alerts).alerts.get(query)
    if definition is None:
        definition = definition_of({"name": "test", "query": query, **given(asked)}, "alerts test")
    if definition.tree is None:
        name_sources(settings, definition, form)
        return
    with open_store(settings.config, settings.paths, readonly=True) as store:
        search = Search(query=definition.tree, since=start, until=end, sort="oldest", limit=1)
        total = store.search(search).total
        suggestions = suggest(store, search, total)
        report = backtest(definition, _articles(store, search, settings.config), start, end)
    if form == "json":
        warnings, complete = lint_query(definition.query, settings.paths), total <= MOST
        tested = _tested(
            show(definition.tree),
            report,
            start,
            end,
            warnings=warnings,
            suggestions=suggestions,
            complete=complete,
        )
        print_document(tested)
    else:
        _show(show(definition.tree), warning_lines(definition.query, settings.paths), report, total)
        for line in suggestion_lines(suggestions):
            click.echo(line)


def _articles(store: Store, search: Search, config: Config) -> Iterator[tuple[datetime, Enriched]]:
    """The articles that match, oldest first, each with its time and its story: those of an old archive have none yet."""
    stories = Stories(timedelta(days=config.stories.days), config.stories.articles)
    for offset in range(0, MOST, PAGE):
        hits = store.search(msgspec.structs.replace(search, limit=PAGE, offset=offset)).hits
        for hit in hits:
            enriched = hit.document.enriched
            article = enriched.article
            when = article.published or article.seen
            if not enriched.story:
                told, _ = stories.relate(article.id, f"{article.title}\n{article.text}", when)
                enriched = msgspec.structs.replace(enriched, story=told.story)
            yield when, enriched
        if len(hits) < PAGE:
            return


def _tested(
    understood: str,
    report: Report,
    start: datetime,
    end: datetime,
    *,
    warnings: tuple[Warning, ...],
    suggestions: tuple[Suggestion, ...],
    complete: bool,
) -> Tested:
    samples = [
        Sample(sample.reason, hit_document(mention), sample.more)
        for sample in report.samples
        for mention in sample.mentions[:1]
    ]
    return Tested(
        query=understood,
        since=start.astimezone(UTC),
        until=end.astimezone(UTC),
        articles=report.articles,
        stories=report.stories,
        messages=report.messages,
        messages_a_day=round(report.messages_a_day, 2),
        days=report.days,
        samples=tuple(samples),
        warnings=tuple(QueryWarning(one.kind, one.position, one.message) for one in warnings),
        suggestions=suggestions,
        complete=complete,
    )


def _show(understood: str, doubted: Sequence[str], report: Report, total: int) -> None:
    console = screen()
    console.print(f"Understood as: {understood}", markup=False, soft_wrap=True)
    for line in doubted:
        console.print(line, style="yellow", markup=False, soft_wrap=True)
    if not report.articles:
        console.print("No article of the archive matches in this time: nothing would have been told.")
        return
    console.print(_chart(report))
    console.print(
        f"{report.articles} articles of {report.stories} stories: {report.messages} messages to each channel, about"
        f" {report.messages_a_day:.1f} a day."
    )
    if total > MOST:
        console.print(
            f"Only the oldest {MOST:,} of {total:,} articles were looked at; a later --since shows the rest."
        )
    for sample in report.samples:
        mention = sample.mentions[0]
        console.print()
        console.print(
            Text.assemble((mention.article[:8], "cyan"), "  ", (printable(mention.title), "bold")),
            soft_wrap=True,
        )
        console.print(
            f"          {printable(mention.source)} · {clock(mention.published)}", style="dim", markup=False
        )
        console.print(Text.assemble("          ", marked(mention.sentence, mention.marks)), soft_wrap=True)
        console.print(
            f"          because of: {printable(reason_of(mention))}; {sample.reason}",
            style="dim",
            markup=False,
            soft_wrap=True,
        )


def _chart(report: Report) -> Table:
    """A bar a day, as long as its messages; a stretch of days without any is one line."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("day", "messages", "", "articles", "stories"):
        table.add_column(
            heading, justify="right" if heading in ("messages", "articles", "stories") else "left"
        )
    longest = max(day.messages for day in report.days) or 1
    empty: list[Day] = []
    for day in report.days:
        if not day.articles and not day.messages:
            empty.append(day)
            continue
        _add_gap(table, empty)
        empty = []
        bar = Bar(longest, 0, day.messages, width=BAR_WIDTH)
        table.add_row(day.day.isoformat(), str(day.messages), bar, str(day.articles), str(day.stories))
    _add_gap(table, empty)
    return table


def _add_gap(table: Table, empty: list[Day]) -> None:
    if empty:
        more = f" ({len(empty)} days)" if len(empty) > 1 else ""
        table.add_row(f"{empty[0].day.isoformat()}{more}", "0", "", "0", "0", style="dim")
