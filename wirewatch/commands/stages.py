"""`wirewatch poll|fetch|extract|enrich|relate|index|alert|deliver`: one or several as a process of its own."""

import asyncio

import click

from stream.supervisor import Supervisor
from wirewatch.commands.run import search_hint, summary
from wirewatch.commands.service import run_pipeline, serve
from wirewatch.commands.settings import Settings, allowing, with_settings
from wirewatch.pipeline import ALL

EXAMPLES = """
\b
Examples:
  wirewatch fetch                    as many copies as wanted: they share the hosts between them
  wirewatch extract enrich           two stages in one process
"""


def _stage(name: str) -> click.Command:
    @click.command(name, epilog=EXAMPLES, short_help=f"Run the stage {name} as a process of its own.")
    @click.argument("others", metavar="[STAGE]...", nargs=-1, type=click.Choice(ALL))
    @click.option(
        "--allow-private",
        metavar="CIDR",
        multiple=True,
        help="A private network that may be reached. Repeatable.",
    )
    @with_settings
    def command(settings: Settings, others: tuple[str, ...], allow_private: tuple[str, ...]) -> None:
        run_stages(Settings(allowing(settings.config, allow_private), settings.paths), (name, *others))

    command.help = f"Run the stage {name} (and the others that are named) until Ctrl-C or SIGTERM, as one process of several."
    return command


def run_stages(settings: Settings, names: tuple[str, ...]) -> None:
    """Run some stages until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        supervisor = await run_pipeline(settings, stop, Supervisor.run, search_hint(settings), names)
        click.echo(summary(settings, supervisor))

    serve(main)


poll, fetch, extract, enrich, relate, index, alert, deliver = (_stage(name) for name in ALL)
