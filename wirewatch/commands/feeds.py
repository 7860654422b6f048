"""`wirewatch feeds`: the feed list, an OPML file that any reader can share, or with Kafka a topic that all pollers share."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import msgspec
from rich.table import Table

from ingest.formats.feeds import ParsedFeed
from ingest.http.accept import for_feeds
from ingest.polling.coverage import Health, health, sparkline
from ingest.polling.decide import address
from ingest.polling.feed_state import FeedState
from ingest.polling.forecast import Forecast, forecast
from ingest.sources.feed import Feed
from ingest.sources.find_source import find_source
from ingest.sources.opml import add as add_to
from ingest.sources.opml import missing, read_opml, write_opml
from ingest.sources.opml import remove as remove_from
from results.parts import Time
from stream.clock import utc_now
from stream.errors import ConfigError, Reject, RetryLater
from wirewatch.commands.coverage import reason
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.render import clock, counted, printable, screen
from wirewatch.commands.settings import Settings, allowing, with_settings
from wirewatch.composition.poller import polling_policy
from wirewatch.composition.resources import open_client
from wirewatch.topics import feed_list, feed_states, open_feed_list, open_log


@click.group()
def feeds() -> None:
    """The feed list: add, list, show, remove, import, export. A running wirewatch takes changes up by itself."""


ADD_EXAMPLES = """
\b
Examples:
  wirewatch feeds add https://www.example.org/rss.xml
  wirewatch feeds add https://www.example.org --title 'Example'
  wirewatch feeds add https://www.example.org/news-sitemap.xml
"""


@feeds.command(epilog=ADD_EXAMPLES)
@click.argument("url")
@click.option("--title", default="", help="The outlet's name; default: the feed's own title.")
@click.option("--folder", default="", help="The folder in the list.")
@click.option(
    "--allow-private",
    metavar="CIDR",
    multiple=True,
    help="A private network that may be reached. Repeatable.",
)
@with_settings
def add(settings: Settings, url: str, title: str, folder: str, allow_private: tuple[str, ...]) -> None:
    """Add a feed by its URL, or by that of the site.

    Its feeds are looked for in the page, on the site's front page and at the usual addresses; where there is none, a news
    sitemap is taken (named in robots.txt, or at a usual address).
    """
    settings = Settings(allowing(settings.config, allow_private), settings.paths)
    address, parsed = asyncio.run(_find(settings, url if "://" in url else f"https://{url}"))
    feed = Feed(url=address, title=title or parsed.title, language=parsed.language, folder=folder)
    with open_feed_list(settings.config, settings.paths) as listed:
        listed.ensure()
        listed.change(lambda known: add_to(known, feed))
    click.echo(f"Added {feed.title or address} ({address}): {len(parsed.items)} items now.")


async def _find(settings: Settings, url: str) -> tuple[str, ParsedFeed]:
    """The feed at a URL, or the best one of the site behind it."""
    async with open_client(settings.config) as client:
        try:
            found = await find_source(for_feeds(client.get), url)
        except (Reject, RetryLater) as error:
            raise ConfigError(error.reason) from error
    for other, title in found.others:
        click.echo(f"(also there: {other} {title})")
    return found.url, found.feed


class ListedFeed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feed/1"):
    """A feed of the list."""

    url: str
    title: str
    folder: str
    language: str
    polled: Time | None
    next_due: Time | None
    failures: int
    """How many polls failed in a row."""
    error: str | None


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feeds/1"):
    """The feed list."""

    feeds: tuple[ListedFeed, ...]


@feeds.command("list")
@with_json_lines
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List the feeds, with when each was polled and what fails."""
    with open_log(settings.config, settings.paths) as log:
        source = feed_list(settings.config, settings.paths, log)
        source.ensure()
        listed, refused, states = source.load(), source.refused(), feed_states(log)
    rows = [_row(feed, states.get(feed.url)) for feed in listed]
    if form == "jsonl":
        print_lines(rows)
        return
    if form == "json":
        print_document(Listed(tuple(rows)))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("title", "lang", "polled", "state", "url"):
        table.add_column(name, overflow="fold")
    for feed in listed:
        state = states.get(feed.url)
        table.add_row(
            feed.title, feed.language, clock(state.last_polled if state else None), _health(state), feed.url
        )
    console = screen()
    console.print(table)
    console.print(f"{len(listed)} feeds in {source.place}", style="dim")
    for one in refused:
        console.print(f"not polled: {printable(str(one))}", style="yellow", markup=False, soft_wrap=True)


