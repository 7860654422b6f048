"""How the pipeline stands: what `wirewatch status --json` prints, and what could not be handled."""

from datetime import datetime
from typing import Literal

import msgspec

from results.parts import Time

Doing = Literal["working", "idle", "resting", "in trouble", "stopping"]


class StageStatus(msgspec.Struct, frozen=True):
    """Where a stage stands: `done` counts the messages it has finished, `lag` those that wait for it, `missed` those that the
    log has deleted before it read them."""

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
    """What a stage does at the moment."""

    stage: str
    doing: Doing
    why: str = ""
    """What it waits for, in words; '' if it works."""


class Process(msgspec.Struct, frozen=True):
    """A wirewatch process."""

    host: str
    pid: int
    started: datetime
    seen: datetime
    """When it last wrote."""
    stages: tuple[StageDoing, ...]


class ReplayStatus(msgspec.Struct, frozen=True):
    """A replay that was begun and is not over: it runs, or was stopped."""

    what: str
    """The first stage, and what is replayed."""
    started: Time
    total: int
    """Messages or articles to look at."""
    done: int


class Latency(msgspec.Struct, frozen=True):
    """How long it took from when wirewatch first saw an article in a feed until it could be found, in seconds."""

    articles: int
    """The newest ones, over which it is told; backfill is left out."""
    median: float
    p95: float


class Status(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/status/1"):
    """What `wirewatch status --json` prints."""

    articles: int
    feeds: int
    feeds_failing: dict[str, str]
    feeds_unpolled: int
    feeds_silent: dict[str, str]
    items_left_out: dict[str, int]
    """By feed: items without an address, a title and a text, of which nothing could be kept."""
    stages: list[StageStatus]
    retries: list[Pile]
    quarantine: list[Pile]
    processes: list[Process]
    """Those that run on this data folder, with what each stage does and waits for."""
    replays: list[ReplayStatus] = []
    """Those that are not over."""
    feeds_paused: int = 0
    """Feeds of the list that are not polled because someone paused them."""
    latency: Latency | None = None
    """Null where there are no articles yet."""


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
    """When it is tried again by itself; null: it waits for a person."""


class Quarantine(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/quarantine/1"):
    """What could not be handled, oldest first."""

    messages: tuple[DeadLetter, ...]
