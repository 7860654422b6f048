"""Maintains the WebSub subscriptions of feeds that name a hub. The decisions are in protocol.py; reception.py answers hubs, and
passes their calls on to this module.

These feeds are still polled, because a hub may forget us. A new item that arrives both ways counts once.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime

import msgspec
import structlog

from ingest.http.response import Response
from ingest.urls import shown
from ingest.websub import protocol as websub
from ingest.websub.calls import Question
from ingest.websub.protocol import Subscription
from stream.errors import Reject, RetryLater

log_line = structlog.get_logger("ingest.websub.subscriber")

TICK_SECONDS = 5.0
AT_ONCE = 8
ENDED_FOR = 3
"""How many times a hub is asked to end a subscription; then it is dropped, and further notifications are refused."""

Post = Callable[[str, Mapping[str, str]], Awaitable[Response]]
"""Posts a form; raises Reject or RetryLater: `Client.post`."""
Keep = Callable[[Subscription], Awaitable[None]]
"""Makes a subscription durable."""
Forget = Callable[[Subscription], Awaitable[None]]


class Subscriber:
    """Subscribes to the hubs of all feeds of a poller, and renews the leases.

    Args:
        callback: the address, without a trailing slash, under which hubs reach us.
        hubs: returns URL, hub and topic of each feed of the list that names a hub; called repeatedly.
        known: subscriptions as they were kept, by the feed's URL.
        post: posts a form to a hub.
        keep: makes a subscription durable.
        forget: removes one.
        now: the time, aware, in UTC.
    """

    def __init__(
        self,
        *,
        callback: str,
        hubs: Callable[[], Iterable[tuple[str, str, str]]],
        known: Mapping[str, Subscription],
        post: Post,
        keep: Keep,
        forget: Forget,
        now: Callable[[], datetime],
    ) -> None:
        self._callback = callback
        self._hubs = hubs
        self._known = dict(known)
        self._post = post
        self._keep = keep
        self._forget = forget
        self._now = now
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()
        """Held while a subscription is changed: a hub may call while a request to it is being stored."""

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the subscriptions until `stop`."""
        while not stop.is_set():
            await self.tick()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK_SECONDS)

    async def tick(self) -> None:
        """Ask the hubs that are due."""
        for one in list(websub.wanted(self._hubs(), self._known, _new)):
            await self._set(one)
        due = [
            one for one in self._known.values() if (websub.next_request(one) or self._now()) <= self._now()
        ]
        await asyncio.gather(*map(self._ask, due))

    def is_subscribed(self, feed: str) -> bool:
        """Whether a feed's hub sends new content; polling is then only a precaution."""
        one = self._known.get(feed)
        return one is not None and websub.is_active(one, self._now())

    async def answered(self, question: Question) -> None:
        """Record a hub's call, and the response to it."""
        async with self._turn:
            await self._record(question)

    async def _record(self, question: Question) -> None:
        one = self._known.get(question.feed)
        if one is None or one.id != question.id or not websub.is_current(one, question.at):
            return
        verified = websub.verify(one, question.query, question.at)
        if verified.subscription != one:
            await self._set(verified.subscription)
            mode, problem = question.query.get("hub.mode", ""), verified.subscription.problem
            log_line.info(
                "hub answered", feed=shown(one.feed), hub=shown(one.hub), mode=mode, problem=problem
            )
        if one.ending and verified.challenge:
            await self._drop(one)

    async def _ask(self, one: Subscription) -> None:
        """Ask a hub to begin, renew or end; its response only says that it will verify the request."""
        if one.ending and one.failures >= ENDED_FOR:
            await self._drop(one)
            return
        # Stored before it is sent, because the hub may verify at once.
        async with self._turn:
            latest = self._known.get(one.feed)
            if latest is None or latest.id != one.id:
                return
            await self._set(msgspec.structs.replace(latest, asked=self._now()))
        try:
            async with self._slots:
                response = await self._post(one.hub, websub.request(one, f"{self._callback}/{one.id}"))
            problem = "" if 200 <= response.status < 300 else f"the hub answered with HTTP {response.status}"
        except (Reject, RetryLater) as error:
            problem = error.reason
        if problem:
            await self._note(one, problem)

    async def _note(self, one: Subscription, problem: str) -> None:
        """Record that a hub could not be asked."""
        async with self._turn:
            latest = self._known.get(one.feed)
            if latest is not None and latest.id == one.id:
                log_line.warning("hub not reached", feed=shown(one.feed), hub=shown(one.hub), reason=problem)
                await self._set(websub.failed(latest, problem))

    async def _set(self, one: Subscription) -> None:
        await self._keep(one)
        self._known[one.feed] = one

    async def _drop(self, one: Subscription) -> None:
        await self._forget(one)
        self._known.pop(one.feed, None)


def _new(feed: str, hub: str, topic: str) -> Subscription:
    return Subscription(
        feed=feed, hub=hub, topic=topic, id=secrets.token_urlsafe(24), secret=secrets.token_hex(32)
    )