class Shown(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feed-plan/1"):
    """When a feed is asked next and why then, and how it does."""

    url: str
    title: str
    asked_at: str
    last_polled: Time | None
    last_read: Time | None
    health: Health
    schedule: Forecast


SHOW_EXAMPLES = """
\b
Examples:
  wirewatch feeds show https://www.example.org/rss.xml
  wirewatch feeds show 'Harbour Courier' --json | jq .schedule.why
"""


@feeds.command(epilog=SHOW_EXAMPLES)
@click.argument("url_or_title")
@with_json
@with_settings
def show(settings: Settings, url_or_title: str, form: Form) -> None:
    """Show when a feed is asked next and why then, what is known of its rhythm, and how it does."""
    with open_log(settings.config, settings.paths) as log:
        feed = _one_of(feed_list(settings.config, settings.paths, log).load(), url_or_title)
        state = feed_states(log).get(feed.url) or FeedState(url=feed.url)
    now = utc_now()
    found = Shown(
        url=feed.url,
        title=feed.title or state.title,
        asked_at=address(feed, state),
        last_polled=state.last_polled,
        last_read=state.last_read,
        health=health(state, now),
        schedule=forecast(state, now, polling_policy(settings.config)),
    )
    if form == "json":
        print_document(found)
    else:
        for line in _shown_lines(found, now):
            click.echo(line)


def _shown_lines(found: Shown, now: datetime) -> list[str]:
    due, plan, one = found.schedule.next_due, found.schedule, found.health
    when = f"{clock(due)} UTC ({_in(due, now)})" if due else ("never" if one.status == "gone" else "now")
    hours = ", ".join(f"{hour}-{(hour + 1) % 24} h" for hour in plan.busiest_hours) or "not known yet"
    window = f"{_span(plan.window_seconds)}" if plan.window_seconds is not None else "no limit"
    return [
        found.title or found.url,
        f"  address    {found.url}" + (f", asked at {found.asked_at}" if found.asked_at != found.url else ""),
        f"  next due   {when}",
        f"  why then   {plan.because}",
        f"  rate       {plan.per_day:g} items a day; {plan.rate_now:g} an hour now; busiest (UTC): {hours}",
        f"  bounds     by its pace {_span(plan.pace_seconds)}; by its window of {plan.window} items {window}",
        f"  wishes     {_span(plan.wish_seconds)} (max-age, Expires, ttl)",
        f"  next time  {'changes only (conditional)' if plan.conditional else 'the whole feed'}",
        f"  last       polled {clock(found.last_polled)}, read {clock(found.last_read)}, item {clock(one.last_item)}",
        f"  two weeks  {sparkline(one.daily) or '-'}",
        f"  state      {one.status}"
        + (f" since {clock(one.since)}" if one.since else "")
        + (f": {one.reason}" if one.reason else ""),
        *(f"             {note}" for note in one.notes),
    ]


def _span(seconds: float) -> str:
    """A span for a person, such as `22 min`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _in(due: datetime, now: datetime) -> str:
    seconds = (due - now).total_seconds()
    return f"in {_span(seconds)}" if seconds >= 0 else f"{_span(-seconds)} ago: as soon as it is running"


def _one_of(known: Sequence[Feed], url_or_title: str) -> Feed:
    """The feed that is meant, or ConfigError."""
    matching = [feed for feed in known if url_or_title in (feed.url, feed.title)]
    if len(matching) != 1:
        raise ConfigError(
            f"{url_or_title}: expected the URL or title of one feed in the list, {len(matching)} are like that"
        )
    return matching[0]


def _row(feed: Feed, state: FeedState | None) -> ListedFeed:
    return ListedFeed(
        url=feed.url,
        title=feed.title,
        folder=feed.folder,
        language=feed.language,
        polled=state.last_polled if state else None,
        next_due=state.next_due if state else None,
        failures=state.failures if state else 0,
        error=reason(state) if state and state.failures else None,
    )


def _health(state: FeedState | None) -> str:
    if state is None:
        return "not polled yet"
    if state.gone:
        return "gone"
    return f"failed {state.failures} times: {reason(state)}" if state.failures else "ok"


@feeds.command()
@click.argument("url_or_title")
@with_settings
def remove(settings: Settings, url_or_title: str) -> None:
    """Remove a feed by its URL or its exact title. Its articles stay."""
    with open_feed_list(settings.config, settings.paths) as listed:
        found = _one_of(listed.load(), url_or_title)
        listed.change(lambda known: remove_from(known, found.url))
    click.echo(f"Removed {found.title or found.url}.")


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def import_(settings: Settings, file: Path) -> None:
    """Add the feeds of another reader's OPML file; those already in the list stay as they are.

    Rows that can't be polled are named with the reason, and hold up no other.
    """
    read = read_opml(file.read_bytes(), str(file))
    added: list[Feed] = []

    def change(known: list[Feed]) -> list[Feed]:
        added[:] = missing(known, read.feeds)
        return [*known, *added]

    with open_feed_list(settings.config, settings.paths) as listed:
        listed.change(change)
    known = len(read.feeds) - len(added)
    click.echo(f"Added {counted(len(added), 'feed')}; {known} were in the list already.")
    if read.refused:
        click.echo(f"Left out {counted(len(read.refused), 'row')}:")
    for one in read.refused:
        click.echo(f"  {printable(str(one))}")


@feeds.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write the feed list as OPML to FILE, or to standard output."""
    with open_feed_list(settings.config, settings.paths) as listed:
        data = write_opml(listed.load(), listed.refused())
    if file:
        file.write_bytes(data)
    else:
        click.echo(data.decode(), nl=False)
