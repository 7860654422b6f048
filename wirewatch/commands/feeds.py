"""`wirewatch feeds`: the feed list, an OPML file that any reader can share, or with Kafka a topic that all pollers share."""

import asyncio
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from ingest.feeds import ParsedFeed
from ingest.find_source import find_source
from ingest.opml import add as add_to
from ingest.opml import read_opml, write_opml
from ingest.opml import remove as remove_from
from ingest.poll import Feed, FeedState
from wirewatch.commands.coverage import reason
from wirewatch.commands.render import as_json as to_json
from wirewatch.commands.render import clock
from wirewatch.commands.settings import Settings, allowing, with_settings
from wirewatch.errors import ConfigError, Reject, RetryLater
from wirewatch.pipeline import open_client
from wirewatch.topics import feed_list, feed_states, open_feed_list, open_log


@click.group()
def feeds() -> None:
    """The feed list: add, list, remove, import, export. A running wirewatch takes changes up by itself."""


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
        known = listed.load()
        if any(other.url == address for other in known):
            raise ConfigError(f"{address}: is in the list already")
        listed.save(add_to(known, feed))
    click.echo(f"Added {feed.title or address} ({address}): {len(parsed.items)} items now.")


async def _find(settings: Settings, url: str) -> tuple[str, ParsedFeed]:
    """The feed at a URL, or the best one of the site behind it."""
    async with open_client(settings.config) as client:
        try:
            found = await find_source(client.get, url)
        except (Reject, RetryLater) as error:
            raise ConfigError(error.reason) from error
    for other, title in found.others:
        click.echo(f"(also there: {other} {title})")
    return found.url, found.feed


class Row(msgspec.Struct, frozen=True):
    """A feed for `--json`."""

    url: str
    title: str
    folder: str
    language: str
    polled: str | None
    next_due: str | None
    failures: int
    error: str | None


@feeds.command("list")
@click.option("--json", "as_json", is_flag=True, help="One object a line, for programs.")
@with_settings
def list_(settings: Settings, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """List the feeds, with when each was polled and what fails."""
    with open_log(settings.config, settings.paths) as log:
        source = feed_list(settings.config, settings.paths, log)
        source.ensure()
        listed, states = source.load(), feed_states(log)
    if as_json:
        for feed in listed:
            click.echo(to_json(_row(feed, states.get(feed.url))))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("title", "lang", "polled", "state", "url"):
        table.add_column(name, overflow="fold")
    for feed in listed:
        state = states.get(feed.url)
        table.add_row(
            feed.title, feed.language, clock(state.last_polled if state else None), _health(state), feed.url
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{len(listed)} feeds in {source.place}", style="dim")


def _row(feed: Feed, state: FeedState | None) -> Row:
    return Row(
        url=feed.url,
        title=feed.title,
        folder=feed.folder,
        language=feed.language,
        polled=state.last_polled.isoformat() if state and state.last_polled else None,
        next_due=state.next_due.isoformat() if state and state.next_due else None,
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
        known = listed.load()
        matching = [feed for feed in known if url_or_title in (feed.url, feed.title)]
        if len(matching) != 1:
            raise ConfigError(
                f"{url_or_title}: expected the URL or title of one feed in the list, {len(matching)} are like that"
            )
        listed.save(remove_from(known, matching[0].url))
    click.echo(f"Removed {matching[0].title or matching[0].url}.")


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def import_(settings: Settings, file: Path) -> None:
    """Add the feeds of another reader's OPML file; those already in the list stay as they are."""
    fresh = read_opml(file.read_bytes(), str(file))
    with open_feed_list(settings.config, settings.paths) as listed:
        known = listed.load() if listed.exists() else []
        urls = {feed.url for feed in known}
        new = [feed for feed in fresh if feed.url not in urls]
        listed.save([*known, *new])
    click.echo(f"{len(new)} feeds added, {len(fresh) - len(new)} were in the list already.")


@feeds.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write the feed list as OPML to FILE, or to standard output."""
    with open_feed_list(settings.config, settings.paths) as listed:
        data = write_opml(listed.load())
    if file:
        file.write_bytes(data)
    else:
        click.echo(data.decode(), nl=False)
