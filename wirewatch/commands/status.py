"""`wirewatch status`: what each stage has done, what waits, what failed and why."""

from collections import Counter
from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from stream.clock import utc_now
from stream.messages import Dead
from stream.quarantine import QUARANTINE, RETRIES, read
from wirewatch.commands import coverage
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.render import screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.stores import open_store
from wirewatch.topics import STAGES, feed_list, feed_states, open_log


class StageStatus(msgspec.Struct, frozen=True):
    """Where a stage stands. `done` counts what it has taken from the log, `lag` what it has still to do."""

    stage: str
    done: int
    lag: int


class Pile(msgspec.Struct, frozen=True):
    """Messages that failed alike."""

    stage: str
    kind: str
    count: int
    example: str


class Status(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/status/1"):
    """What `wirewatch status --json` prints."""

    articles: int
    feeds: int
    feeds_failing: dict[str, str]
    feeds_unpolled: int
    feeds_silent: dict[str, str]
    stages: list[StageStatus]
    retries: list[Pile]
    quarantine: list[Pile]


@click.command(epilog="\b\nExamples:\n  wirewatch status\n  wirewatch status --json | jq .quarantine")
@with_json
@with_settings
def status(settings: Settings, form: Form) -> None:
    """Show what each stage has done and has still to do, which feeds fail, and what lies in quarantine and why."""
    found = gather(settings)
    if form == "json":
        print_document(found)
    else:
        _show(found)


def gather(settings: Settings) -> Status:
    """Ask the log, the store and the feed list; works beside a running pipeline."""
    if not settings.config.kafka.bootstrap_servers and not settings.paths.log.exists():
        raise settings.paths.nothing_yet("are no data")
    with open_log(settings.config, settings.paths) as log:
        listed = feed_list(settings.config, settings.paths, log)
        feeds = listed.load() if listed.exists() else []
        states = feed_states(log)
        progress = {stage: log.progress(stage, topic.name) for stage, topic in STAGES.items()}
        shelves = read(log, RETRIES), read(log, QUARANTINE)
    return Status(
        articles=_articles(settings),
        feeds=len(feeds),
        feeds_failing={
            feed.url: coverage.reason(states[feed.url]) for feed in coverage.failing(feeds, states)
        },
        feeds_unpolled=len(coverage.unpolled(feeds, states)),
        feeds_silent=coverage.silent(feeds, states, utc_now()),
        stages=[StageStatus(stage, one.done, one.lag) for stage, one in progress.items()],
        retries=piles(shelves[0]),
        quarantine=piles(shelves[1]),
    )


def piles(dead: Sequence[Dead]) -> list[Pile]:
    """Dead letters counted by stage and kind, the largest pile first, each with its newest reason."""
    newest = {(one.stage, one.kind): one.reason for one in dead}
    counted = Counter((one.stage, one.kind) for one in dead)
    return [Pile(stage, kind, count, newest[stage, kind]) for (stage, kind), count in counted.most_common()]


def _articles(settings: Settings) -> int:
    if not (settings.config.elasticsearch.hosts or settings.paths.index.exists()):
        return 0
    with open_store(settings.config, settings.paths, readonly=True) as store:
        return store.count()


def _show(found: Status) -> None:
    console = screen()
    console.print(f"{found.articles} articles can be searched.")
    dark = len(found.feeds_failing)
    answered = found.feeds - dark - found.feeds_unpolled
    console.print(
        f"{answered} of {found.feeds} feeds answered at their last poll, {found.feeds_unpolled} were not polled yet."
    )
    for url, reason in found.feeds_failing.items():
        console.print(f"  {url}: {reason}", style="yellow", markup=False)
    if found.feeds_silent:
        console.print(f"{len(found.feeds_silent)} answer, but are unusually silent (wirewatch sources):")
    for url, reason in found.feeds_silent.items():
        console.print(f"  {url}: {reason}", style="yellow", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "done", "lag"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for stage in found.stages:
        table.add_row(stage.stage, str(stage.done), str(stage.lag))
    console.print(table)
    _show_piles(console, "Waiting for another try", found.retries)
    _show_piles(console, "In quarantine (wirewatch quarantine list)", found.quarantine)


def _show_piles(console: Console, heading: str, shelf: list[Pile]) -> None:
    console.print(f"{heading}: {sum(pile.count for pile in shelf)}", style="bold")
    for pile in shelf:
        example = pile.example.strip().splitlines()[-1]
        console.print(
            f"  {pile.count:>5}  {pile.stage}: {pile.kind}, e.g. {example}", markup=False, soft_wrap=True
        )
