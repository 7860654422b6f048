"""The metrics of the pipeline: what each is called, what it tells, and where it is read.

Nothing is counted here. Stages count in stream/meters.py, which costs a few additions a message; what takes longer to find out
is kept by measured.py. docs/metrics.md is made of this table.
"""

import importlib.metadata
import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Literal, get_args

from results.status import Doing
from stream.meters import Duration, Outcome, Tally
from stream.supervisor import Supervisor
from wirewatch.composition.measured import Measured
from wirewatch.composition.metric_row import Buckets, Row, Timed, Value
from wirewatch.composition.presence import is_log_lost, stages_doing
from wirewatch.topics import POLL


@dataclass(frozen=True)
class Facts:
    """What a scrape reads.

    Attributes:
        supervisor: what runs in this process.
        names: the parts that were started, such as `poll`.
        measured: what was measured last of what takes longer.
        now: the time, aware, in UTC.
    """

    supervisor: Supervisor
    names: Sequence[str]
    measured: Measured
    now: datetime


def _counted(outcome: Outcome, facts: Facts) -> Iterator[Value]:
    meters = facts.supervisor.meters
    for stage in facts.supervisor.stages:
        yield (stage.name,), meters.get(stage.name, outcome)


def _tallied(what: Tally, facts: Facts) -> Iterable[Value]:
    return facts.supervisor.meters.tallies(what).items()


def _entries(facts: Facts) -> Iterator[Value]:
    if POLL in facts.names:
        yield (), facts.supervisor.meters.get(POLL, "emitted")


def _lags(facts: Facts) -> Iterator[Value]:
    for stage, lag in facts.supervisor.backlog.lags.items():
        yield (stage,), lag


def _ages(facts: Facts) -> Iterator[Value]:
    """A stage that has taken nothing yet is told by how long it has been known that messages wait for it."""
    supervisor = facts.supervisor
    for stage in supervisor.stages:
        since = supervisor.backlog.waits_since.get(stage.name)
        taken = supervisor.meters.oldest(stage.name)
        if since is None:
            yield (stage.name,), 0.0
        elif taken is None:
            yield (stage.name,), time.monotonic() - since
        else:
            yield (stage.name,), max((facts.now - taken).total_seconds(), 0.0)


def _states(facts: Facts) -> Iterator[Value]:
    for one in stages_doing(facts.supervisor, facts.names):
        for state in get_args(Doing):
            yield (one.stage, state.replace(" ", "-")), float(one.doing == state)


def _log_up(facts: Facts) -> Iterator[Value]:
    yield (), float(not is_log_lost(facts.supervisor))


def _retries(facts: Facts) -> Iterator[Value]:
    yield (), facts.supervisor.waiting()


def _sources(facts: Facts) -> Iterator[Value]:
    for status, number in facts.measured.sources.items():
        yield (status,), number


def _size(field: Literal["log_bytes", "archive_bytes", "free_bytes"], facts: Facts) -> Iterator[Value]:
    size: int | None = getattr(facts.measured, field)
    if size is not None:
        yield (), size


def _durations(
    part: str, durations: Mapping[tuple[str, ...], Duration], facts: Facts
) -> Iterator[tuple[Sequence[str], Buckets]]:
    """Those that the process has which runs a part of the pipeline, by the values of the labels."""
    if part in facts.names:
        for labels, duration in durations.items():
            yield labels, facts.supervisor.meters.durations(duration)


def _build(_: object) -> Iterator[Value]:
    yield (_version(), platform.python_version()), 1.0


@cache
def _version() -> str:
    return importlib.metadata.version("wirewatch")  # it reads a file each time


