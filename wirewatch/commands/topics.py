"""`wirewatch topics`: what the topics' definitions do, held against the archive."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click
import msgspec
from rich.table import Table

from enrich.topics import Topic, tag
from index.store import Search, Store
from query.article import prepare_enriched
from results.parts import Time
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.messages import Enriched
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.render import clock, printable, screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment
from wirewatch.composition.stores import open_store
from wirewatch.lists.topics import news_topics

_AT_ONCE = 1000
"""Articles that are held at once, unless more came within the shortest stretch."""

_SHORTEST = timedelta(minutes=1)

EXAMPLES = """
\b
Examples:
  wirewatch topics check                       the topics of the last 7 days' articles
  wirewatch topics check syria --since 30d --samples 10
  wirewatch topics check --json | jq '.topics[] | select(.differ > 0) | .id'
"""


class Sample(msgspec.Struct, frozen=True):
    """An article that a topic tags, and the clause that made it match."""

    id: str
    title: str
    source: str
    published: Time | None
    clause: str


class Count(msgspec.Struct, frozen=True):
    """What a topic tags. `archived` counts the tags as stored, `differ` the articles that a replay would change."""

    id: str
    name: str
    parent: str
    version: str
    tagged: int
    archived: int
    differ: int
    samples: list[Sample]


class Report(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/topics/1"):
    """What each topic tags of the newest articles, as it is defined now."""

    since: Time
    articles: int
    """How many there are."""
    topics: list[Count]


class _Tally:
    """The counts of one topic while the articles go by."""

    def __init__(self, topic: Topic, samples: int) -> None:
        self._topic = topic
        self._wanted = samples
        self._tagged = self._archived = self._differ = 0
        self._samples: list[Sample] = []

    def add(self, enriched: Enriched, clause: str | None) -> None:
        """Count an article; `clause` is why it is tagged, None if it is not."""
        versions = [one.version for one in enriched.topics if one.topic == self._topic.id]
        self._tagged += clause is not None
        self._archived += bool(versions)
        self._differ += versions != ([] if clause is None else [self._topic.version])
        if clause is not None and len(self._samples) < self._wanted:
            article = enriched.article
            self._samples.append(Sample(article.id, article.title, article.source, article.published, clause))

    def count(self) -> Count:
        """What was counted."""
        topic = self._topic
        counts = (self._tagged, self._archived, self._differ)
        return Count(topic.id, topic.name, topic.parent, topic.version, *counts, self._samples)


@click.group()
def topics() -> None:
    """Look at the topics: what each of them tags."""


@topics.command(epilog=EXAMPLES)
@click.argument("ids", metavar="[TOPIC]...", nargs=-1)
@click.option("--since", default="7d", show_default=True, help="Published at or after: 2016-03-14, 24h, 30d.")
@click.option(
    "--samples", type=click.IntRange(0, 1000), default=3, show_default=True, help="Articles of each."
)
@with_json
@with_settings
def check(settings: Settings, ids: Sequence[str], since: str, samples: int, form: Form) -> None:
    """Hold the archive's newest articles against the topics as they are defined now.

    Nothing is changed: "would change" counts the articles whose stored tags differ, until `wirewatch replay --from enrich`.
    """
    defined = news_topics(settings.paths)
    shown = _chosen(defined, ids)
    until = utc_now()
    start = moment(since, until)
    with open_store(settings.config, settings.paths, readonly=True) as store:
        report = _report(_newest(store, start, until), defined, shown, samples, start)
    if form == "json":
        print_document(report)
    else:
        _show(report)


def _chosen(defined: Sequence[Topic], ids: Sequence[str]) -> list[Topic]:
    known = {topic.id: topic for topic in defined}
    for one in ids:
        if one not in known:
            raise ConfigError(f"there is no topic {one!r}: expected one of {', '.join(known)}")
    return [known[one] for one in ids] or list(defined)


def _newest(store: Store, since: datetime, until: datetime) -> Iterator[Enriched]:
    """The articles of a stretch of time, newest first; of a long one, half after half, so that few are held at once."""
    search = Search(since=since, until=until, sort="newest", limit=0)
    total = store.search(search).total
    if total <= _AT_ONCE or until - since < _SHORTEST:
        hits = store.search(msgspec.structs.replace(search, limit=total)).hits if total else ()
        yield from (hit.document.enriched for hit in hits)
        return
    middle = since + (until - since) / 2
    yield from _newest(store, middle, until)
    yield from _newest(store, since, middle)


def _report(
    messages: Iterator[Enriched],
    defined: Sequence[Topic],
    shown: Sequence[Topic],
    samples: int,
    since: datetime,
) -> Report:
    tallies = {topic.id: _Tally(topic, samples) for topic in shown}
    articles = 0
    for articles, enriched in enumerate(messages, 1):  # noqa: B007 - the last number is how many there are
        clauses = {one.topic: one.clause for one in tag(defined, prepare_enriched(enriched))}
        for topic, tally in tallies.items():
            tally.add(enriched, clauses.get(topic))
    return Report(since.astimezone(UTC), articles, [tally.count() for tally in tallies.values()])


def _show(report: Report) -> None:
    console = screen()
    if not report.articles:
        console.print(f"There are no articles since {clock(report.since)} (UTC): --since goes further back.")
        return
    table = Table("topic", "tagged", "of all", "would change", box=None, header_style="bold")
    for one in report.topics:
        part = f"{one.tagged / report.articles:.1%}"
        table.add_row(one.id, str(one.tagged), part, str(one.differ or ""))
    console.print(table)
    for one in report.topics:
        for sample in one.samples:
            console.print(_sample_line(one, sample), markup=False)
    console.print(f"\n{report.articles} articles since {clock(report.since)} (UTC).", style="dim")
    if any(one.differ for one in report.topics):
        console.print("`wirewatch replay --from enrich` tags the archive as the topics are now.", style="dim")


def _sample_line(topic: Count, sample: Sample) -> str:
    where = f"{sample.id[:8]}  {printable(sample.source)}, {clock(sample.published)}"
    return f"\n{topic.id}: {printable(sample.title)}\n  {where}, because of {sample.clause}"
