"""`wirewatch alerts test`: what an alert would have sent, had it been there before."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import msgspec
from rich.bar import Bar
from rich.table import Table
from rich.text import Text

from alerts.backtest import backtest
from alerts.definitions import Definition, definition_of
from alerts.message import reason_of
from alerts.results import hit_document
from enrich.relate import place
from enrich.stories.clusterer import Stories
from index.store import Search, Store
from index.suggest import suggest
from query.tree import show
from results.alerts import Day, Sample, Tested
from results.parts import QueryWarning
from stream.clock import utc_now
from stream.display import one_line
from stream.errors import ConfigError
from stream.messages import Enriched
from stream.words import plural, rate
from wirewatch.commands.alerts.doubts import check_conditions
from wirewatch.commands.alerts.options import given, with_conditions
from wirewatch.commands.alerts.sources import name_sources
from wirewatch.commands.lint import lint_query, warning_lines
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.periods import beyond
from wirewatch.commands.render import marked, suggestion_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock, moment, past
from wirewatch.composition.lists import open_alert_list
from wirewatch.composition.stores import open_store
from wirewatch.config import Config

PAGE = 1_000
MOST = 20_000
"""Articles that a test goes through, from the oldest on."""
BAR_WIDTH = 40

EXAMPLES = """
\b
Examples:
  wirewatch alerts test '"peace talks"~3 AND syria' --since 30d
  wirewatch alerts test 'Peace talks' --since 2016-01-01      an alert of alerts.toml, by name
  wirewatch alerts test earthquake --at-least 3 --of outlets --within 1h
  wirewatch alerts test 'Dark sources'                        about sources: which it would name now
"""


@click.command(epilog=EXAMPLES)
@click.argument("query")
@click.option("--since", default="30d", show_default=True, help="Start: 2016-03-14, 24h, 7d.")
@click.option("--until", help="End. Default: now.")
@with_json
@with_conditions
@with_settings
def test(settings: Settings, query: str, since: str, until: str | None, form: Form, **asked: Any) -> None:
    """Show what an alert would have sent in the past.

    QUERY is a query, or the name of an alert. Each article counts from when it was published, or else from when it was
    found. Nothing is delivered. An alert about sources is tried on their state of today, since their past is not kept.
    """
    check_conditions(asked)
    now = utc_now()
    start, end = past("--since", since, now), moment(until, now) if until else now
    if end <= start:
        raise ConfigError(f"--until {until}: is not after --since {since}")
    with open_alert_list(settings.config, settings.paths, begins=False) as listed:
        definition = listed.load().alerts.get(query)
    if definition is None:
        definition = definition_of({"name": "test", "query": query, **given(asked)}, "alerts test")
    if definition.about == "edits":
        raise ConfigError(
            f"alert {query!r} is about edits, which are not tried on the past; found edits: wirewatch search 'changed:any'"
        )
    if definition.tree is None:
        name_sources(settings, definition, form)
        return
    with open_store(settings.config, settings.paths, readonly=True) as store:
        found = tried(store, definition, start, end, settings)
        why = "" if found.articles else beyond(store, start, f"--since {since}", until=end)
    if form == "json":
        print_document(found)
    else:
        _show(found, warning_lines(definition.query, settings.paths), why)


def tried(
    store: Store,
    definition: Definition,
    start: datetime,
    end: datetime,
    settings: Settings,
    most: int = MOST,
) -> Tested:
    """What an alert would have sent of the articles published in a period; of more than `most`, the oldest are gone through."""
    assert definition.tree is not None  # noqa: S101 - tells the type checker that it is about articles
    search = Search(query=definition.tree, since=start, until=end, sort="oldest", limit=1)
    total = store.search(search).total
    report = backtest(definition, _articles(store, search, settings.config, most), start, end)
    warnings = lint_query(definition.query, settings.paths)
    return Tested(
        query=show(definition.tree),
        since=start.astimezone(UTC),
        until=end.astimezone(UTC),
        articles=report.articles,
        stories=report.stories,
        messages=report.messages,
        messages_a_day=round(report.messages_a_day, 2),
        days=report.days,
        samples=tuple(
            Sample(sample.reason, hit_document(mention), sample.more, reason_of(mention))
            for sample in report.samples
            for mention in sample.mentions[:1]
        ),
        warnings=tuple(QueryWarning(one.kind, one.position, one.message) for one in warnings),
        suggestions=suggest(store, search, total),
        complete=total <= most,
    )


def _articles(store: Store, search: Search, config: Config, most: int) -> Iterator[tuple[datetime, Enriched]]:
    """The articles that match, oldest first, each with its time and its story, which those of an old archive lack."""
    stories = Stories(timedelta(days=config.stories.days), config.stories.articles)
    for offset in range(0, most, PAGE):
        limit = min(PAGE, most - offset)
        hits = store.search(msgspec.structs.replace(search, limit=limit, offset=offset)).hits
        for hit in hits:
            enriched = hit.document.enriched
            article = enriched.article
            when = article.time
            if not enriched.story:
                enriched = msgspec.structs.replace(
                    enriched, story=place(stories, article, when, enriched.language).story
                )
            yield when, enriched
        if len(hits) < PAGE:
            return


def _show(found: Tested, warned: Sequence[str], why_empty: str) -> None:
    screen = Screen()
    screen.print(f"Understood as: {found.query}")
    for line in warned:
        screen.print(line, style="yellow")
    if found.articles:
        _show_days(screen, found)
    else:
        screen.print(
            f"No article matches in this period, so nothing would have been sent. {why_empty}".strip()
        )
    for line in suggestion_lines(found.suggestions):
        screen.print(line)


def _show_days(screen: Screen, found: Tested) -> None:
    screen.print(_chart(found))
    held = f"{plural(found.articles, 'article')} of {plural(found.stories, 'story', 'stories')}"
    sent = f"{plural(found.messages, 'message')} to each channel, {rate(found.messages, len(found.days))}"
    screen.print(f"{held}: {sent}.")
    if not found.complete:
        screen.print(f"These are the oldest {MOST:,} articles; a later --since shows the rest.")
    for sample in found.samples:
        _show_sample(screen, sample)


def _show_sample(screen: Screen, sample: Sample) -> None:
    article, snippet = sample.hit.article, sample.hit.snippet
    screen.print()
    screen.print(Text.assemble((article.id[:8], "cyan"), "  ", (one_line(article.title), "bold")), hang=10)
    screen.line(f"          {article.source} · {clock(article.published)}", style="dim")
    if snippet:
        marks = [(mark.start, mark.end) for mark in snippet.marks]
        screen.print(Text.assemble("          ", marked(snippet.text, marks)))
    screen.line(f"          matched {sample.matched}; {sample.reason}", style="dim")


def _chart(report: Tested) -> Table:
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
        table.add_row(day.day.isoformat(), f"{day.messages:,}", bar, f"{day.articles:,}", f"{day.stories:,}")
    _add_gap(table, empty)
    return table


def _add_gap(table: Table, empty: list[Day]) -> None:
    if empty:
        more = f" ({plural(len(empty), 'day')})" if len(empty) > 1 else ""
        table.add_row(f"{empty[0].day.isoformat()}{more}", "0", "", "0", "0", style="dim")
