import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from waiting import PATIENCE, until

from stream import runner, supervisor
from stream.errors import RetryLater
from stream.log.base import Outgoing, TopicSpec
from stream.log.memory import MemoryConsumer, MemoryLog
from stream.messages import encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import QUARANTINE, RETRIES, Retries
from stream.stage import Stage, Topic
from stream.supervisor import Backlog, Idle, Retention, Supervisor

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Number(msgspec.Struct, frozen=True):
    n: int

    @property
    def key(self) -> str:
        return str(self.n)


ASKED = Topic("asked", Number)
ANSWERED = Topic("answered", Number)


@pytest.mark.parametrize("what", ["produce", "commit", "consumer", "trim", "progress"])
async def test_it_stops_whatever_the_log_can_t_do(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    specs = [TopicSpec("asked", 2), TopicSpec("answered", 2)]
    specs += [TopicSpec(shelf.name, compacted=True) for shelf in (RETRIES, QUARANTINE)]
    log = MemoryLog(specs, lambda: NOW)
    log.produce([Outgoing("asked", "1", encode(Number(1)))])
    refused: list[object] = []

    def refuse(*arguments: object) -> None:
        refused.append(arguments)
        raise RetryLater("disk-full", "no room")

    async def double(number: Number) -> Sequence[Number]:
        return [Number(2 * number.n)]

    monkeypatch.setattr(MemoryConsumer if what == "commit" else MemoryLog, what, refuse)
    stop = asyncio.Event()
    context = Context(log, Retries(log, lambda: NOW), Meters(), lambda: NOW, stop)
    stages = [Stage("double", ASKED, double, (ANSWERED,))]
    backlog = Backlog({"double": "asked"}, 100)
    running = asyncio.ensure_future(
        Supervisor(context, Idle(), stages, backlog, Retention(timedelta(days=1), 10**9)).run()
    )
    await until(lambda: refused)
    stop.set()
    await asyncio.wait_for(running, PATIENCE)
