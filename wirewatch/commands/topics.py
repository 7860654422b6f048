"""`wirewatch topics`: the topics, and what each tags, tried on the archive."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec

from enrich.topics import Topic, tag
from index.store import Search, Store
from query.article import prepare_enriched
from results.topics import Count, Report, Sample
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.messages import Enriched
from stream.suggest import did_you_mean
from stream.words import plural
from wirewatch.commands.lint import warning_lines
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.periods import beyond
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.taking_in import print_taken_in, replacing, write_out
from wirewatch.commands.times import clock, past
from wirewatch.composition.lists import bring_topics, open_topic_list
from wirewatch.composition.stores import open_store
from wirewatch.lists import topics as topiclist
from wirewatch.lists.topics import news_topics

_AT_ONCE = 1000
"""Articles that are held at once, unless more came within the shortest stretch."""

_SHORTEST = timedelta(minutes=1)
_MOST_LANGUAGES = 4
"""Languages that are shown of a topic; `--json` has all."""

EXAMPLES = """
\b
Examples:
  wirewatch topics check                       every topic, on the last 7 days
  wirewatch topics check syria --since 30d --samples 10
  wirewatch topics check --json | jq '.topics[] | select(.differ > 0) | .id'
"""


class _Tally:
    """The counts of one topic while the articles go by."""

    def __init__(self, topic: Topic, samples: int) -> None:
        self._topic = topic
        self._wanted = samples
        self._tagged = self._archived = self._differ = 0
        self._samples: list[Sample] = []
        self._languages: Counter[str] = Counter()

    def add(self, enriched: Enriched, clause: str | None) -> None:
        """Count an article; `clause` is why it is tagged, None if it is not."""
        versions = [one.version for one in enriched.topics if one.topic == self._topic.id]
        self._tagged += clause is not None
        self._archived += bool(versions)
        self._languages[enriched.language] += clause is not None
        self._differ += versions != ([] if clause is None else [self._topic.version])
        if clause is not None and len(self._samples) < self._wanted:
            article = enriched.article
            self._samples.append(Sample(article.id, article.title, article.source, article.published, clause))

    def count(self) -> Count:
        """What was counted."""
        topic = self._topic
        counts = (self._tagged, self._archived, self._differ)
        languages = _most_first(self._languages)
        return Count(topic.id, topic.name, topic.parent, topic.version, *counts, self._samples, languages)


def _most_first(counts: Counter[str]) -> dict[str, int]:
    """What was counted at least once."""
    return {language: count for language, count in counts.most_common() if count}


@click.group()
def topics() -> None:
    """Manage the topics, and check what each tags.

    A running wirewatch picks changes up by itself; what is in the archive keeps its tags until: wirewatch replay --from enrich
    """


ADD_EXAMPLES = """
\b
Examples:
  wirewatch topics add dams Dams '"dam failure"~3 OR "dam burst"'
  wirewatch topics add syria-aid 'Aid in Syria' 'topic:syria AND aid' --parent syria
"""


@topics.command(epilog=ADD_EXAMPLES)
@click.argument("topic_id", metavar="ID")
@click.argument("name")
@click.argument("query")
@click.option("--description", default="", help="What it is about.")
@click.option("--parent", default="", help="The topic that it is a part of.")
@with_settings
def add(settings: Settings, topic_id: str, name: str, query: str, description: str, parent: str) -> None:
    """Add a topic that articles are tagged with.

    ID is what queries call it (`topic:ID`), NAME what people read.
    """
    given = {"id": topic_id, "name": name, "query": query, "description": description, "parent": parent}
    table = {key: value for key, value in given.items() if value}
    with open_topic_list(settings.config, settings.paths) as listed:
        listed.edit(lambda document: topiclist.add_to(document, table))
        place = listed.place
    screen = Screen()
    screen.print(f"Added {topic_id!r} to {place}.")
    for line in warning_lines(query, settings.paths):
        screen.print(line, style="yellow")


@topics.command(epilog="\b\nExamples:\n  wirewatch topics remove dams")
@click.argument("topic_id", metavar="ID")
@with_settings
def remove(settings: Settings, topic_id: str) -> None:
    """Remove a topic; articles that it has tagged keep the tag."""
    with open_topic_list(settings.config, settings.paths) as listed:
        listed.edit(lambda document: topiclist.drop(document, topic_id))
    Screen().print(f"Removed {topic_id!r}.")


IMPORT_EXAMPLES = """
\b
Examples:
  wirewatch topics import topics.toml
  wirewatch topics import topics-of-the-desk.toml --replace
