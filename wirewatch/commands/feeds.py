"""`wirewatch feeds`: the feed list, an OPML file that any reader can share, or with Kafka a topic that all pollers share."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import msgspec

from ingest.formats.feeds import ParsedFeed
from ingest.http.accept import for_feeds
from ingest.polling.coverage import sparkline
from ingest.polling.decide import address
from ingest.polling.feed_state import FeedState
from ingest.polling.forecast import forecast
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed
from ingest.sources.find_source import find_source
from ingest.sources.opml import add as add_to
from ingest.sources.opml import missing, read_opml, write_opml
from ingest.sources.opml import remove as remove_from
from results.parts import Time
from results.sources import FeedPlan, Imported
from stream.clock import utc_now
from stream.errors import ConfigError, Reject, RetryLater
from stream.suggest import did_you_mean
from stream.words import plural, span
from wirewatch.commands.coverage import reason
from wirewatch.commands.output import Form, print_document, with_json, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, allowing, with_settings
from wirewatch.commands.sources import row_of
from wirewatch.commands.times import clock
from wirewatch.composition.poller import polling_policy
from wirewatch.composition.resources import open_client
from wirewatch.topics import feed_list, feed_states, open_feed_list, open_log


@click.group()
def feeds() -> None:
    """Manage the feed list.

    A running wirewatch picks changes up by itself.
    """


ADD_EXAMPLES = """
\b
Examples:
  wirewatch feeds add https://www.example.org/rss.xml
  wirewatch feeds add https://www.example.org --title 'Example'
  wirewatch feeds add https://www.example.org/news-sitemap.xml
"""


@feeds.command(epilog=ADD_EXAMPLES)
@click.argument("url")
@click.option("--title", default="", help="The name of the outlet. Default: the feed's own title.")
@click.option("--folder", default="", help="The folder of the list to put it in.")
@click.option(
    "--allow-private",
    metavar="CIDR",
    multiple=True,
    help="A private network that wirewatch may reach. Repeatable.",
)
@with_settings
def add(settings: Settings, url: str, title: str, folder: str, allow_private: tuple[str, ...]) -> None:
    """Add a feed by its URL or the site's.

    Given a site, wirewatch looks for a feed in that page, on the front page and at the usual addresses. If there is none,
    it uses a news sitemap (named in robots.txt, or at a usual address).
    """
    settings = Settings(allowing(settings.config, allow_private), settings.paths)
    address, parsed = asyncio.run(_find(settings, url if "://" in url else f"https://{url}"))
    feed = Feed(url=address, title=title or parsed.title, language=parsed.language, folder=folder)
    with open_feed_list(settings.config, settings.paths) as listed:
        listed.ensure()
        listed.change(lambda known: add_to(known, feed))
    Screen().line(
        f"Added {feed.title or address} ({address}), which has {plural(len(parsed.items), 'item')} now."
    )


async def _find(settings: Settings, url: str) -> tuple[str, ParsedFeed]:
    """The feed at a URL, or the best one of the site behind it."""
    async with open_client(settings.config) as client:
        try:
            found = await find_source(for_feeds(client.get), url)
        except (Reject, RetryLater) as error:
            raise ConfigError(error.reason) from error
    for other, title in found.others:
        Screen().line(f"The site also has: {other} {title}")
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
    paused: bool = False
    """Whether it is kept in the list without being polled."""
    country: str = ""
    """The outlet's, ISO 3166-1 alpha-2; '' if the list does not say."""


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/feeds/1"):
    """The feed list."""

    feeds: tuple[ListedFeed, ...]


LIST_EXAMPLES = """
\b
Examples:
  wirewatch feeds list
  wirewatch feeds list --jsonl | jq -r 'select(.failures > 0) | .url'
  wirewatch feeds list --secrets          with the passwords and keys in their URLs
"""


