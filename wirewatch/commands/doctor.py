"""`wirewatch doctor`: what is wrong with an installation, and what to do about it."""

import sys

import click

from results.doctor import Diagnosis, Remark, Severity
from stream.errors import ConfigError
from stream.words import plural
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Places, with_places

STYLES: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "", "ok": "green"}
EXAMPLES = """
\b
Examples:
  wirewatch doctor                      before the first start, or when something is odd
  wirewatch doctor --ask 0              without asking any feed
  wirewatch doctor --json | jq -r '.remarks[] | select(.severity == "error") | .advice'
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--ask",
    "number",
    type=click.IntRange(0, 50),
    default=5,
    show_default=True,
    help="How many feeds of the list are asked, each of another site.",
)
@with_json
@with_places
def doctor(places: Places, number: int, form: Form) -> None:
    """Examine the installation, and say what to do about what is wrong.

    Looks at the configuration, the lists, Kafka and Elasticsearch, disk and memory, the clock, DNS and proxies, permissions,
    ports and channels; a few feeds are asked. It changes no data and sends no alert. The exit code is 1 if something does not
    work; warnings don't count.
    """
    found = _examine(places, number)
    if form == "json":
        print_document(found)
    else:
        _show(found)
    if found.errors:
        sys.exit(1)


def _examine(places: Places, number: int) -> Diagnosis:
    from wirewatch.composition.doctor.examine import diagnosis, examine  # noqa: PLC0415 - much is imported, and not for --help

    try:
        settings = places.load()
    except ConfigError as error:
        advice = "Mend it, then call the doctor again: nothing else can be examined without."
        return diagnosis([Remark("error", "configuration", str(error), "", advice)])
    return examine(settings.config, settings.paths, number)


def _show(found: Diagnosis) -> None:
    screen = Screen()
    for one in found.remarks:
        place = f" ({one.where})" if one.where else ""
        screen.line(f"{one.severity:<8} {one.part}: {one.what}{place}", style=STYLES[one.severity], hang=9)
        if one.advice:
            screen.line(f"         {one.advice}", hang=9)
    screen.print()
    if found.errors or found.warnings:
        screen.print(f"{plural(found.errors, 'error')}, {plural(found.warnings, 'warning')}.", style="bold")
    else:
        screen.print("Nothing is wrong.", style="bold")