"""


@topics.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@replacing
@with_settings
def import_(settings: Settings, file: Path, replace: bool) -> None:  # noqa: FBT001 - click's flag
    """Add the topics of a file.

    Those that are there already stay as they are, unless you say --replace. The bundled topics give way to the first file.
    """
    with open_topic_list(settings.config, settings.paths) as listed:
        print_taken_in(listed.take_in(file.read_bytes(), str(file), replace=replace), listed.place)


EXPORT_EXAMPLES = """
\b
Examples:
  wirewatch topics export topics-of-the-desk.toml
  wirewatch topics export > backup.toml
"""


@topics.command(epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write the topics as TOML to FILE or standard output."""
    with open_topic_list(settings.config, settings.paths, begins=False) as listed:
        write_out(listed.toml(), file)


@topics.command(epilog=EXAMPLES)
@click.argument("ids", metavar="[TOPIC]...", nargs=-1)
@click.option("--since", default="7d", show_default=True, help="Published at or after: 2016-03-14, 24h, 30d.")
@click.option(
    "--samples",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    help="Examples to show of each topic.",
)
@with_json
@with_settings
def check(settings: Settings, ids: Sequence[str], since: str, samples: int, form: Form) -> None:
    """Try the topics, as they are defined now, on recent articles.

    The counts by language show where a topic lacks words: one that finds nothing among many Spanish articles needs some.

    Nothing changes: "would change" counts the articles whose stored tags differ; `wirewatch replay --from enrich` renews them.
    """
    bring_topics(settings.config, settings.paths)
    defined = news_topics(settings.paths)
    shown = _chosen(defined, ids)
    until = utc_now()
    start = past("--since", since, until)
    with open_store(settings.config, settings.paths, readonly=True) as store:
        report = _report(_newest(store, start, until), defined, shown, samples, start)
        why = "" if report.articles else beyond(store, start, f"--since {since}")
    if form == "json":
        print_document(report)
    else:
        _show(report, why)


def _chosen(defined: Sequence[Topic], ids: Sequence[str]) -> list[Topic]:
    known = {topic.id: topic for topic in defined}
    for one in ids:
        if one not in known:
            raise ConfigError(f"no topic is called {one!r}{did_you_mean(one, list(known))}")
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
    languages: Counter[str] = Counter()
    for enriched in messages:
        languages[enriched.language] += 1
        clauses = {one.topic: one.clause for one in tag(defined, prepare_enriched(enriched))}
        for topic, tally in tallies.items():
            tally.add(enriched, clauses.get(topic))
    counts = [tally.count() for tally in tallies.values()]
    return Report(since.astimezone(UTC), languages.total(), counts, _most_first(languages))


def _show(report: Report, why_empty: str) -> None:
    screen = Screen()
    if not report.articles:
        screen.print(f"No articles since {clock(report.since)}. {why_empty}".strip())
        return
    rows = [
        (
            one.id,
            f"{one.tagged:,}",
            f"{one.tagged / report.articles:.1%}",
            f"{one.differ:,}",
            _by_language(one.languages),
        )
        for one in report.topics
    ]
    headings = ("topic", "tagged", "share", "would change", "by language")
    screen.table(headings, rows, right=headings[1:4])
    for one in report.topics:
        for sample in one.samples:
            screen.print()
            screen.line(f"{one.id}: {sample.title}", hang=2)
            where = f"{sample.id[:8]}  {sample.source}, {clock(sample.published)}"
            screen.line(f"  {where}, matched {sample.clause}", hang=12)
    every = f"{plural(report.articles, 'article')} since {clock(report.since)}"
    screen.print(f"\n{every}: {_by_language(report.languages)}.", style="dim")
    if any(one.differ for one in report.topics):
        screen.print("To tag the archive again: wirewatch replay --from enrich", style="dim")


def _by_language(counts: Mapping[str, int]) -> str:
    """The languages with the most articles, as `en 120, es 14, 3 others 5`."""
    shown = [f"{language} {count:,}" for language, count in [*counts.items()][:_MOST_LANGUAGES]]
    others = [*counts.values()][_MOST_LANGUAGES:]
    return ", ".join([*shown, *([f"{plural(len(others), 'other')} {sum(others):,}"] if others else [])])
