"""`wirewatch replay`: run stages again over stored articles or pages."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import click

from index.store import Store
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.log.base import Log, LogError, Outgoing
from stream.messages import encode
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.commands.run import search_hint, summary
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import past
from wirewatch.composition.stores import is_being_written, open_store
from wirewatch.topics import ARTICLES, STAGES, open_log

BATCH = 200
FOLLOW_SECONDS = 1.0
REPLAYABLE = ("fetch", "extract", "enrich", "index")

EXAMPLES = """
\b
Examples:
  wirewatch replay --from enrich               tag the whole archive again, after changing topics
  wirewatch replay --from extract --since 7d   read the last week's pages again
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--from", "stage", type=click.Choice(REPLAYABLE), required=True, help="The first stage to run again."
)
@click.option("--since", help="Only what arrived since: 2016-03-14, 24h, 7d.")
@with_settings
def replay(settings: Settings, stage: str, since: str | None) -> None:
    """Run a stage, and all stages after it, again.

    Articles are replaced, never duplicated, and old alerts do not fire again. `enrich` works on the whole archive, the other
    stages on what the log still holds (log.keep_days). Nothing is polled.

    While wirewatch runs, `enrich` can be replayed beside it: the running one does the work, and this command follows it.
    """
    if not settings.config.elasticsearch.hosts and not settings.paths.index.exists():
        raise settings.paths.nothing_yet("is no archive")
    start = past("--since", since, utc_now()) if since else None
    again = Again(settings, stage, start)
    if is_being_written(settings.config, settings.paths):
        serve(again.beside)
    else:
        serve(again.alone)


@dataclass(frozen=True)
class Again:
    """What is to be done again.

    Attributes:
        settings: where it is.
        stage: the first stage.
        since: only what came in since; None: all.
    """

    settings: Settings
    stage: str
    since: datetime | None

    async def alone(self, stop: asyncio.Event) -> None:
        """Queue and do the work; the archive's lock is held before anything is queued."""

        async def job(supervisor: Supervisor) -> None:
            with open_log(self.settings.config, self.settings.paths) as log:
                await asyncio.to_thread(self._queue, log)
            await supervisor.drain()

        supervisor = await run_pipeline(self.settings, stop, job, hint=search_hint(self.settings))
        Screen().print(summary(self.settings, supervisor))

    async def beside(self, stop: asyncio.Event) -> None:
        """Queue, and follow the running wirewatch that does the work."""
        if self.stage != "enrich":
            raise ConfigError(
                f"replay --from {self.stage}: wirewatch is running on this data; stop it first"
                " (only --from enrich works beside it)"
            )
        with open_log(self.settings.config, self.settings.paths) as log:
            await asyncio.to_thread(self._queue, log)
            say("The running wirewatch does the work. Ctrl-C stops following it, not the work.")
            names = list(STAGES)
            await _follow(log, names[names.index(self.stage) :], stop)

    def _queue(self, log: Log) -> None:
        number = self._from_archive(log) if self.stage == "enrich" else self._rewind(log)
        say(f"Replaying {plural(number, 'message')} from {self.stage} on.")

    def _rewind(self, log: Log) -> int:
        try:
            return log.rewind(self.stage, STAGES[self.stage].name, self.since)
        except LogError as error:
            raise ConfigError(f"{error}; stop wirewatch first, then replay") from error

    def _from_archive(self, log: Log) -> int:
        """Put the archive's articles into the log again, as if they had just been read."""
        with open_store(self.settings.config, self.settings.paths, readonly=True) as store:
            return sum(_produce(log, batch) for batch in _batches(store, self.since))


async def _follow(log: Log, stages: Sequence[str], stop: asyncio.Event) -> None:
    """Tell what is still to be done, until nothing is or the order to stop comes."""
    told = ""
    while not stop.is_set():
        lags = {name: log.progress(name, STAGES[name].name).lag for name in stages}
        if not any(lags.values()):
            say("All of it is done.")
            return
        now = ", ".join(f"{lag:,} before {name}" for name, lag in lags.items() if lag)
        if now != told:
            say(f"  still to do: {now}")
            told = now
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FOLLOW_SECONDS)


def _batches(store: Store, since: datetime | None) -> Iterator[list[Outgoing]]:
    batch: list[Outgoing] = []
    for document in store.scan():
        article = document.enriched.article
        if since is None or article.seen >= since:
            batch.append(Outgoing(ARTICLES.name, article.key, encode(article)))
        if len(batch) >= BATCH:
            yield batch
            batch = []
    yield batch


def _produce(log: Log, batch: list[Outgoing]) -> int:
    log.produce(batch)
    return len(batch)
