"""`wirewatch run`: all stages in one process."""

import asyncio
import sys
from contextlib import nullcontext

import click

from stream.errors import RetryLater
from stream.supervisor import Supervisor
from stream.words import plural
from web.traffic import Traffic
from wirewatch.commands import coverage
from wirewatch.commands.page.serving import page_beside
from wirewatch.commands.progress import counts
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import run_pipeline, serve
from wirewatch.commands.settings import Settings, allowing, hint, with_settings

EXAMPLES = """
\b
Examples:
  wirewatch run                              poll the bundled list of news feeds until Ctrl-C
  wirewatch run --feeds mine.opml --once     poll each feed once, then print a summary
  wirewatch run --data /srv/news --allow-private 10.0.0.0/8
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--once", is_flag=True, help="Poll every feed once, process everything, print a summary and exit."
)
@click.option(
    "--allow-private",
    metavar="CIDR",
    multiple=True,
    help="A private or loopback network that wirewatch may reach. Repeatable.",
)
@with_settings
def run(settings: Settings, once: bool, allow_private: tuple[str, ...]) -> None:  # noqa: FBT001 - click's flag
    """Poll feeds, read and tag their articles, and make them searchable.

    Ctrl-C or SIGTERM finishes the work under way and stops; the next start carries on from there. With --once the exit code
    is 1 if every feed failed, if not one page could be fetched, or if alerts.toml can't be read.
    """
    settings = Settings(allowing(settings.config, allow_private), settings.paths)
    job = Supervisor.run_once if once else Supervisor.run
    nothing_came = False

    async def main(stop: asyncio.Event) -> None:
        nonlocal nothing_came
        traffic = Traffic()
        async with nullcontext("") if once else page_beside(settings, traffic) as address:
            hint, asked = hints(settings, address), traffic if address else None
            supervisor = await run_pipeline(settings, stop, job, hint=hint, traffic=asked)
        Screen().print(summary(settings, supervisor))
        nothing_came = not came(supervisor) or any(stage.rests() for stage in supervisor.stages)

    serve(main)
    _tell_of_feeds(settings)
    if once and nothing_came:
        sys.exit(1)


def _tell_of_feeds(settings: Settings) -> None:
    """A line for each feed that fails; why they can't be told, where the log can't be read now (a full disk)."""
    try:
        feeds, states = coverage.read(settings.config, settings.paths)
    except RetryLater as error:
        Screen().line(f"Which feeds failed can't be read now: {error.reason}")
        return
    said = (*coverage.describe_failing(feeds, states), *coverage.describe_left_out(feeds, states))
    for line in (*said, coverage.outage(feeds, states)):
        if line:
            Screen().line(line, hang=4 if line.startswith(" ") else 0)
    coverage.check_ourselves(feeds, states)


def hints(settings: Settings, address: str) -> str:
    """Where to look at what is being gathered: the page's address, if there is one, and the command."""
    return (f"The page: {address}\n" if address else "") + search_hint(settings)


def search_hint(settings: Settings) -> str:
    """The command that searches what is being gathered."""
    return "Search in another terminal: " + hint(settings, "search 'peace talks'")


def came(supervisor: Supervisor) -> bool:
    """Whether anything came: some feed answered, and where there were pages to fetch, one was fetched."""
    done = counts(supervisor.meters)
    if done["feeds_failed"] and done["feeds_failed"] == done["feeds_polled"]:
        return False
    put_off = supervisor.meters.get("fetch", "retried") + supervisor.meters.get("fetch", "quarantined")
    return bool(done["fetched"]) or not put_off


def _stages_summary(settings: Settings, supervisor: Supervisor) -> str:
    """What a process of some stages has done: nothing of what others do."""
    meters = supervisor.meters
    lines = []
    if polled := meters.get("poll", "done") + meters.get("poll", "failed"):
        lines.append(f"poll: {plural(polled, 'poll')}, {meters.get('poll', 'failed'):,} failed.")
    for stage in supervisor.stages:
        quarantined = meters.get(stage.name, "quarantined")
        lines.append(
            f"{stage.name}: {plural(meters.get(stage.name, 'done'), 'message')} done, {quarantined:,} failed."
        )
    if any(meters.get(stage.name, "quarantined") for stage in supervisor.stages):
        lines.append(f"What failed is in quarantine; see: {hint(settings, 'quarantine list')}")
    return "\n".join(lines)


def summary(settings: Settings, supervisor: Supervisor) -> str:
    """What was done, in a few lines."""
    done, names = counts(supervisor.meters), {stage.name for stage in supervisor.stages}
    if not {"fetch", "index"} <= names:
        return _stages_summary(settings, supervisor)
    polls = f"{plural(done['feeds_polled'], 'poll')}, {done['feeds_failed']:,} failed."
    found = f"{plural(done['articles_found'], 'article')} found, {done['fetched']:,} fetched, {done['indexed']:,} indexed"
    lines = [f"{polls} {found}, {done['failed']:,} failed."]
    if done["alerts_delivered"]:
        lines.append(
            f"{plural(done['alerts_delivered'], 'alert')} delivered; see: {hint(settings, 'alerts history')}"
        )
    if done["failed"]:
        lines.append(f"What failed is in quarantine; see: {hint(settings, 'quarantine list')}")
    lines += [f"Stage {stage.name} rests: {stage.trouble()}" for stage in supervisor.stages if stage.rests()]
    waiting = supervisor.waiting()
    if waiting:
        lines.append(f"{plural(waiting, 'message')} waiting for another try, in the next run.")
    return "\n".join(lines)
