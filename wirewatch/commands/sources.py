"""`wirewatch sources`: which sources are silent, slow, failing or moved."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click
import msgspec
from rich.text import Text

from ingest.polling.coverage import health, share_heard, sparkline
from ingest.polling.feed_state import FeedState
from ingest.polling.forecast import because
from ingest.sources.feed import Feed
from results.sources import STATUSES, SourceHealth, Sources, Status
from stream.clock import utc_now
from stream.words import frequency, plural
from wirewatch.commands import coverage
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock
from wirewatch.lists.feeds import version_of
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
    with open_feed_list(settings.config, settings.paths, begins=False) as listed:
        listed.ensure()
    feeds, states = coverage.read(settings.config, settings.paths)
    now = utc_now()
    rows = judged(feeds, states, now)
    wanted = [row for row in rows if everything or row.health.status not in ("well", "unpolled", "paused")]
    if silent:
        wanted = [row for row in rows if row.health.status == "silent"]
    heard = share_heard([states.get(feed.url) for feed in feeds if not feed.paused], now).heard
    match form:
        case "json":
            print_document(Sources(count=len(rows), heard=heard, sources=tuple(wanted)))
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
    rows = [row_of(feed, states.get(feed.url), now) for feed in feeds]
    return sorted(rows, key=lambda row: STATUSES.index(row.health.status))


def row_of(feed: Feed, state: FeedState | None, now: datetime) -> SourceHealth:
    """A source with its health, and when it is asked next."""
    known = state or FeedState(url=feed.url)
    found = health(state, now)
    if feed.paused:
        found = msgspec.structs.replace(found, status="paused", since=None, reason="someone paused it")
    return SourceHealth(
        feed.url,
        feed.title,
        feed.folder,
        found,
        id=id_of(feed.url),
        version=version_of(feed),
        language=feed.language,
        country=feed.country,
        site=feed.site,
        last_polled=_utc(known.last_polled),
        next_due=None if feed.paused else _utc(known.next_due),
        because="it is paused" if feed.paused else because(known),
    )


def id_of(url: str) -> str:
    """By what the page and the API know a source."""
    return hashlib.blake2b(url.encode(), digest_size=8).hexdigest()


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None


def _show(screen: Screen, rows: Sequence[SourceHealth]) -> None:
    for row in rows:
        one = row.health
        head = Text.assemble(
            (f"{one.status:<9}", STYLES.get(one.status, "")),
            (row.title or row.url, "bold"),
            f"  {frequency(one.per_day)}  [{sparkline(one.daily)}]  newest item {clock(one.last_item)}",
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