@feeds.command("list", epilog=LIST_EXAMPLES)
@click.option("--secrets", is_flag=True, help="Show the passwords and keys in URLs.")
@with_json_lines
@with_settings
def list_(settings: Settings, secrets: bool, form: Form) -> None:  # noqa: FBT001 - click's flag
    """List the feeds, when each was last polled and whether it fails."""
    with open_log(settings.config, settings.paths, begins=False) as log:
        source = feed_list(settings.config, settings.paths, log)
        source.ensure()
        listed, refused, states = source.load(), source.refused(), feed_states(log)
    rows = [_row(feed, states.get(feed.url)) for feed in listed]
    screen = Screen(secrets=secrets)
    if form == "jsonl":
        for row in rows:
            screen.json(row)
        return
    if form == "json":
        screen.json(Listed(tuple(rows)))
        return
    if not listed:
        screen.print(f"There are no feeds in {source.place}; add one with: wirewatch feeds add URL")
        return
    screen.table(
        ("title", "lang", "polled", "state", "url"), [_cells(feed, states.get(feed.url)) for feed in listed]
    )
    screen.print(f"{plural(len(listed), 'feed')} in {source.place}", style="dim")
    for one in refused:
        screen.print(f"not polled: {one}", style="yellow")


def _cells(feed: Feed, state: FeedState | None) -> tuple[str, ...]:
    told = "paused" if feed.paused else _health(state)
    return feed.title, feed.language, clock(state.last_polled if state else None), told, feed.url


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
    """Show when a feed is polled next, why, and its health."""
    now = utc_now()
    with open_log(settings.config, settings.paths, begins=False) as log:
        feed = _one_of(feed_list(settings.config, settings.paths, log).load(), url_or_title)
        found = plan_of(feed, feed_states(log).get(feed.url), now, polling_policy(settings.config))
    screen = Screen()
    if form == "json":
        print_document(found)
    else:
        for line in _shown_lines(found, now):
            screen.line(line, hang=13)


def plan_of(feed: Feed, state: FeedState | None, now: datetime, policy: Policy) -> FeedPlan:
    """When a feed is asked next and why then, and how it does."""
    known = state or FeedState(url=feed.url)
    return FeedPlan(
        url=feed.url,
        title=feed.title or known.title,
        asked_at=address(feed, known),
        last_polled=known.last_polled,
        last_read=known.last_read,
        health=row_of(feed, state, now).health,
        schedule=forecast(known, now, policy),
    )


def _shown_lines(found: FeedPlan, now: datetime) -> list[str]:
    due, plan, one = found.schedule.next_due, found.schedule, found.health
    when = f"{clock(due)} ({_in(due, now)})" if due else ("never" if one.status == "gone" else "now")
    hours = ", ".join(f"{hour}:00" for hour in plan.busiest_hours) or "not known yet"
    window = f"within {span(plan.window_seconds)}" if plan.window_seconds is not None else "any time"
    wish = (
        f"at most every {span(plan.wish_seconds)} (max-age, Expires, ttl)" if plan.wish_seconds else "nothing"
    )
    return [
        found.title or found.url,
        f"  address    {found.url}"
        + (f", polled at {found.asked_at}" if found.asked_at != found.url else ""),
        f"  next poll  {when}",
        f"  why then   {plan.because}",
        f"  rate       {plan.per_day:g} items a day, {plan.rate_now:g} an hour now; busiest hours (UTC): {hours}",
        f"  limits     its rate asks for a poll every {span(plan.pace_seconds)}, its {plural(plan.window, 'item')} {window}",
        f"  requests   {wish}",
        f"  next time  {'only what has changed (a conditional request)' if plan.conditional else 'the whole feed'}",
        f"  last       polled {clock(found.last_polled)}, read {clock(found.last_read)}, newest item {clock(one.last_item)}",
        f"  two weeks  {sparkline(one.daily) or '-'}",
        f"  state      {one.status}"
        + (f" since {clock(one.since)}" if one.since else "")
        + (f": {one.reason}" if one.reason else ""),
        *(f"             {note}" for note in one.notes),
    ]


def _in(due: datetime, now: datetime) -> str:
    seconds = (due - now).total_seconds()
    return (
        f"in {span(seconds)}" if seconds >= 0 else f"overdue by {span(-seconds)}: as soon as wirewatch runs"
    )


def _one_of(known: Sequence[Feed], url_or_title: str) -> Feed:
    """The feed that is meant, or ConfigError."""
    matching = [feed for feed in known if url_or_title in (feed.url, feed.title)]
    if not matching:
        names = [name for feed in known for name in (feed.title, feed.url) if name]
        raise ConfigError(
            f"no feed in the list has the URL or title {url_or_title!r}{did_you_mean(url_or_title, names)}"
        )
    if len(matching) > 1:
        urls = ", ".join(feed.url for feed in matching)
        raise ConfigError(
            f"{len(matching)} feeds have the title {url_or_title!r}; give the URL of one: {urls}"
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
        paused=feed.paused,
        country=feed.country,
    )


