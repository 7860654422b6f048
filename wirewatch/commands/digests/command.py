"""`wirewatch digest`: what a day brought, by topic and saved search."""

import asyncio
import dataclasses
from pathlib import Path

import click

from alerts import digest as message
from alerts.forms import HTML, PLAIN
from stream.clock import utc_now
from stream.files import replace
from web.access.person import LOCAL_NAME
from wirewatch.commands.digests.making import make_digest
from wirewatch.commands.digests.sending import channel_of, send
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import past

EXAMPLES = """
\b
Examples:
  wirewatch digest                               the last day, on the terminal
  wirewatch digest --since 7d --html week.html
  wirewatch digest --send mail                   to the channel `mail` of alerts.toml
  wirewatch digest --for ann --json | jq '.sections[] | {name, articles}'
\b
Each morning, by a running wirewatch (wirewatch.toml):
  [digest]
  at = "07:00"
  zone = "Europe/Berlin"
  channels = ["mail"]
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
    is set, otherwise to the articles. A running wirewatch sends one each day if [digest] says so.
    """
    to = [(name, channel_of(settings, name)) for name in channels]
    now = utc_now()
    made = make_digest(settings, person.lower(), past("--since", since, now), now, most)
    site = settings.config.web.url
    if file:
        body = message.text(made, HTML, site, _ANY_LENGTH)
        replace(file, message.page(made, body).encode())
        complain(f"Written to {file}.")
    for name, channel in to:
        asyncio.run(send(settings, name, channel, made))
        complain(f"Sent to {name}.")
    if form == "json":
        print_document(made)
    elif not file and not to:
        Screen().print(message.title(made), style="bold")
        Screen().print()
        plain = dataclasses.replace(PLAIN, marks=("", ""))
        Screen().print(message.text(made, plain, site, _ANY_LENGTH))
