"""`wirewatch sources`: which sources are silent, slow, failing or moved."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

import click
import msgspec
from rich.text import Text

from ingest.polling.coverage import STATUSES, Health, Status, health, share_heard, sparkline
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from stream.clock import utc_now
from stream.words import plural
from wirewatch.commands import coverage
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock
from wirewatch.topics import open_feed_list

EXAMPLES = """
\b
Examples:
  wirewatch sources                      sources that need a look
  wirewatch sources --all                every source, with its last two weeks
  wirewatch sources --silent || mail -s 'sources went silent' desk@example.org
  wirewatch sources --json | jq '.sources[] | select(.health.status == "failing") | .url'
"""


STYLES: dict[Status, str] = {"gone": "red", "failing": "red", "silent": "yellow", "slowed": "yellow"}


class SourceHealth(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/source/1"):
    """A source, and how it does."""

    url: str
    title: str
    folder: str
    health: Health


class Listed(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/sources/1"):
    """The sources that were asked for, the worst first."""

    count: int
    """How many sources there are in all."""
    heard: int
    """How many of them were heard when they last should have been."""
    sources: tuple[SourceHealth, ...]


@click.command(epilog=EXAMPLES)
@click.option("--all", "everything", is_flag=True, help="List healthy sources, too.")
@click.option("--silent", is_flag=True, help="List only silent sources; the exit code is 1 if there are any.")
@with_json_lines
@with_settings
def sources(settings: Settings, everything: bool, silent: bool, form: Form) -> None:  # noqa: FBT001 - click's flags
    """List the sources that fail or have gone quiet, the worst first.

    Also those that slowed down or moved. A source is silent if it answers, but has had nothing new for far longer than usual at
    these hours and on these days.
    """
    with open_feed_list(settings.config, settings.paths) as listed:
        listed.ensure()
    feeds, states = coverage.read(settings.config, settings.paths)
    now = utc_now()
    rows = judged(feeds, states, now)
    wanted = [row for row in rows if everything or row.health.status not in ("well", "unpolled")]
    if silent:
        wanted = [row for row in rows if row.health.status == "silent"]
    heard = share_heard([states.get(feed.url) for feed in feeds], now).heard
    match form:
        case "json":
            print_document(Listed(count=len(rows), heard=heard, sources=tuple(wanted)))
        case "jsonl":
            print_lines(wanted)
        case "text":
            screen = Screen()
            _show(screen, wanted)
            screen.print(_summary(rows, heard))
    if silent and wanted:
        sys.exit(1)


def judged(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> list[SourceHealth]:
    """Every source with its health, the worst first."""
    rows = [
        SourceHealth(feed.url, feed.title, feed.folder, health(states.get(feed.url), now)) for feed in feeds
    ]
    return sorted(rows, key=lambda row: STATUSES.index(row.health.status))


def _show(screen: Screen, rows: Sequence[SourceHealth]) -> None:
    for row in rows:
        one = row.health
        head = Text.assemble(
            (f"{one.status:<9}", STYLES.get(one.status, "")),
            (row.title or row.url, "bold"),
            f"  {one.per_day:.1f} a day  [{sparkline(one.daily)}]  newest item {clock(one.last_item)}",
        )
        screen.print(head, hang=9)
        since = f"since {clock(one.since)}: " if one.since else ""
        for line in filter(None, (since + one.reason, *one.notes)):
            screen.line(f"         {line}", style="dim")


def _summary(rows: Sequence[SourceHealth], heard: int) -> str:
    counts = {status: sum(row.health.status == status for row in rows) for status in STATUSES}
    names = {"unpolled": "not polled yet", "well": "well"}
    told = [f"{count} {names.get(status, status)}" for status, count in counts.items() if count]
    if not rows:
        return "There are no feeds in the list; add one with: wirewatch feeds add URL"
    return f"{plural(len(rows), 'source')}: {', '.join(told)}. {heard:,} answered when last due."
