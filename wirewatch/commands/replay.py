"""`wirewatch replay`: run stages again, over what the log or the archive holds."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import click

from index.store import Store
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.log.base import Log, LogError, Outgoing
from stream.messages import encode
from stream.supervisor import Supervisor
from wirewatch.commands.run import search_hint, summary
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment
from wirewatch.composition.stores import open_store
from wirewatch.topics import ARTICLES, STAGES, open_log

BATCH = 200
REPLAYABLE = ("fetch", "extract", "enrich", "index")

EXAMPLES = """
\b
Examples:
  wirewatch replay --from enrich               tag the whole archive again, after a change of topics
  wirewatch replay --from extract --since 7d   read the pages of the last week again
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--from", "stage", type=click.Choice(REPLAYABLE), required=True, help="The first stage to run again."
)
@click.option("--since", help="Only what came in since: 2016-03-14, 24h, 7d.")
@with_settings
def replay(settings: Settings, stage: str, since: str | None) -> None:
    """Run a stage, and all after it, again. Articles keep their ids: they are replaced, not doubled.

    `enrich` goes over the whole archive; the other stages over what the log still holds (log.keep_days). Nothing is polled.
    """
    start = moment(since, utc_now()) if since else None
    number = _from_archive(settings, start) if stage == "enrich" else _rewind(settings, stage, start)
    say(f"{number} messages go through {stage} and the stages after it again.")

    async def main(stop: asyncio.Event) -> None:
        supervisor = await run_pipeline(settings, stop, Supervisor.drain, hint=search_hint(settings))
        click.echo(summary(settings, supervisor))

    serve(main)


def _rewind(settings: Settings, stage: str, since: datetime | None) -> int:
    with open_log(settings.config, settings.paths) as log:
        try:
            return log.rewind(stage, STAGES[stage].name, since)
        except LogError as error:
            raise ConfigError(f"{error}; stop the running wirewatch first") from error


def _from_archive(settings: Settings, since: datetime | None) -> int:
    """Put the archive's articles into the log again, as if they had just been read."""
    with (
        open_log(settings.config, settings.paths) as log,
        open_store(settings.config, settings.paths, readonly=True) as store,
    ):
        return sum(_produce(log, batch) for batch in _batches(store, since))


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
