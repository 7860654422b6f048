"""Subscriptions, with a hub on loopback."""

import asyncio
import hashlib
import hmac
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from waiting import PATIENCE, until

from ingest.http.client import Client
from ingest.http.response import Response
from ingest.websub import callback_server
from ingest.websub.callback_server import MAX_BYTES, serve_callbacks
from ingest.websub.calls import Call, Notice, Question
from ingest.websub.protocol import Subscription
from ingest.websub.reception import Reception
from ingest.websub.subscriber import Subscriber
from stream.errors import Reject, RetryLater

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOPIC = "https://a.example/feed"


class Hub:
    """A hub: keeps subscriptions, verifies them as instructed, and can send."""

    def __init__(self) -> None:
        self.forms: list[Mapping[str, str]] = []
        self.status = 202
        self.question: dict[str, str] = {}
        """What its question says otherwise than it should."""
        self.answers: list[tuple[int, str]] = []
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Hub"]:
        application = web.Application()
        application.add_routes([web.post("/hub", self._subscribe)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hub"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _subscribe(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        if self.status == 202:
            await self.ask(form)
        return web.Response(status=self.status)

    async def ask(self, form: Mapping[str, str]) -> None:
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "<b>challenge</b>",
            "hub.lease_seconds": "3600",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.get(form["hub.callback"], params=query | self.question) as answer,
        ):
            assert answer.content_type != "text/html"
            self.answers.append((answer.status, await answer.text()))

    async def send(
        self, body: bytes, *, method: str = "sha256", secret: str = "", path: str = "", **headers: str
    ) -> int:
        form = self.forms[-1]
        key = (secret or form["hub.secret"]).encode()
        signature = f"{method}={hmac.new(key, body, getattr(hashlib, method)).hexdigest()}"
        sent = {"X-Hub-Signature": signature, "Content-Type": "application/rss+xml; charset=utf-8"} | headers
        url = form["hub.callback"] + path
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=io.BytesIO(body), headers=sent) as answer,
        ):
            return answer.status


