"""The state of the pipeline: what `wirewatch status --json` prints, and the messages that could not be handled."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from results.parts import Time

SHORT = timedelta(days=30)
"""A disk that will be full sooner is a warning."""
Doing = Literal["working", "idle", "resting", "in trouble", "stopping"]


class StageStatus(msgspec.Struct, frozen=True):
    """The progress of a stage: `done` counts the messages it has finished, `lag` those that wait for it, `missed` those that
    the log deleted before it read them."""

    stage: str
    done: int
    lag: int
    missed: int = 0


class Pile(msgspec.Struct, frozen=True):
    """Messages that failed in the same way."""

    stage: str
    kind: str
    count: int
    example: str


class StageDoing(msgspec.Struct, frozen=True):
    """What a stage is doing now."""

    stage: str
    doing: Doing
    why: str = ""
    """What it is waiting for, in words; '' if it is working."""


class Process(msgspec.Struct, frozen=True):
    """A wirewatch process."""

    host: str
    pid: int
    started: datetime
    seen: datetime
    """When it last wrote."""
    stages: tuple[StageDoing, ...]


class ReplayStatus(msgspec.Struct, frozen=True):
    """A replay that has not finished: it is running, or was stopped."""

    what: str
    """The first stage, and what is replayed."""
    started: Time
    total: int
    """How many messages or articles it covers."""
    done: int


class Latency(msgspec.Struct, frozen=True):
    """The seconds from when wirewatch first saw an article in a feed until it could be found."""

    articles: int
    """The number of articles measured, the newest ones; backfill is left out."""
    median: float
    p95: float


class Storage(msgspec.Struct, frozen=True):
    """What log and archive take on this machine's disk, and when it will be full."""

    log_bytes: int
    archive_bytes: int
    """The articles."""
    index_bytes: int
    """Their search index."""
    free_bytes: int
    """What the disk has left for this user."""
    keep_days: float
    """After how many days articles are deleted; 0: never."""
    growth: int | None = None
    """Bytes a day over the last days, negative if it shrank; null until it was measured for a day."""
    full: Time | None = None
    """When the disk is full if that goes on; null if it doesn't grow, or if that is not known yet."""

    def is_short(self, now: datetime) -> bool:
        """Whether the disk will be full before long."""
        return self.full is not None and self.full - now < SHORT


class DigestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The daily digest of a person, for a channel."""

    person: str
    channel: str
    due: Time
    """When the newest one was due; the next is a day later."""
    state: Literal["sent", "waiting", "failing", "unsure", "given up"]
    """`waiting`: for the first one; `failing`: it is tried again; `unsure`: wirewatch was killed while it sent it, so it may
    have arrived, and is not sent again; `given up`: it could not be sent for hours."""
    why: str = ""
    """The reason of a failure."""
    try_at: Time | None = None
    """When sending is tried again; null if it is not."""


class Status(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/status/1"):
    """What `wirewatch status --json` prints."""

    articles: int
    feeds: int
    feeds_failing: dict[str, str]
    feeds_unpolled: int
    feeds_silent: dict[str, str]
    items_left_out: dict[str, int]
    """By feed: items without address, title or text, which could not be kept."""
    stages: list[StageStatus]
    retries: list[Pile]
    quarantine: list[Pile]
    processes: list[Process]
    """The processes that run on this data folder, with what each stage is doing and waiting for."""
    replays: list[ReplayStatus] = []
    """The replays that have not finished."""
    feeds_paused: int = 0
    """Feeds of the list that are not polled because someone paused them."""
    latency: Latency | None = None
    """Null if there are no articles yet."""
    storage: Storage | None = None
    """Null if both log and archive are elsewhere (Kafka and Elasticsearch)."""
    digests: list[DigestStatus] = []
    """The daily digests that `[digest]` sets up."""


class DeadLetter(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/dead-letter/1"):
    """A message that could not be handled, without the message itself."""

    id: str
    stage: str
    kind: str
    reason: str
    subject: str
    attempts: int
    failed: Time
    retry_at: Time | None
    """When it is retried automatically; null: it waits for a person."""


class Quarantine(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/quarantine/1"):
    """Messages that could not be handled, oldest first."""

    messages: tuple[DeadLetter, ...]
