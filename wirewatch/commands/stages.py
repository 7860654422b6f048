"""`wirewatch poll|fetch|extract|enrich|relate|index|alert|deliver`: one or several stages as a process of its own."""

import asyncio
from dataclasses import dataclass

import click

from stream.supervisor import Supervisor
from wirewatch.commands.run import search_hint, summary
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import run_pipeline, serve
from wirewatch.commands.settings import Settings, allowing, with_settings
from wirewatch.pipeline import ALL


@dataclass(frozen=True)
class _Help:
    """What `--help` says of a stage: its work, how many copies make sense, and examples."""

    work: str
    copies: str
    examples: str


_SHARED = "Start as many copies as you like; they share the work."
_SPARE = "One copy works at a time; start a second one as a spare, which takes over if the first dies."

_HELP = {
    "poll": _Help(
        "Poll feeds for new entries.",
        "Start as many copies as you like; each host is polled by one of them.",
        "wirewatch poll --feeds mine.opml   on the embedded log, poll the feeds of this list\n"
        "  wirewatch poll fetch               poll and fetch in one process",
    ),
    "fetch": _Help(
        "Fetch the pages of new entries.",
        "Start as many copies as you like; each host is fetched by one of them.",
        "wirewatch fetch\n  wirewatch fetch --allow-private 10.0.0.0/8   fetch from an intranet, too",
    ),
    "extract": _Help(
        "Read the article out of each page.",
        _SHARED,
        "wirewatch extract\n  wirewatch extract enrich           extract and tag in one process",
    ),
    "enrich": _Help(
        "Tag articles with language, topics and entities.",
        _SHARED,
        "wirewatch enrich\n  wirewatch enrich --config my.toml",
    ),
    "relate": _Help(
        "Group articles that tell the same story.",
        _SPARE,
        "wirewatch relate\n  wirewatch relate index             both in one process",
    ),
    "index": _Help(
        "Make articles searchable.",
        _SPARE,
        "wirewatch index\n  wirewatch index relate alert       all single stages in one process",
    ),
    "alert": _Help(
        "Match articles against the alerts.",
        f"{_SPARE} Changes to alerts.toml are picked up without a restart.",
        "wirewatch alert\n  wirewatch alert deliver            match and deliver in one process",
    ),
    "deliver": _Help(
        "Send alerts to their channels.",
        "Start as many copies as you like. A channel that is down is tried again for a day and a half.",
        'wirewatch deliver\n  DESK_URL=https://desk.example/hook wirewatch deliver   for a channel with url = "$DESK_URL"',
    ),
}


def _stage(name: str) -> click.Command:
    said = _HELP[name]

    @click.command(name, epilog=f"\b\nExamples:\n  {said.examples}")
    @click.argument("others", metavar="[STAGE]...", nargs=-1, type=click.Choice(ALL))
    @click.option(
        "--allow-private",
        metavar="CIDR",
        multiple=True,
        help="A private network that wirewatch may reach. Repeatable.",
    )
    @with_settings
    def command(settings: Settings, others: tuple[str, ...], allow_private: tuple[str, ...]) -> None:
        run_stages(Settings(allowing(settings.config, allow_private), settings.paths), (name, *others))

    command.help = (
        f"{said.work}\n\nRuns until Ctrl-C or SIGTERM, as a process of its own; stages named after it run in the same process."
        f" {said.copies}"
    )
    return command


def run_stages(settings: Settings, names: tuple[str, ...]) -> None:
    """Run some stages until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        supervisor = await run_pipeline(settings, stop, Supervisor.run, search_hint(settings), names)
        Screen().print(summary(settings, supervisor))

    serve(main)


poll, fetch, extract, enrich, relate, index, alert, deliver = (_stage(name) for name in ALL)
