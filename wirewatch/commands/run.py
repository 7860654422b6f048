"""`wirewatch run`: all stages in one process."""

import asyncio

import click

from stream.errors import RetryLater
from stream.supervisor import Supervisor
from wirewatch.commands import coverage
from wirewatch.commands.progress import counts
from wirewatch.commands.service import run_pipeline, serve
from wirewatch.commands.settings import Settings, allowing, hint, with_settings

EXAMPLES = """
\b
Examples:
  wirewatch run                              poll the bundled list of news feeds, until Ctrl-C
  wirewatch run --feeds mine.opml --once     each feed once, then a summary
  wirewatch run --data /srv/news --allow-private 10.0.0.0/8
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--once", is_flag=True, help="Poll every feed once, process everything, and exit with a summary."
)
@click.option(
    "--allow-private",
    metavar="CIDR",
    multiple=True,
    help="A network that may be reached although it is private or loopback. Repeatable.",
)
@with_settings
def run(settings: Settings, once: bool, allow_private: tuple[str, ...]) -> None:  # noqa: FBT001 - click's flag
    """Poll feeds, read their articles, tag them and make them searchable.

    Ctrl-C (or SIGTERM) finishes what is under way and stops; the next start goes on where this one stopped.
    """
    settings = Settings(allowing(settings.config, allow_private), settings.paths)
    job = Supervisor.run_once if once else Supervisor.run

    async def main(stop: asyncio.Event) -> None:
        supervisor = await run_pipeline(settings, stop, job, hint=search_hint(settings))
        click.echo(summary(settings, supervisor))

    serve(main)
    _tell_of_feeds(settings)


def _tell_of_feeds(settings: Settings) -> None:
    """A line for each feed that fails; why they can't be told, where the log can't be read now (a full disk)."""
    try:
        feeds, states = coverage.read(settings.config, settings.paths)
    except RetryLater as error:
        click.echo(f"Which feeds failed can't be read now: {error.reason}")
        return
    for line in coverage.describe_failing(feeds, states):
        click.echo(line)
    coverage.check_ourselves(feeds, states)


def search_hint(settings: Settings) -> str:
    """The command that searches what is being gathered."""
    return "Search it, in another terminal: " + hint(settings, "search 'peace talks'")


def summary(settings: Settings, supervisor: Supervisor) -> str:
    """What was done, in two or three lines."""
    done = counts(supervisor.meters)
    found = f"{done['articles_found']} articles found, {done['fetched']} fetched, {done['indexed']} indexed"
    lines = [
        f"{done['feeds_polled']} polls of feeds, {done['feeds_failed']} failed; {found}, {done['failed']} failed."
    ]
    if done["alerts_delivered"]:
        lines.append(f"{done['alerts_delivered']} alerts delivered: " + hint(settings, "alerts history"))
    if done["failed"]:
        lines.append("What failed lies in quarantine, with its reason: " + hint(settings, "quarantine list"))
    if supervisor.waiting():
        lines.append(f"{supervisor.waiting()} wait for another try: the next run goes on with them.")
    return "\n".join(lines)