STAGE, KIND = ("stage",), ("stage", "kind")
BUILD: Row[object] = Row(
    "wirewatch_build_info",
    "gauge",
    "Always 1; the labels name the version.",
    _build,
    ("version", "python"),
)
TABLE: tuple[Row[Facts] | Timed[Facts], ...] = (
    BUILD,
    Row(
        "wirewatch_stage_messages_read_total",
        "counter",
        "Messages that a stage has read from the log.",
        partial(_counted, "taken"),
        STAGE,
    ),
    Row(
        "wirewatch_stage_messages_done_total",
        "counter",
        "Messages that a stage has finished.",
        partial(_counted, "done"),
        STAGE,
    ),
    Row(
        "wirewatch_stage_messages_written_total",
        "counter",
        "Messages that a stage has written to the log as results; `index` writes to the archive instead.",
        partial(_counted, "emitted"),
        STAGE,
    ),
    Row(
        "wirewatch_stage_messages_retried_total",
        "counter",
        "Messages that were put off to be tried again, by the kind of trouble.",
        partial(_tallied, "retried"),
        KIND,
    ),
    Row(
        "wirewatch_stage_messages_quarantined_total",
        "counter",
        "Messages that were put into quarantine, by the kind of fault (`robots`, `http-404`, `bug`).",
        partial(_tallied, "quarantined"),
        KIND,
    ),
    Row(
        "wirewatch_stage_lag_messages",
        "gauge",
        "Messages that wait for a stage. Processes also tell the lag of the stages that they write for: take the maximum.",
        _lags,
        STAGE,
    ),
    Row(
        "wirewatch_stage_oldest_message_age_seconds",
        "gauge",
        "The age of the oldest message that a stage has taken and not finished, since it was written to the log; if it has"
        " finished all while more wait, of the last one that it took, which is at least as old; 0 if it has read everything.",
        _ages,
        STAGE,
    ),
    Row(
        "wirewatch_stage_state",
        "gauge",
        "1 for the state that a part of the pipeline is in, 0 for the others; `wirewatch status` says why.",
        _states,
        ("stage", "state"),
    ),
    Row("wirewatch_log_up", "gauge", "1 while the log answers, 0 when it has not for 15 seconds.", _log_up),
    Row(
        "wirewatch_retries_waiting",
        "gauge",
        "Messages that wait to be tried again, as far as this process knows: take the maximum.",
        _retries,
    ),
    Row(
        "wirewatch_polls_total",
        "counter",
        "Polls of feeds by result: `read`, `unchanged`, `failed`, `gone`, or `not-stored`.",
        partial(_tallied, "poll"),
        ("result",),
    ),
    Row(
        "wirewatch_poll_failures_total",
        "counter",
        "Polls that failed, by the kind of trouble (`dns`, `timeout`, `http-503`).",
        partial(_tallied, "poll-failed"),
        ("kind",),
    ),
    Row(
        "wirewatch_poll_entries_total",
        "counter",
        "Entries that polls have found and published.",
        _entries,
    ),
    Timed(
        "wirewatch_poll_duration_seconds",
        "How long a poll took, with waiting for the answer, parsing and storing.",
        partial(_durations, POLL, {(): "poll"}),
    ),
    Row(
        "wirewatch_sources",
        "gauge",
        "Sources of the feed list by status. `well` and `silent` (unusually quiet) are heard; the others are dark. From"
        " processes that poll, each of which tells of the whole list: take the maximum.",
        _sources,
        ("status",),
    ),
    Row(
        "wirewatch_fetches_total",
        "counter",
        "Fetches of pages by result: `page`; `unchanged` if a page that was read before brought nothing new; or the kind of"
        " what hindered it (`robots`, `http-403`, `timeout`), also where the feed's own text could take its place.",
        partial(_tallied, "fetch"),
        ("result",),
    ),
    Timed(
        "wirewatch_article_indexed_seconds",
        "How late a new article could be found: since it was published, where that is known to the second, and since wirewatch"
        " first saw it in a feed. Backfill and edits are left out.",
        partial(_durations, "index", {("published",): "published-indexed", ("seen",): "seen-indexed"}),
        ("since",),
    ),
    Timed(
        "wirewatch_article_alerted_seconds",
        "How late an alert about one new article reached its channel, since then.",
        partial(_durations, "deliver", {("published",): "published-alerted", ("seen",): "seen-alerted"}),
        ("since",),
    ),
    Row(
        "wirewatch_log_size_bytes",
        "gauge",
        "What the embedded log takes on the disk; absent where it is in Kafka.",
        partial(_size, "log_bytes"),
    ),
    Row(
        "wirewatch_archive_size_bytes",
        "gauge",
        "What the embedded archive takes on the disk; absent where it is in Elasticsearch.",
        partial(_size, "archive_bytes"),
    ),
    Row(
        "wirewatch_data_free_bytes",
        "gauge",
        "What is free on the disk of the data folder.",
        partial(_size, "free_bytes"),
    ),
    Row(
        "wirewatch_worker_restarts_total",
        "counter",
        "Worker processes that ended before their time: `slow` (its task began again among the slow ones), `too-slow`,"
        " `too-much-memory`, `crashed`, or `broken-pool` (all processes were replaced).",
        partial(_tallied, "worker"),
        ("reason",),
    ),
)
"""All metrics of stages and of what polls. Each process also has `process_*`, as the client library has them (this process
without its workers)."""
