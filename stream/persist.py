"""Writes a running stage's results to the log, retrying for as long as the log can't take them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, ParamSpec, TypeVar

import structlog

from stream.errors import Reject, RetryLater
from stream.log.base import Consumer, Log, Outgoing, Record
from stream.messages import Dead
from stream.meters import Meters
from stream.quarantine import Retries, dead_letter, shelve, without_value
from stream.trace import NoTracer, Tracer

P = ParamSpec("P")
R = TypeVar("R")

log_line = structlog.get_logger("stream.persist")


@dataclass(frozen=True)
class Context:
    """What every running stage shares."""

    log: Log
    retries: Retries
    meters: Meters
    now: Callable[[], datetime]
    stop: asyncio.Event
    tracer: Tracer = field(default_factory=NoTracer)


def bury(stage: str, context: Context, record: Record, error: Exception) -> Dead:
    """Create the dead letter of a message, and log it."""
    dead = dead_letter(stage, record, error, context.now())
    outcome: Literal["quarantined", "retried"] = "quarantined" if dead.retry_at is None else "retried"
    context.meters.count(stage, outcome)
    context.meters.tally(outcome, stage, dead.kind)
    facts = {"stage": stage, "kind": dead.kind, "reason": dead.reason, "id": dead.id}
    if dead.retry_at is None:
        log_line.warning("quarantined", **facts)
    else:
        log_line.info("put off", **facts, until=dead.retry_at.isoformat(timespec="seconds"))
    return dead


async def persist(context: Context, messages: Sequence[Outgoing], dead: Sequence[Dead]) -> None:
    """Append to the log; waits while it can't take messages (a full disk).

    A dead letter that is too large for the log is stored without its message. Raises Reject if one of `messages` is too large.
    """
    if not (messages or dead):
        return
    try:
        await until_possible("log", context.log.produce, [*messages, *map(shelve, dead)])
    except Reject as error:
        if messages:
            raise
        await _persist_each(context, dead, error)
    else:
        context.retries.expect(dead)


async def _persist_each(context: Context, dead: Sequence[Dead], error: Reject) -> None:
    """Shelve dead letters after the log refused one of them for the given reason."""
    if len(dead) > 1:
        for one in dead:
            await persist(context, (), [one])
        return
    log_line.error(
        "too large for the quarantine: kept without the message", id=dead[0].id, reason=error.reason
    )
    await until_possible("log", context.log.produce, [shelve(without_value(dead[0], error))])


async def until_possible(what: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `function` in a thread; while it raises RetryLater, call it again at growing intervals of up to 30 s."""
    pause = 0.5
    while True:
        try:
            return await asyncio.to_thread(function, *args, **kwargs)
        except RetryLater as error:
            log_line.error("waiting", what=what, kind=error.kind, reason=error.reason, seconds=pause)
            await asyncio.sleep(max(pause, min(error.after or 0.0, 30.0)))
            pause = min(pause * 2, 30.0)


async def leave(consumer: Consumer) -> None:
    """Close a consumer. If it can't leave its group now (a full disk), it leaves when the process ends, and the others
    notice."""
    try:
        await asyncio.to_thread(consumer.close)
    except RetryLater as error:
        log_line.warning("left a group without telling the log", kind=error.kind, reason=error.reason)
