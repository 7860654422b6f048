"""`wirewatch backfill`: the articles of a past period, from sitemaps and feeds' archives."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import click

from index.store import Store
from ingest.fetching.politeness import HostGate
from ingest.fetching.robots import Robots
from stream.clock import utc_now
from stream.errors import ConfigError, Reject, RetryLater
from stream.words import plural
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.service import say, serve
from wirewatch.commands.settings import Settings, allowing, hint, with_settings
from wirewatch.commands.times import day, moment, past
from wirewatch.composition.backfilling import Backfiller, Period
from wirewatch.composition.resources import PRODUCT, open_client
from wirewatch.composition.stores import open_store
from wirewatch.topics import Backfill, open_log

EXAMPLES = """
\b
Examples:
  wirewatch backfill news.example --since 2026-01-01 --until 2026-02-01
  wirewatch backfill https://news.example/feed.xml --since 90d
"""


@click.command(epilog=EXAMPLES)
@click.argument("address", metavar="SITE|FEED")
@click.option("--since", required=True, help="The beginning: 2026-01-01, 90d.")
@click.option("--until", default="", help="The end, exclusive [default: now].")
@click.option("--anew", is_flag=True, help="Begin again, where the same back-fill was made before.")
@click.option(
    "--allow-private",
    metavar="CIDR",
    multiple=True,
    help="A private network that wirewatch may reach. Repeatable.",
)
@with_settings
def backfill(
    settings: Settings,
    address: str,
    since: str,
    until: str,
    anew: bool,  # noqa: FBT001 - click's flag
    allow_private: tuple[str, ...],
) -> None:
    """Fetch the articles that a site or feed published in a past period.

    Reads the site's sitemaps (named in robots.txt, or at the usual addresses), or the older pages that a feed links to
    (RFC 5005), one after the other with the usual gap. The pages go through the running pipeline behind live news, and fire no
    alert. Pages without a date are left out, and counted. Ctrl-C stops; the same command goes on from there, with the period
    that it had then.
    """
    settings = Settings(allowing(settings.config, allow_private), settings.paths)
    wanted = _Wanted(since.strip(), until.strip())
    wanted.at(utc_now())
    serve(partial(_run, settings, address if "://" in address else f"https://{address}", wanted, anew=anew))


@dataclass(frozen=True)
class _Wanted:
    """The period as it was asked for; until '' is until now."""

    since: str
    until: str

    def at(self, now: datetime) -> Period:
        """The period, asked for at a time; raises ConfigError if there is none."""
        period = Period(past("--since", self.since, now), moment(self.until, now) if self.until else now)
        if period.since >= period.until:
            raise ConfigError("--since: expected a time before --until")
        return period


async def _run(settings: Settings, address: str, wanted: _Wanted, stop: asyncio.Event, *, anew: bool) -> None:
    config = settings.config
    async with open_client(config) as client:
        with ExitStack() as held:
            log = held.enter_context(open_log(config, settings.paths))
            worker = Backfiller(
                log, _archive(settings, held), client.get, HostGate(config.fetch.gap_seconds), Robots(client.get, PRODUCT),
                config.log.backlog, wanted.at, f"{wanted.since} {wanted.until}", _tell,
            )  # fmt: skip
            before = None if anew else await asyncio.to_thread(worker.finished, address)
            if before:
                Screen().print(f"This was done before, on {day(before.began)}; --anew does it again.")
                return
            try:
                record = await worker.run(address, stop, anew=anew)
            except (Reject, RetryLater) as error:
                raise ConfigError(error.reason) from error
    _report(settings, record)


def _archive(settings: Settings, held: ExitStack) -> Store | None:
    try:
        return held.enter_context(open_store(settings.config, settings.paths, readonly=True))
    except ConfigError:
        return None  # there is none yet


def _tell(record: Backfill, what: str) -> None:
    complain(f"{record.entries:,} pages so far; {what}")


def _report(settings: Settings, record: Backfill) -> None:
    Screen().print(
        f"{plural(record.entries, 'page')} handed over; {record.known:,} were in the archive already. Left out:"
        f" {record.undated:,} without a date, {plural(record.unreadable, 'document')} that could not be read."
    )
    if not record.over:
        say("Stopped; the same command goes on from here.")
    if record.entries:
        Screen().print(f"A running wirewatch fetches them: {hint(settings, 'run')}")
