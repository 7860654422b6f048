"""Polls feeds: asks, has the answer read, hands what is new on. What it all means is decided in decide.py."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from ingest.fetching.politeness import HostGate, retry_after
from ingest.formats.items import ParsedFeed
from ingest.formats.sitemap_parts import Parse, parse_part, with_parts
from ingest.http.response import Response
from ingest.polling import decide as poll
from ingest.polling.agenda import Agenda
from ingest.polling.decide import Failed, Gone, Outcome, Read, Same, Unchanged, Validators
from ingest.polling.feed_state import FeedState
from ingest.polling.group_commit import GroupCommit, Publish
from ingest.polling.news import News, news
from ingest.polling.outage import Outage
from ingest.polling.report import PollReport, report
from ingest.polling.same_host import SameHost
from ingest.polling.schedule import Policy
from ingest.polling.visit import Visit
from ingest.sources.feed import Feed
from ingest.urls import host_if_any, shown
from ingest.websub.protocol import with_links
from stream.errors import Reject, RetryLater
from stream.messages import Entry

log_line = structlog.get_logger("ingest.polling.poller")

TICK_SECONDS = 1.0
"""How often it looks which feeds are due, and whether the feed list has changed."""

MOST_HOSTS = 1_000
"""So many hosts are taken on at once; the others wait where that costs nothing."""


class Get(Protocol):
    """Fetches a URL; raises Reject or RetryLater: `Client.get`."""

    def __call__(self, url: str, *, headers: Mapping[str, str]) -> Awaitable[Response]:
        """What the URL answers, whatever its status."""


class Poller:
    """Polls every feed when it is due, one at a time at each host.

    Args:
        feeds: the feed list as it is now; asked again all the time.
        states: what is known of the feeds, by URL.
        get: fetches a URL.
        parse: reads a feed.
        publish: takes new entries and states of feeds; only when it returned are the feeds' states advanced.
        now: the time, aware, in UTC.
        policy: when to ask again.
        ready: waits while the stages behind are too far behind.
        may_begin: whether a feed may be polled for the first time: its backlog comes with it. Until then it is not asked, while
            the others are.
        observe: is told of every poll.
        at_once: how many hosts are polled at the same time.
        gate: lets polls of one host pass one at a time, with a gap between them.
    """

    def __init__(
        self,
        *,
        feeds: Callable[[], Sequence[Feed]],
        states: Mapping[str, FeedState],
        get: Get,
        parse: Parse,
        publish: Publish,
        now: Callable[[], datetime],
        policy: Policy,
        ready: Callable[[], Awaitable[object]],
        observe: Callable[[PollReport], object],
        may_begin: Callable[[], bool] = lambda: True,
        at_once: int = 32,
        gate: HostGate | None = None,
    ) -> None:
        self._feeds = feeds
        self._states = dict(states)
        self._same_host = SameHost(self._states.values())
        self._get = get
        self._parse = parse
        self._commits = GroupCommit(publish)
        self._now = now
        self._policy = policy
        self._ready = ready
        self._observe = observe
        self._may_begin = may_begin
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(at_once)
        self._indexes = asyncio.Semaphore(at_once)
        self._gate = gate or HostGate(0.0)
        self._agenda = Agenda()
        self._waiting: dict[str, list[Feed]] = {}
        self._later: list[Feed] = []
        self._outage = Outage()

    async def round(self) -> None:
        """Poll every feed of the list once, whether due or not, but none that is gone."""
        feeds = [feed for feed in self._feeds() if not self._state(feed).gone]
        while feeds:
            async with asyncio.TaskGroup() as group:
                for name, some in self._by_host(feeds).items():
                    group.create_task(self._poll_host(name, some))
            feeds, self._later = self._later, []
            if feeds:
                await asyncio.sleep(TICK_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll the feeds that are due until `stop`; what is under way then is given up and will be done again."""
        busy: dict[str, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                self._start(busy)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), TICK_SECONDS)
        finally:
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    def _start(self, busy: dict[str, asyncio.Task[None]]) -> None:
        """Forget the hosts that are done (a fault of our own is raised), and start those that have feeds due."""
        for name in [name for name, task in busy.items() if task.done()]:
            busy.pop(name).result()
        self._agenda.follow(self._feeds(), self._states)
        due = self._agenda.due(self._now())
        if self._may_begin():
            due, self._later = [*due, *self._later], []
        for name, feeds in self._by_host(due).items():
            self._waiting.setdefault(name, []).extend(feeds)
        free = [name for name in self._waiting if name not in busy]
        for name in free[: MOST_HOSTS - len(busy)]:
            feeds = self._agenda.listed(self._waiting.pop(name))
            busy[name] = asyncio.create_task(self._poll_host(name, feeds))

    async def _poll_host(self, name: str, feeds: Sequence[Feed]) -> None:
        for feed in feeds:
            if self._must_wait(feed):
                continue
            async with Visit(self._gate, self._places, name) as visit:
                await self._ready()
                if self._must_wait(feed):  # others were let in before
                    continue
                await self._poll(feed, visit)
            self._agenda.put_back(feed, self._states.get(feed.url))

    def _must_wait(self, feed: Feed) -> bool:
        """Whether a feed may not be polled yet; then it is kept for later."""
        if self._state(feed).last_read is None and not self._may_begin():
            self._later.append(feed)
            return True
        return False

    async def receive(self, url: str, body: bytes, content_type: str, charset: str) -> None:
        """Take what a feed's hub has sent, as if it had been polled; a second time it brings nothing new.

        Raises RetryLater if that can't be done, or stored, now.
        """
        feed = next((feed for feed in self._feeds() if feed.url == url), None)
        if feed is None:
            return
        started = time.monotonic()
        async with self._turn(url):
            outcome = await self._receive_now(feed, body, content_type, charset)
        self._observe(report(feed, outcome, time.monotonic() - started, stored=True))

    async def _receive_now(self, feed: Feed, body: bytes, content_type: str, charset: str) -> Outcome:
        try:
            state = self._state(feed)
            parsed = await self._whole(await self._parse(body, content_type, charset, feed.url))
            found = self._news(feed, state, parsed)
            after = poll.pushed(state, found, self._now())
            await self._commits.add(found.entries, after)
        except Reject as error:
            log_line.warning("what a hub sent was not read", feed=shown(feed.url), reason=error.reason)
            return _failure(error)
        self._remember(after)
        return Read(Validators(), parsed, found)

    def known(self) -> Sequence[FeedState]:
        """What is known of the feeds of the list."""
        return [self._states[feed.url] for feed in self._feeds() if feed.url in self._states]

    def _turn(self, url: str) -> asyncio.Lock:
        """Held while a feed is polled or its hub's news are taken: the state that both begin with must be the latest."""
        lock = self._turns.get(url)
        if lock is None:
            lock = self._turns[url] = asyncio.Lock()
        return lock

    async def _poll(self, feed: Feed, visit: Visit) -> None:
        """Poll one feed and tell of it. Raises nothing but what the observer raises."""
        async with self._turn(feed.url):
            await self._poll_now(feed, visit)

    async def _poll_now(self, feed: Feed, visit: Visit) -> None:
        started = time.monotonic()
        state = self._state(feed)
        outcome = await self._ask(feed, state, visit)
        entries = outcome.news.entries if isinstance(outcome, Read) else ()
        self._outage.note(visit.host, outcome.kind if isinstance(outcome, Failed) else "")
        after = poll.next_state(state, outcome, self._now(), self._policy, offline=self._outage.is_on())
        problem = await self._keep(state, entries, after)
        seconds = time.monotonic() - started
        self._observe(report(feed, problem or outcome, seconds, stored=problem is None))

    async def _ask(self, feed: Feed, state: FeedState, visit: Visit) -> Outcome:
        """What the feed answers; whatever goes wrong is an outcome, too."""
        try:
            asked = poll.address(feed, state)
            headers = poll.conditions(state, self._now())
            response = await self._get(asked, headers=headers)
            now = self._now()
            said = poll.validators(asked, response, now)
            return _without_body(said, headers, response, now) or await self._read(
                feed, state, said, response, visit, whole=not headers
            )
        except (Reject, RetryLater) as error:
            return _failure(error)
        except Exception as error:  # one feed must not stop the others
            log_line.exception("a poll failed by a fault of our own", feed=shown(feed.url))
            return Failed("bug", f"{type(error).__name__}: {error}")

    async def _read(
        self,
        feed: Feed,
        state: FeedState,
        said: Validators,
        response: Response,
        visit: Visit,
        *,
        whole: bool,
    ) -> Read | Same:
        body = hashlib.blake2b(response.body, digest_size=8).digest()
        if body == state.body:
            return Same(said)
        parsed = await self._parse(response.body, response.content_type, response.charset, response.url)
        if parsed.parts:
            visit.leave()  # the parts take visits of their own, also to this host
            said, body = poll.whatever_it_says(said), b""  # an index stays the same while its parts change
        parsed = with_links(await self._whole(parsed), response)
        return Read(said, parsed, self._news(feed, state, parsed), whole=whole, body=body)

    async def _whole(self, feed: ParsedFeed) -> ParsedFeed:
        """A feed with its parts, if it is a sitemap index; of these no more are held at once than feeds are polled."""
        if not feed.parts:
            return feed
        async with self._indexes:
            return await with_parts(feed, self._read_part)

    async def _read_part(self, url: str) -> ParsedFeed:
        async with Visit(self._gate, self._places, host_if_any(url)):
            return await parse_part(await self._get(url, headers={}), self._parse)

    def _news(self, feed: Feed, state: FeedState, parsed: ParsedFeed) -> News:
        others = [self._states[url] for url in self._same_host.of(feed.url)]
        return news(feed, state, parsed, others, self._now())

    async def _keep(self, old: FeedState, entries: Sequence[Entry], new: FeedState) -> Failed | None:
        """Publish, then advance the state; a publication that has begun is waited for even when cancelled.

        If it fails, the state stays as it was, but for the time of the next poll, and the failure is returned.
        """
        publishing = self._commits.add(entries, new)
        try:
            await asyncio.shield(publishing)
        except asyncio.CancelledError:
            await asyncio.wait([publishing])
            if not publishing.cancelled() and publishing.exception() is None:
                self._remember(new)
            raise
        except (Reject, RetryLater) as error:
            self._remember(poll.put_off(old, self._now(), self._policy))
            return _failure(error)
        except Exception as error:  # one feed must not stop the others
            log_line.exception("new entries could not be published", feed=shown(old.url))
            self._remember(poll.put_off(old, self._now(), self._policy))
            return Failed("bug", f"{type(error).__name__}: {error}")
        self._remember(new)
        return None

    def _state(self, feed: Feed) -> FeedState:
        return self._states.get(feed.url) or FeedState(url=feed.url)

    def _by_host(self, feeds: Sequence[Feed]) -> dict[str, list[Feed]]:
        """The feeds by the host that will be asked for them."""
        hosts: dict[str, list[Feed]] = {}
        for feed in feeds:
            name = host_if_any(poll.address(feed, self._state(feed)))
            hosts.setdefault(name, []).append(feed)
        return hosts

    def _remember(self, state: FeedState) -> None:
        before = self._states.get(state.url)
        if before is None or before.last_item_seen != state.last_item_seen:
            self._same_host.had_news(state.url)
        self._states[state.url] = state


def _without_body(
    said: Validators, headers: Mapping[str, str], response: Response, now: datetime
) -> Outcome | None:
    """What a response means that has no feed to be read; None if it should have one."""
    status = response.status
    if status in (200, 203):
        return None
    if status == 304 and headers:
        return Unchanged(said)
    if status == 410:
        return Gone(f"{shown(response.url)} was removed for good (HTTP 410)")
    after = retry_after(response.headers.get("retry-after", ""), now)
    return Failed(f"http-{status}", f"{shown(response.url)} answered with HTTP {status}", after)


def _failure(error: Reject | RetryLater) -> Failed:
    return Failed(error.kind, error.reason, error.after if isinstance(error, RetryLater) else None)