def _health(state: FeedState | None) -> str:
    if state is None:
        return "not polled yet"
    if state.gone:
        return "gone"
    return f"failed {plural(state.failures, 'time')}: {reason(state)}" if state.failures else "ok"


REMOVE_EXAMPLES = """
\b
Examples:
  wirewatch feeds remove https://www.example.org/rss.xml
  wirewatch feeds remove 'Harbour Courier'
"""


@feeds.command(epilog=REMOVE_EXAMPLES)
@click.argument("url_or_title")
@with_settings
def remove(settings: Settings, url_or_title: str) -> None:
    """Remove a feed by its URL or exact title; its articles stay."""
    with open_feed_list(settings.config, settings.paths, begins=False) as listed:
        found = _one_of(listed.load(), url_or_title)
        listed.change(lambda known: remove_from(known, found.url))
    Screen().line(f"Removed {found.title or found.url}.")


PAUSE_EXAMPLES = """
\b
Examples:
  wirewatch feeds pause 'Harbour Courier'
  wirewatch feeds pause https://www.example.org/rss.xml
"""
RESUME_EXAMPLES = """
\b
Examples:
  wirewatch feeds resume 'Harbour Courier'
"""


@feeds.command(epilog=PAUSE_EXAMPLES)
@click.argument("url_or_title")
@with_settings
def pause(settings: Settings, url_or_title: str) -> None:
    """Stop polling a feed, and keep it in the list."""
    found = _set_paused(settings, url_or_title, paused=True)
    Screen().line(f"{found.title or found.url} is not polled until: wirewatch feeds resume")


@feeds.command(epilog=RESUME_EXAMPLES)
@click.argument("url_or_title")
@with_settings
def resume(settings: Settings, url_or_title: str) -> None:
    """Poll a feed again that was paused."""
    found = _set_paused(settings, url_or_title, paused=False)
    Screen().line(f"{found.title or found.url} is polled again.")


def _set_paused(settings: Settings, url_or_title: str, *, paused: bool) -> Feed:
    with open_feed_list(settings.config, settings.paths, begins=False) as listed:
        found = _one_of(listed.load(), url_or_title)

        def change(known: list[Feed]) -> list[Feed]:
            return [
                msgspec.structs.replace(one, paused=paused) if one.url == found.url else one for one in known
            ]

        listed.change(change)
    return found


IMPORT_EXAMPLES = """
\b
Examples:
  wirewatch feeds import ~/Downloads/feedly.opml
"""


@feeds.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def import_(settings: Settings, file: Path) -> None:
    """Add the feeds of an OPML file.

    Feeds that are already in the list stay as they are. Rows that can't be polled are named with the reason.
    """
    found = take_in(settings, file.read_bytes(), str(file))
    screen = Screen()
    screen.print(f"Added {plural(found.added, 'feed')}; {found.known:,} already in the list.")
    if found.refused:
        screen.print(f"Left out {plural(len(found.refused), 'row')}:")
    for one in found.refused:
        screen.line(f"  {one}")


def take_in(settings: Settings, opml: bytes, name: str) -> Imported:
    """Add the feeds of an OPML file to the list; `name` is what errors call it."""
    read = read_opml(opml, name)
    added: list[Feed] = []

    def change(known: list[Feed]) -> list[Feed]:
        added[:] = missing(known, read.feeds)
        return [*known, *added]

    with open_feed_list(settings.config, settings.paths) as listed:
        listed.change(change)
    return Imported(
        added=len(added), known=len(read.feeds) - len(added), refused=tuple(map(str, read.refused))
    )


EXPORT_EXAMPLES = """
\b
Examples:
  wirewatch feeds export feeds-of-the-desk.opml
  wirewatch feeds export > backup.opml
"""


@feeds.command(epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write the feed list as OPML to FILE or standard output.

    The file has the passwords and keys of the feeds' URLs: whoever imports it needs them.
    """
    with open_feed_list(settings.config, settings.paths, begins=False) as listed:
        data = write_opml(listed.load(), listed.refused())
    if file:
        file.write_bytes(data)
    else:
        Screen().raw(data.decode())
