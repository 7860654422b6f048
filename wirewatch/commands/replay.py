"""`wirewatch replay`: run stages again over stored articles or pages, behind live news."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import click

from index.store import Store
from query.parse import parse
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.log.base import Log, LogError
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.commands.run import search_hint, summary
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock, past
from wirewatch.composition.presence import processes
from wirewatch.composition.replaying import (
    FROM_ARCHIVE,
    REPLAYABLE,
    Progress,
    Replayer,
    Source,
    Wanted,
    begin,
    source_of,
)
from wirewatch.composition.stores import is_being_written, open_store
from wirewatch.topics import BESIDE, STAGES, Replay, open_log

FOLLOW_SECONDS = 1.0

EXAMPLES = """
\b
Examples:
  wirewatch replay --from enrich                     tag the whole archive again, after changing topics
  wirewatch replay --from enrich --query 'ebola'     only the articles that match
  wirewatch replay --from extract --since 7d         read the last week's pages again
  wirewatch replay --from enrich --rate 5            five articles a second at most
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--from", "stage", type=click.Choice(REPLAYABLE), required=True, help="The first stage to run again."
)
@click.option("--since", help="Only what arrived since: 2016-03-14, 24h, 7d.")
@click.option("--query", help="Only articles of the archive that match.")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    help="Messages a second at most. Without it, as many as leave room for live news.",
)
@click.option("--anew", is_flag=True, help="Begin again, where the same replay was stopped before its end.")
@with_settings
def replay(
    settings: Settings,
    stage: str,
    since: str | None,
    query: str | None,
    rate: float | None,
    anew: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Run a stage, and all stages after it, again.

    Articles are replaced, never duplicated, and old alerts do not fire again. `enrich` works on the whole archive, the other
    stages on what the log still holds (log.keep_days). Nothing is polled.

    Live news goes first: messages follow only while few wait. Ctrl-C stops a replay, and the same command goes on with it.
    While wirewatch runs, it does the work, and this command hands it over and says how far it is.
    """
    if not settings.config.elasticsearch.hosts and not settings.paths.index.exists():
        raise settings.paths.nothing_yet("is no archive")
    wanted = Wanted(
        stage,
        past("--since", since, utc_now()) if since else None,
        parse(query) if query and query.strip() else None,
        said=" ".join(filter(None, (stage, since and f"since {since}", query and f"query {query}"))),
    )
    again = Again(settings, wanted, rate, anew)
    runs = is_being_written(settings.config, settings.paths) or processes(settings.paths.data)
    serve(again.beside if runs else again.alone)


@dataclass(frozen=True)
class Again:
    """What is to be done again.

    Attributes:
        settings: where it is.
        wanted: what.
        rate: messages a second at most; None: as many as leave room.
        anew: whether to begin again, where it was stopped before.
    """

    settings: Settings
    wanted: Wanted
    rate: float | None
    anew: bool

    async def alone(self, stop: asyncio.Event) -> None:
        """Hand it over and do the work; the archive's lock is held before anything is handed over."""

        async def job(supervisor: Supervisor) -> None:
            await supervisor.drain(lambda: self._hand_over(stop))

        supervisor = await run_pipeline(self.settings, stop, job, hint=search_hint(self.settings))
        Screen().print(summary(self.settings, supervisor))

    async def beside(self, stop: asyncio.Event) -> None:
        """Hand it over, and follow the running wirewatch that does the work."""
        say("The running wirewatch does the work.")
        if not await self._hand_over(stop):
            return
        names = list(STAGES)
        later = [name for name in names[names.index(self.wanted.stage) :] if name not in BESIDE]
        with open_log(self.settings.config, self.settings.paths, begins=False) as log:
            await _follow(log, later, stop)

    async def _hand_over(self, stop: asyncio.Event) -> bool:
        """Hand over all of it, or until told to stop; returns whether all was."""
        with await asyncio.to_thread(self._open) as opened:
            log, record, source = opened
            done = await Replayer(log, record, self.rate, _teller()).run(source, stop)
        if not done:
            say("Stopped; the same command goes on from here.")
        return done

    def _open(self) -> "_Opened":
        with ExitStack() as held:
            settings = self.settings
            log = held.enter_context(open_log(settings.config, settings.paths, begins=False))
            store = held.enter_context(self._store()) if self._needs_archive() else None
            record = self._begin(log, store)
            source, close = source_of(log, store, self.wanted, record)
            held.callback(close)
            return _Opened(held.pop_all(), log, record, source)
        raise AssertionError  # the block above returns

    def _needs_archive(self) -> bool:
        return self.wanted.stage == FROM_ARCHIVE or self.wanted.query is not None

    def _store(self) -> Store:
        return open_store(self.settings.config, self.settings.paths, readonly=True)

    def _begin(self, log: Log, store: Store | None) -> Replay:
        try:
            record = begin(log, store, self.wanted, utc_now(), anew=self.anew)
        except LogError as error:
            raise ConfigError(f"{error}: another replay of this topic is running") from error
        if record.done:
            left = record.total - record.done
            say(
                f"Going on with the replay of {clock(record.started)}: {left:,} of {record.total:,} are left."
            )
        else:
            say(f"Replaying {plural(record.total, 'message')} from {self.wanted.stage} on.")
        return record


@dataclass(frozen=True)
class _Opened:
    """What a replay works with, closed at the end of the block."""

    held: ExitStack
    log: Log
    record: Replay
    source: Source

    def __enter__(self) -> tuple[Log, Replay, Source]:
        return self.log, self.record, self.source

    def __exit__(self, *_: object) -> None:
        self.held.close()


def _teller() -> Callable[[Progress], None]:
    """Says how far it is, whenever that has changed."""
    told = -1

    def tell(progress: Progress) -> None:
        nonlocal told
        if progress.done != told:
            told = progress.done
            say(f"  {described(progress)}")

    return tell


def described(progress: Progress) -> str:
    """How far a replay is, in words."""
    share = 100 * progress.done // progress.total if progress.total else 100
    said = f"{progress.done:,} of {progress.total:,} ({share} %), {progress.rate:.1f} a second"
    left = progress.seconds_left
    return (
        f"{said}, about {_span(left)} left" if left is not None and progress.done < progress.total else said
    )


def _span(seconds: float) -> str:
    """A length of time, roughly."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return plural(round(seconds / length), unit)
    return plural(max(round(seconds), 1), "second")


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
