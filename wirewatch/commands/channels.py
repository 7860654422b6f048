"""`wirewatch channels`: where alerts are sent."""

import asyncio

import click
from tomlkit import TOMLDocument

from results.alerts import Alerts
from wirewatch.commands.alerts.history import Remembered
from wirewatch.commands.alerts.status import listed
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.page.alerts import send_test
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.lists import open_alert_list
from wirewatch.lists import alerts as alertlist

KINDS = ("apprise", "webhook", "file", "feed", "stdout", "elasticsearch")


@click.group()
def channels() -> None:
    """Manage where alerts are sent.

    A running wirewatch picks changes up by itself.
    """


LIST_EXAMPLES = """
\b
Examples:
  wirewatch channels list
  wirewatch channels list --jsonl | jq -r 'select(.broken) | .name'
"""


@channels.command("list", epilog=LIST_EXAMPLES)
@with_json_lines
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List the channels, and whether each can be used here.

    --json prints the document of `wirewatch alerts list`, which has both.
    """
    found = _all(settings)
    if form == "text":
        rows = [
            (
                one.name,
                one.kind,
                one.target,
                f"broken: {one.broken}" if one.broken else "ok",
                ", ".join(one.used_by),
            )
            for one in found.channels
        ]
        Screen().table(("channel", "kind", "leads to", "state", "alerts"), rows)
        return
    if form == "jsonl":
        print_lines(found.channels)
    else:
        print_document(found)


def _all(settings: Settings) -> Alerts:
    with open_alert_list(settings.config, settings.paths, begins=False) as alerts:
        return listed(alerts.load(), Remembered(), alerts.tables())


ADD_EXAMPLES = """
\b
Examples:
  wirewatch channels add desk 'mailto://me:secret@example.org'
  wirewatch channels add hook env:DESK_URL --secret file:/run/secrets/desk
  wirewatch channels add news --kind feed --path alerts.xml
"""


@channels.command(epilog=ADD_EXAMPLES)
@click.argument("name")
@click.argument("url", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="Default: by the URL, a webhook or one of Apprise's.")
@click.option("--secret", help="What a webhook's messages are signed with.")
@click.option("--path", help="Of a file or feed; a relative one is in the data folder.")
@with_settings
def add(settings: Settings, name: str, url: str | None, kind: str | None, **given: str | None) -> None:
    """Add a channel called NAME.

    URL is one of Apprise's (mailto://...) or a webhook. URL and --secret may refer to where the value is: `env:VARIABLE` or
    `file:PATH`, on each machine that delivers alerts. Where alerts are shared through Kafka, other values stay in a file on
    this machine, and the log has a reference to it.
    """
    if not (url or kind):
        raise click.UsageError("give either a URL or --kind")
    asked = {"kind": kind or alertlist.kind_of(url or ""), "url": url, **given}
    table = {key: value for key, value in asked.items() if value}
    with open_alert_list(settings.config, settings.paths) as alerts:
        definitions = alerts.edit(lambda document: alertlist.put_channel(document, name, table))
        place = alerts.place
    screen = Screen()
    screen.print(f"Added channel {name!r} to {place}.")
    if name in definitions.broken:
        screen.print(f"warning: it can't be used here: {definitions.broken[name]}", style="yellow")


@channels.command(epilog="\b\nExamples:\n  wirewatch channels remove desk")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Remove a channel that no alert uses."""
    with open_alert_list(settings.config, settings.paths, begins=False) as alerts:

        def change(document: TOMLDocument) -> None:
            alertlist.take_out_channel(document, name, alerts.place)

        alerts.edit(change)
    Screen().print(f"Removed channel {name!r}.")


@channels.command(epilog="\b\nExamples:\n  wirewatch channels test desk")
@click.argument("name")
@with_settings
def test(settings: Settings, name: str) -> None:
    """Send a test message to a channel."""
    asyncio.run(send_test(name, settings))
    Screen().print(f"Sent a test to {name!r}.")