class Desk:
    """Everything around a subscriber, controlled by the test."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.now = NOW
        self.feeds = [(TOPIC, hub.url, TOPIC)]
        self.kept: dict[str, Subscription] = {}
        self.delivered: list[Notice] = []
        self.trouble: RetryLater | Reject | None = None
        self.subscriber: Subscriber

    async def keep(self, one: Subscription) -> None:
        self.kept[one.feed] = one

    async def forget(self, one: Subscription) -> None:
        del self.kept[one.feed]

    async def find(self, token: str) -> Subscription | None:
        return next((one for one in self.kept.values() if one.id == token), None)

    async def hand_on(self, call: Call) -> None:
        if self.trouble:
            raise self.trouble
        if isinstance(call, Question):
            await self.subscriber.answered(call)
        else:
            self.delivered.append(call)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Subscriber]:
        async with Client(user_agent="test", allowed=[ip_network("127.0.0.0/8")]) as client:
            self.subscriber = Subscriber(
                callback="",
                hubs=lambda: self.feeds,
                known=self.kept,
                post=client.post,
                keep=self.keep,
                forget=self.forget,
                now=lambda: self.now,
            )
            reception = Reception(find=self.find, hand_on=self.hand_on, now=lambda: self.now)
            async with serve_callbacks(reception, "127.0.0.1", 0) as port:
                self.subscriber._callback = f"http://127.0.0.1:{port}/websub"
                yield self.subscriber


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Hub().running() as hub:
        yield Desk(hub)


async def test_a_subscription_is_requested_confirmed_kept_and_used(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        [form] = desk.hub.forms
        assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
        assert desk.hub.answers == [(200, "<b>challenge</b>")]
        assert desk.kept[TOPIC].lease_seconds == 3600
        assert subscriber.is_subscribed(TOPIC)
        await subscriber.tick()
        assert len(desk.hub.forms) == 1
        for method in ("sha1", "sha256", "sha384", "sha512"):
            assert await desk.hub.send(b"<rss/>", method=method) == 202
        sent = Notice(
            feed=TOPIC, body=b"<rss/>", content_type="application/rss+xml", charset="utf-8", at=desk.now
        )
        assert desk.delivered == [sent] * 4


async def test_a_lease_is_renewed_before_it_ends_and_survives_a_restart(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
    desk.now += timedelta(seconds=2800)
    async with desk.open() as subscriber:
        await subscriber.tick()
        assert len(desk.hub.forms) == 1
        desk.now += timedelta(seconds=100)
        await subscriber.tick()
        assert len(desk.hub.forms) == 2
        assert desk.hub.forms[0]["hub.secret"] == desk.hub.forms[1]["hub.secret"]
        assert desk.kept[TOPIC].granted == desk.now


async def test_content_with_a_wrong_signature_or_topic_is_ignored(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        assert await desk.hub.send(b"x", secret="guess") == 202
        assert await desk.hub.send(b"x", **{"X-Hub-Signature": ""}) == 202
        assert await desk.hub.send(b"x", Link="<https://b.example/>; rel=self") == 202
        assert await desk.hub.send(b"x", path="x") == 410
        assert await desk.hub.send(b"x" * (MAX_BYTES + 1)) == 413
        assert desk.delivered == []


@pytest.mark.parametrize("question", [{"hub.topic": "https://b.example/"}, {"hub.mode": "unsubscribe"}])
async def test_a_verification_that_we_did_not_expect_is_refused(desk: Desk, question: dict[str, str]) -> None:
    desk.hub.question = question
    async with desk.open() as subscriber:
        await subscriber.tick()
        assert [status for status, _ in desk.hub.answers] == [404]
        assert not subscriber.is_subscribed(TOPIC)


async def test_a_hub_that_denies_or_fails_is_retried_later(desk: Desk) -> None:
    desk.hub.question = {"hub.mode": "denied", "hub.reason": "full"}
    async with desk.open() as subscriber:
        await subscriber.tick()
        assert desk.kept[TOPIC].problem == "denied: full"
        desk.hub.status = 500
        desk.now += timedelta(minutes=5)
        await subscriber.tick()
        assert desk.kept[TOPIC].problem == "the hub answered with HTTP 500"
        await subscriber.tick()
        assert len(desk.hub.forms) == 2
        desk.hub.status, desk.hub.question = 202, {}
        desk.now += timedelta(minutes=10)
        await subscriber.tick()
        assert desk.kept[TOPIC].problem == ""
        assert subscriber.is_subscribed(TOPIC)


async def test_a_feed_that_left_the_list_is_unsubscribed(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        desk.feeds = []
        await subscriber.tick()
        assert [form["hub.mode"] for form in desk.hub.forms] == ["subscribe", "unsubscribe"]
        assert desk.hub.answers[-1] == (200, "<b>challenge</b>")
        assert desk.kept == {}


async def test_a_hub_that_does_not_confirm_the_end_is_given_up(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        desk.feeds, desk.hub.status = [], 500
        for _ in range(4):
            await subscriber.tick()
            desk.now += timedelta(days=1)
        assert [form["hub.mode"] for form in desk.hub.forms] == ["subscribe", *["unsubscribe"] * 3]
        assert desk.kept == {}


async def test_a_hub_at_a_private_address_is_not_reached() -> None:
    async with Hub().running() as hub, Client(user_agent="test") as client:
        desk = Desk(hub)
        subscriber = Subscriber(
            callback="https://us.example",
            hubs=lambda: desk.feeds,
            known={},
            post=client.post,
            keep=desk.keep,
            forget=desk.forget,
            now=lambda: NOW,
        )
        await subscriber.tick()
        assert hub.forms == []
        assert "not a public address" in desk.kept[TOPIC].problem


async def test_a_hub_is_asked_to_retry_if_its_call_cannot_be_stored(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        desk.trouble = RetryLater("disk-full", "no space left", after=120)
        assert await desk.hub.send(b"<rss/>") == 503
        await desk.hub.ask(desk.hub.forms[0])
        assert desk.hub.answers[-1][0] == 503
        desk.trouble = Reject("too-large", "larger than a message of the log may be")
        assert await desk.hub.send(b"<rss/>") == 413


async def test_a_hub_is_asked_to_retry_if_all_places_are_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow calls hold all places: another one waits for less time than they may take."""
    monkeypatch.setattr(callback_server, "BODIES_AT_ONCE", 1)
    monkeypatch.setattr(callback_server, "PLACE_SECONDS", 0.05)
    async with desk.open() as subscriber:
        await subscriber.tick()
        address = urlsplit(desk.hub.forms[0]["hub.callback"])
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        head = f"POST {address.path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
        writer.write(head.encode())
        assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        while await desk.hub.send(b"<rss/>") != 503:
            pass
        writer.close()


