"""How a process handles the calls of hubs, over a log in memory."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from servers.ports import free_port

from ingest.sources.feed import Feed
from ingest.websub.calls import Notice, Question
from ingest.websub.protocol import Subscription
from ingest.websub.settings import Websub
from stream.log.base import Outgoing, partition_of
from stream.log.memory import MemoryLog
from stream.messages import encode
from stream.meters import Meters
from stream.persist import Context
from stream.quarantine import Retries
from stream.supervisor import Idle
from wirewatch.composition import websub
from wirewatch.composition.shared_polling import key_of
from wirewatch.composition.websub import Callbacks, decode_call
from wirewatch.config import Config
from wirewatch.topics import POLL, SHARES, SUBSCRIPTIONS, specs

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FEED = "https://a.example/feed"
KNOWN = Subscription(
    feed=FEED, hub="https://hub.example/", topic=FEED, id="i" * 32, secret="secret", asked=NOW, granted=NOW
)


class Process:
    """A process that hubs reach, with the log in memory."""

    def __init__(self, port: int) -> None:
        self.now = NOW
        self.stop = asyncio.Event()
        self.log = MemoryLog(specs(Config()), now=lambda: self.now)
        self.log.produce([Outgoing(SUBSCRIPTIONS.name, FEED, encode(KNOWN))])
        self.context = Context(
            self.log, Retries(self.log, lambda: self.now), Meters(), lambda: self.now, self.stop
        )
        self.callbacks = Callbacks(
            Idle(), self.context, Websub(port=port), max_bytes=10_000, keep_bytes=10**9
        )
        self.address = f"http://127.0.0.1:{port}/websub/"

    async def push(self, token: str, body: bytes, secret: str = "secret") -> tuple[int, str | None]:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "text/xml; charset=utf-8"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.address + token, data=body, headers=headers) as answer,
        ):
            return answer.status, answer.headers.get("Retry-After")

    async def ask(self, token: str, **query: str) -> tuple[int, str]:
        wanted = {f"hub.{name}": value for name, value in query.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.address + token, params=wanted) as answer,
        ):
            return answer.status, await answer.text()

    def calls(self) -> list[Question | Notice]:
        with self.log.consumer("test", SHARES.name) as consumer:
            records = consumer.poll(1000, 0.0)
        number = partition_of(key_of(Feed(url=FEED)), 8)
        assert {one.partition for one in records} <= {number}, "that of the owner of the feed's host"
        return [decode_call(one.value) for one in records]


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    process = Process(free_port())
    async with running(process):
        yield process


@asynccontextmanager
async def running(process: Process) -> AsyncIterator[None]:
    task = asyncio.create_task(process.callbacks.run(process.stop))
    while (await asyncio.sleep(0.01)) is None and not task.done():
        try:
            await process.ask("nobody-" + "x" * 20)
            break
        except aiohttp.ClientConnectionError:
            continue
    yield
    process.stop.set()
    await task


async def test_accepted_content_is_in_the_log_before_the_hub_gets_a_response(process: Process) -> None:
    assert await process.push(KNOWN.id, b"<rss/>") == (202, None)
    sent = Notice(feed=FEED, body=b"<rss/>", content_type="text/xml", charset="utf-8", at=NOW)
    assert process.calls() == [sent]


async def test_a_verification_is_answered_and_passed_on(process: Process) -> None:
    query = {"mode": "subscribe", "topic": FEED, "challenge": "c", "lease_seconds": "600"}
    assert await process.ask(KNOWN.id, **query) == (200, "c")
    [call] = process.calls()
    assert call == Question(
        feed=FEED, id=KNOWN.id, query={f"hub.{name}": value for name, value in query.items()}, at=NOW
    )


async def test_strangers_leave_nothing_in_the_log(process: Process) -> None:
    assert (await process.push("x" * 32, b"<rss/>"))[0] == 410
    assert (await process.push(KNOWN.id, b"<rss/>", secret="guess"))[0] == 202
    assert (await process.push(KNOWN.id, b"x" * 10_001))[0] == 413
    assert (await process.ask("x" * 32, mode="subscribe", topic=FEED, challenge="c"))[0] == 404
    assert (await process.ask(KNOWN.id, mode="unsubscribe", topic=FEED, challenge="c"))[0] == 404
    assert (await process.ask(KNOWN.id, mode="subscribe", topic="https://b.example/", challenge="c"))[
        0
    ] == 404
    assert process.calls() == []


async def test_too_many_waiting_calls_are_asked_to_retry(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub, "MOST_WAITING", 2)
    monkeypatch.setattr("ingest.websub.directory.READ_SECONDS", 0.0)
    told = [await process.push(KNOWN.id, b"<rss/>") for _ in range(3)]
    assert told == [(202, None), (202, None), (503, "30")]
    assert len(process.calls()) == 2


async def test_handled_calls_are_forgotten_and_others_stay(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(websub, "TRIM_SECONDS", 0.0)
    monkeypatch.setattr("ingest.websub.directory.READ_SECONDS", 0.0)
    for body in (b"handled", b"waits"):
        assert await process.push(KNOWN.id, body) == (202, None)
    with process.log.consumer(POLL, SHARES.name) as consumer:
        [first, _] = consumer.poll(2, 0.0)
        consumer.commit({first.partition: first.offset + 1})
    process.now += timedelta(hours=2)
    assert await process.push(KNOWN.id, b"new") == (202, None)
    assert [call.body for call in process.calls() if isinstance(call, Notice)] == [b"waits", b"new"]
