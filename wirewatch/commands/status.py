"""`wirewatch status`: what each stage has done, what is waiting, what failed and why."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median

import click

from index.store import Document, Search
from results.status import (
    DigestStatus,
    Doing,
    Latency,
    Pile,
    Process,
    ReplayStatus,
    StageStatus,
    Status,
    Storage,
)
from stream.clock import utc_now
from stream.errors import WirewatchError
from stream.log.settings import Log
from stream.messages import Dead
from stream.quarantine import QUARANTINE, RETRIES, read
from stream.words import byte_size, plural, span
from wirewatch.commands import coverage
from wirewatch.commands.digests.daily import digests_told
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock
from wirewatch.commands.watch import watch
from wirewatch.composition.archive_upkeep import storage
from wirewatch.composition.health_index import Failures, write_failures
from wirewatch.composition.presence import processes
from wirewatch.composition.replaying import unfinished
from wirewatch.composition.stores import open_store
from wirewatch.topics import BESIDE, COMPANIONS, STAGES, feed_list, feed_states, open_log

WATCH_SECONDS = 2.0
"""Between two looks with --watch."""
CALM: tuple[Doing, ...] = ("working", "idle")
"""What a stage does when nothing is wrong with it."""
_MEASURED = 200
"""How many articles latency is computed over."""
EXAMPLES = """
\b
Examples:
  wirewatch status
  wirewatch status --watch                   again every two seconds, until Ctrl-C
  wirewatch status --json | jq .quarantine
  wirewatch status --json | jq -r '.processes[].stages[] | select(.doing == "resting") | .why'