async def test_a_call_that_is_read_again_from_the_log_changes_nothing(desk: Desk) -> None:
    async with desk.open() as subscriber:
        await subscriber.tick()
        first = desk.kept[TOPIC]
        question = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "of last week"}
        await subscriber.answered(
            Question(feed=TOPIC, id=first.id, query=question, at=NOW - timedelta(days=7))
        )
        await subscriber.answered(Question(feed=TOPIC, id="another's id", query=question, at=NOW))
        await subscriber.answered(Question(feed="https://b.example/", id=first.id, query=question, at=NOW))
        assert desk.kept == {TOPIC: first}


async def test_a_hub_that_another_machine_answered_has_granted_though_its_clock_is_behind(desk: Desk) -> None:
    desk.hub.question = {"hub.topic": "https://b.example/"}
    async with desk.open() as subscriber:
        await subscriber.tick()
        form = desk.hub.forms[0]
        question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
        at = NOW - timedelta(seconds=2)
        await subscriber.answered(Question(feed=TOPIC, id=form["hub.callback"][-32:], query=question, at=at))
        assert desk.kept[TOPIC].granted == NOW
        await subscriber.tick()
        assert len(desk.hub.forms) == 1


async def test_it_stops_on_request() -> None:
    async with Hub().running() as hub:
        desk, stop = Desk(hub), asyncio.Event()
        async with desk.open() as subscriber:
            running = asyncio.create_task(subscriber.run(stop))
            await until(lambda: TOPIC in desk.kept and desk.kept[TOPIC].granted is not None)
            stop.set()
            await asyncio.wait_for(running, PATIENCE)


async def test_a_grant_that_comes_while_the_next_request_is_stored_is_kept() -> None:
    asked = Subscription(
        feed=TOPIC, hub="https://hub.example/", topic=TOPIC, id="i" * 32, secret="s", asked=NOW
    )
    storing, may_end = asyncio.Event(), asyncio.Event()
    kept: list[Subscription] = []

    async def keep(one: Subscription) -> None:
        if not storing.is_set():
            storing.set()
            await may_end.wait()
        kept.append(one)

    async def post(url: str, _: Mapping[str, str]) -> Response:
        return Response(
            url=url, status=202, headers={}, content_type="", charset="", body=b"", permanent=False
        )

    subscriber = Subscriber(
        callback="https://desk.example/websub",
        hubs=lambda: [(TOPIC, asked.hub, TOPIC)],
        known={TOPIC: asked},
        post=post,
        keep=keep,
        forget=keep,
        now=lambda: NOW + timedelta(days=1),
    )
    ticking = asyncio.create_task(subscriber.tick())
    await asyncio.wait_for(storing.wait(), PATIENCE)
    said = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "864000"}
    granting = asyncio.create_task(
        subscriber.answered(Question(feed=TOPIC, id=asked.id, query=said, at=NOW + timedelta(days=1)))
    )
    await asyncio.sleep(0)  # it begins
    may_end.set()
    await asyncio.gather(ticking, granting)
    assert subscriber.is_subscribed(TOPIC)
    assert kept[-1].granted is not None
