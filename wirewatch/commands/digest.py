"""`wirewatch digest`: what a day brought, by topic and saved search."""

import asyncio
import dataclasses
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import click
import msgspec

from alerts import digest as message
from alerts.channels.definitions import Apprise, Channel, Webhook
from alerts.channels.post import open_post
from alerts.channels.webhook import signature
from alerts.forms import HTML, PLAIN
from index.counts import Count
from index.digest import section
from index.store import Search, Store
from results.digest import Digest, Section
from stream.clock import utc_now
from stream.display import to_json
from stream.errors import ConfigError, QueryError, RetryLater
from stream.files import replace
from web.access.person import LOCAL_NAME
from web.errors import BadRequest
from web.search.asked import read, search_of
from wirewatch.commands.coverage import shown
from wirewatch.commands.desk import desk_of
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import past
from wirewatch.composition.resources import user_agent
from wirewatch.composition.stores import open_store
from wirewatch.lists import alerts as alertlist
from wirewatch.lists.topics import news_topics

EXAMPLES = """
\b
Examples:
  wirewatch digest                               the last day, on the terminal
  wirewatch digest --since 7d --html week.html
  wirewatch digest --send mail                   to the channel `mail` of alerts.toml
  wirewatch digest --for ann --json | jq '.sections[] | {name, articles}'
\b
Each morning, by cron:
  0 7 * * *  wirewatch digest --send mail
"""
_ANY_LENGTH = 10_000_000


@click.command(epilog=EXAMPLES)
@click.option("--since", default="24h", show_default=True, help="From when on: 24h, 7d, 2016-03-14.")
@click.option(
    "--for", "person", default=LOCAL_NAME, show_default=True, help="Whose saved searches are in it."
)
@click.option(
    "--most", type=click.IntRange(1, 50), default=5, show_default=True, help="Stories of a section."
)
@click.option(
    "--html", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page to this file."
)
@click.option(
    "--send",
    "channels",
    multiple=True,
    help="Send it to this channel of alerts.toml (mail, chat, webhook). Repeatable.",
)
@with_json
@with_settings
def digest(
    settings: Settings,
    since: str,
    person: str,
    most: int,
    file: Path | None,
    channels: tuple[str, ...],
    form: Form,
) -> None:
    """Show or send what a day brought: the largest stories of each topic and of each saved search.

    It also says how many sources answered, and which topics and searches found nothing. Links lead to the page where [web] url
    is set, otherwise to the articles.
    """
    to = [(name, _channel(settings, name)) for name in channels]
    now = utc_now()
    made = _digest(settings, person.lower(), past("--since", since, now), now, most)
    site = settings.config.web.url
    if file:
        body = message.text(made, HTML, site, _ANY_LENGTH)
        replace(file, message.page(made, body).encode())
        complain(f"Written to {file}.")
    for name, channel in to:
        asyncio.run(_send(settings, name, channel, made))
        complain(f"Sent to {name}.")
    if form == "json":
        print_document(made)
    elif not file and not to:
        Screen().print(message.title(made), style="bold")
        Screen().print()
        plain = dataclasses.replace(PLAIN, marks=("", ""))
        Screen().print(message.text(made, plain, site, _ANY_LENGTH))


def _digest(settings: Settings, person: str, since: datetime, now: datetime, most: int) -> Digest:
    coverage = shown(settings.config, settings.paths)
    with open_store(settings.config, settings.paths, readonly=True) as store:
        whole = Search(since=since, until=now)
        topics = [
            section(
                store,
                "topic",
                topic.name,
                f'topic:"{topic.id}"',
                msgspec.structs.replace(whole, topics=(topic.id,)),
                most,
            )
            for topic in news_topics(settings.paths)
        ]
        return Digest(
            person=person,
            since=since,
            until=now,
            articles=store.counts(whole, Count()).articles,
            sections=(*topics, *_searches(settings, store, person, whole, most)),
            coverage=coverage,
        )


def _searches(settings: Settings, store: Store, person: str, whole: Search, most: int) -> Iterator[Section]:
    """The saved searches of a person, of the digest's time. One that can't be read any more is named, and left out."""
    desk, now = desk_of(settings), whole.until or utc_now()
    saved = sorted(desk.listed(["search"], person, limit=1_000), key=lambda mark: mark.name.casefold())
    for mark in saved:
        parts = urlsplit(mark.value)
        if parts.path != "/" or mark.person != person:
            continue
        try:
            asked = read(dict(parse_qsl(parts.query)))
            search = search_of(asked, now, marks=desk.marks_of(person))
        except (BadRequest, QueryError) as error:
            complain(f"The saved search {mark.name!r} is left out: {error}")
            continue
        within = msgspec.structs.replace(whole, query=search.query)
        yield section(store, "search", mark.name, asked.q, within, most)


def _channel(settings: Settings, name: str) -> Apprise | Webhook:
    definitions = alertlist.load(settings.paths.alerts)
    if name in definitions.broken:
        raise ConfigError(definitions.broken[name])
    channel: Channel | None = definitions.channels.get(name)
    if channel is None:
        raise ConfigError(f"{settings.paths.alerts}: there is no channel {name!r}")
    if not isinstance(channel, Apprise | Webhook):
        raise ConfigError(
            f"channel {name!r}: digests go to mail, chat (kind apprise) and webhooks; for a file: --html"
        )
    return channel


async def _send(settings: Settings, name: str, channel: Apprise | Webhook, made: Digest) -> None:
    try:
        if isinstance(channel, Apprise):
            from alerts.channels.apprise import send_digest  # noqa: PLC0415 - Apprise takes its time to be imported

            await send_digest(channel.url, made, settings.config.web.url)
            return
        async with open_post(user_agent(settings.config)) as post:
            body, headers = to_json(made).encode(), {"Content-Type": "application/json"}
            if channel.secret:
                headers["X-Wirewatch-Signature"] = signature(channel.secret, body, int(time.time()))
            status = await post(channel.url, body, headers)
    except RetryLater as error:
        raise RetryLater(error.kind, f"channel {name}: {error.reason}") from None
    if not 200 <= status < 300:
        raise RetryLater(f"http-{status}", f"channel {name}: the webhook answered {status}")