"""


@click.command(epilog=EXAMPLES)
@click.option("--watch", "again", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@with_json
@with_settings
def status(settings: Settings, again: bool, form: Form) -> None:  # noqa: FBT001 - click's flag
    """Show what is running, what is waiting and what failed.

    Works beside a running wirewatch, and also when none is running. Where the archive is in Elasticsearch, it also writes what
    failed to the index that Kibana's dashboard shows.
    """
    if again:
        if form != "text":
            raise click.UsageError(
                "--watch is for people: leave out --json, or call the command again and again"
            )
        watch(lambda screen: _show(screen, gather(settings), settings), WATCH_SECONDS)
        return
    found = gather(settings)
    if form == "json":
        print_document(found)
    else:
        _show(Screen(), found, settings)
    if settings.config.elasticsearch.hosts:
        _tell_kibana(settings, found)


def _tell_kibana(settings: Settings, found: Status) -> None:
    shelves = {"quarantine": found.quarantine, "retries": found.retries}
    failures = [
        Failures(name, one.stage, one.kind, one.count, one.example)
        for name, shelf in shelves.items()
        for one in shelf
    ]
    try:
        write_failures(settings.config, failures)
    except WirewatchError as error:
        complain(f"The dashboard in Kibana was not told what failed: {error}")


def gather(settings: Settings) -> Status:
    """Ask the log, the archive and the feed list."""
    if not settings.config.kafka.bootstrap_servers and not settings.paths.log.exists():
        raise settings.paths.nothing_yet("is no log" if settings.paths.index.exists() else "is no data")
    with open_log(settings.config, settings.paths, begins=False) as log:
        listed = feed_list(settings.config, settings.paths, log)
        feeds = listed.load() if listed.exists() else []
        states = feed_states(log)
        progress = {stage: log.progress(stage, topic.name) for stage, topic in STAGES.items()}
        shelves = read(log, RETRIES), read(log, QUARANTINE)
        replays = unfinished(log)
    articles, latency = _archived(settings)
    return Status(
        articles=articles,
        latency=latency,
        feeds=len(feeds),
        feeds_failing={
            feed.url: coverage.reason(states[feed.url]) for feed in coverage.failing(feeds, states)
        },
        feeds_unpolled=len(coverage.unpolled(feeds, states)),
        feeds_silent=coverage.silent(feeds, states, utc_now()),
        items_left_out=coverage.left_out(feeds, states),
        stages=[StageStatus(stage, one.done, one.lag, one.missed) for stage, one in progress.items()],
        retries=piles(shelves[0]),
        quarantine=piles(shelves[1]),
        replays=[ReplayStatus(one.key, one.started, one.total, one.done) for one in replays],
        processes=processes(settings.paths.data),
        feeds_paused=sum(feed.paused for feed in feeds),
        storage=storage(settings.config, settings.paths, utc_now()),
        digests=digests_told(settings),
    )


def piles(dead: Sequence[Dead]) -> list[Pile]:
    """Dead letters counted by stage and kind, the largest pile first, each with its newest reason."""
    newest = {(one.stage, one.kind): one.reason for one in dead}
    counted = Counter((one.stage, one.kind) for one in dead)
    return [Pile(stage, kind, count, newest[stage, kind]) for (stage, kind), count in counted.most_common()]


def _archived(settings: Settings) -> tuple[int, Latency | None]:
    """How many articles there are, and how long the newest ones took."""
    if not (settings.config.elasticsearch.hosts or settings.paths.index.exists()):
        return 0, None
    with open_store(settings.config, settings.paths, readonly=True) as store:
        newest = store.search(Search(sort="newest", limit=_MEASURED)).hits
        return store.count(), latency_of(hit.document for hit in newest)


def latency_of(documents: Iterable[Document]) -> Latency | None:
    """How long it took from the first sight of articles until they could be found; None where that can't be told.

    Backfill waits for news, and an article that was read again came for the second time: neither counts.
    """
    took = sorted(
        (one.indexed - article.seen).total_seconds()
        for one in documents
        if not ((article := one.enriched.article).backfill or article.version)
    )
    if not took:
        return None
    return Latency(len(took), round(median(took), 1), round(took[math.ceil(0.95 * len(took)) - 1], 1))


def _show(screen: Screen, found: Status, settings: Settings) -> None:
    screen.print(f"{plural(found.articles, 'article')} in the archive.")
    if found.latency:
        one = found.latency
        screen.print(
            f"Found {span(one.median)} after they were seen (the median of the newest {one.articles:,}; 95 %: {span(one.p95)})."
        )
    if found.storage:
        _show_storage(screen, found.storage, utc_now())
    _show_feeds(screen, found)
    screen.print()
    show_processes(screen, found.processes)
    screen.print()
    rows = [(stage.stage, f"{stage.done:,}", f"{stage.lag:,}") for stage in found.stages]
    screen.table(("stage", "done", "waiting"), rows, right=("done", "waiting"))
    for replay in found.replays:
        done = f"{replay.done:,} of {replay.total:,} handed over since {clock(replay.started)}"
        screen.line(f"Replay from {replay.what}: {done}; to go on with it, give the command again.", hang=2)
    ours = not settings.config.kafka.bootstrap_servers
    for line in (*lagging(found.stages, settings.config.log), *(nobodys(found) if ours else ())):
        screen.line(line, style="yellow", hang=2)
    for digest in found.digests:
        worries = digest.state not in ("sent", "waiting")
        screen.line(digest_line(digest), style="yellow" if worries else "", hang=2)
    screen.print()
    _show_piles(screen, "waiting for another try", found.retries)
    _show_piles(screen, "in quarantine", found.quarantine, see="wirewatch quarantine list")


def lagging(stages: Sequence[StageStatus], kept: Log) -> Iterator[str]:
    """What becomes of the messages that wait for a stage for which nobody waits."""
    limit = f"{kept.keep_days:g} days or {kept.keep_bytes:,} bytes"
    for one in stages:
        if one.stage in BESIDE and one.lag >= kept.backlog:
            yield f"{one.stage} is behind. The archive does not wait for it; the log keeps what it has to read for {limit}."
        if one.missed:
            them = "it" if one.missed == 1 else "them"
            yield f"{one.stage} has missed {plural(one.missed, 'message')}: the log deleted {them} unread, after {limit}."


def nobodys(found: Status) -> Iterator[str]:
    """The stages that messages wait for, and that no process runs, where others do; they all share one data folder."""
    running = {stage.stage for process in found.processes for stage in process.stages}
    for one in found.stages:
        if running and one.lag and one.stage not in running:
            name = COMPANIONS.get(one.stage, one.stage)
            waits = "waits" if one.lag == 1 else "wait"
            yield (
                f"{plural(one.lag, 'message')} {waits} for {one.stage}, which no process runs; start it with: wirewatch {name}"
            )


def _show_storage(screen: Screen, one: Storage, now: datetime) -> None:
    kept = f", kept for {one.keep_days:g} days" if one.keep_days else ""
    screen.line(
        f"On disk: {byte_size(one.archive_bytes)} of articles{kept}, {byte_size(one.index_bytes)} of search index,"
        f" {byte_size(one.log_bytes)} of log; {byte_size(one.free_bytes)} free.",
        hang=2,
    )
    screen.line(forecast(one), style="yellow" if one.is_short(now) else "", hang=2)


def forecast(one: Storage) -> str:
    """How fast log and archive grow, and when the disk is full."""
    if one.growth is None:
        return "How fast that grows can be told once it was measured for a day."
    if one.growth <= 0:
        return "It has not grown over the last days."
    rate = f"It grows by {byte_size(one.growth)} a day"
    return f"{rate}: the disk will be full around {one.full:%Y-%m-%d}." if one.full else f"{rate}."


def digest_line(one: DigestStatus) -> str:
    """The state of a daily digest, as a sentence."""
    head = f"Digest of {one.person} to {one.channel}"
    due = clock(one.due)
    match one.state:
        case "sent":
            return f"{head}: sent, of {due}."
        case "waiting":
            return f"{head}: the next one is sent a day after {due}."
        case "failing":
            again = f"; tried again at {clock(one.try_at)}" if one.try_at else ""
            return f"{head}: that of {due} could not be sent{again}: {one.why}"
        case "unsure":
            return f"{head}: that of {due} may have arrived, wirewatch was killed meanwhile. The next one covers its time, too."
        case "given up":
            return f"{head}: that of {due} could not be sent, and the next one covers its time: {one.why}"


def _show_feeds(screen: Screen, found: Status) -> None:
    answered = found.feeds - len(found.feeds_failing) - found.feeds_unpolled - found.feeds_paused
    unpolled = f"; {found.feeds_unpolled:,} not polled yet" if found.feeds_unpolled else ""
    paused = f"; {found.feeds_paused:,} paused" if found.feeds_paused else ""
    screen.print(
        f"{answered:,} of {plural(found.feeds, 'feed')} answered when last polled{unpolled}{paused}."
    )
    _show_reasons(screen, found.feeds_failing)
    if found.feeds_silent:
        number = len(found.feeds_silent)
        verb = "answers, but has" if number == 1 else "answer, but have"
        screen.print(f"{plural(number, 'feed')} {verb} gone quiet (see: wirewatch sources):")
    _show_reasons(screen, found.feeds_silent)
    if found.items_left_out:
        screen.print("Items left out, without address, title or text:")
    _show_reasons(screen, {feed: f"{number:,}" for feed, number in found.items_left_out.items()})


def show_processes(screen: Screen, running: Sequence[Process]) -> None:
    """Print what each process does, and why its stages rest."""
    if not running:
        screen.print("No wirewatch process runs on this data folder; start one with: wirewatch run")
    for one in running:
        screen.line(f"Process {one.pid} on {one.host}, running since {clock(one.started)}:", hang=2)
        for doing in CALM:
            if names := [stage.stage for stage in one.stages if stage.doing == doing]:
                screen.line(f"  {doing}: {', '.join(names)}", hang=4)
        for stage in one.stages:
            if stage.doing not in CALM:
                screen.line(f"  {stage.stage} is {stage.doing}: {stage.why}", style="yellow", hang=4)


def _show_reasons(screen: Screen, reasons: Mapping[str, str]) -> None:
    for url, reason in reasons.items():
        screen.line(f"  {url}: {reason}", style="yellow", hang=4)


def _show_piles(screen: Screen, what: str, shelf: list[Pile], see: str = "") -> None:
    number = sum(pile.count for pile in shelf)
    screen.print(
        f"{plural(number, 'message')} {what}{f' (see: {see})' if see and number else ''}", style="bold"
    )
    for pile in shelf:
        example = (pile.example.strip().splitlines() or [""])[-1]
        screen.line(f"  {pile.count:>5,}  {pile.stage}: {pile.kind}, for example {example}", hang=9)
