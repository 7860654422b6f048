"""Polls one feed: requests it, publishes new entries, advances its state, reports. The decisions are in decide.py."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from ingest.polling import decide
from ingest.polling.decide import Failed, Outcome, Read, Validators
from ingest.polling.feed_reader import Body, FeedReader
from ingest.polling.feed_state import FeedState
from ingest.polling.group_commit import GroupCommit, Publish
from ingest.polling.known_feeds import KnownFeeds
from ingest.polling.outage import Outage
from ingest.polling.report import PollReport, report
from ingest.polling.schedule import Policy
from ingest.polling.visit import Visit
from ingest.sources.feed import Feed
from ingest.urls import shown
from stream.display import one_line
from stream.errors import Reject, RetryLater
from stream.messages import Entry

log_line = structlog.get_logger("ingest.polling.feed_poller")


class FeedPoller:
    """Polls feeds one by one, and accepts what their hubs send.

    Args:
        known: the states of the feeds.
        reader: requests a feed and has the response parsed.
        publish: stores new entries and feed states; the states in memory advance only after it returns.
        observe: called with the report of every poll.
        policy: when to poll again.
        now: the time, aware, in UTC.
    """

    def __init__(
        self,
        known: KnownFeeds,
        reader: FeedReader,
        publish: Publish,
        observe: Callable[[PollReport], object],
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self.known = known
        self._reader = reader
        self._commits = GroupCommit(publish)
        self._observe = observe
        self._policy = policy
        self._now = now
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._outage = Outage()

    def visit(self, host: str) -> Visit:
        """What a poll holds: a turn at the host, and one of the places."""
        return self._reader.visit(host)

    async def poll(self, feed: Feed, visit: Visit) -> None:
        """Poll one feed and report it. Raises only what the observer raises."""
        async with self._turn(feed.url):
            await self._poll_now(feed, visit)

    async def receive(self, feed: Feed, body: bytes, content_type: str, charset: str) -> None:
        """Take what a feed's hub has sent, as if it had been polled; a second time it brings nothing new.

        Raises RetryLater if it can't be read or stored now.
        """
        started = time.monotonic()
        async with self._turn(feed.url):
            outcome = await self._receive_now(feed, body, content_type, charset)
        self._observe(report(feed, outcome, time.monotonic() - started, stored=True))

    def _turn(self, url: str) -> asyncio.Lock:
        """Held while a feed is polled or its hub's news are taken: the state that both begin with must be the latest."""
        lock = self._turns.get(url)
        if lock is None:
            lock = self._turns[url] = asyncio.Lock()
        return lock

    async def _receive_now(self, feed: Feed, body: bytes, content_type: str, charset: str) -> Outcome:
        try:
            state = self.known.of(feed)
            parsed = await self._reader.read_pushed(feed, body, content_type, charset)
            found = self.known.news_of(feed, parsed, self._now())
            after = decide.pushed(state, found, self._now())
            await self._commits.add((*found.entries, *found.changed), after)
        except Reject as error:
            log_line.warning("content from a hub was not read", feed=shown(feed.url), reason=error.reason)
            return _failure(error)
        self.known.remember(after)
        return Read(Validators(), parsed, found)

    async def _poll_now(self, feed: Feed, visit: Visit) -> None:
        started = time.monotonic()
        state = self.known.of(feed)
        outcome = await self._ask(feed, state, visit)
        entries = (*outcome.news.entries, *outcome.news.changed) if isinstance(outcome, Read) else ()
        self._outage.note(visit.host, outcome.kind if isinstance(outcome, Failed) else "")
        after = decide.next_state(state, outcome, self._now(), self._policy, offline=self._outage.is_on())
        problem = await self._keep(state, entries, after)
        seconds = time.monotonic() - started
        self._observe(report(feed, problem or outcome, seconds, stored=problem is None))

    async def _ask(self, feed: Feed, state: FeedState, visit: Visit) -> Outcome:
        """The outcome of requesting a feed; errors are outcomes too."""
        try:
            found = await self._reader.ask(feed, state, visit)
            if not isinstance(found, Body):
                return found
            new = self.known.news_of(feed, found.parsed, self._now())
            return Read(found.said, found.parsed, new, whole=found.whole, body=found.digest)
        except (Reject, RetryLater) as error:
            return _failure(error)
        except Exception as error:  # one feed must not stop the others
            log_line.exception("a poll failed because of a bug", feed=shown(feed.url))
            return Failed("bug", one_line(f"{type(error).__name__}: {error}"))

    async def _keep(self, old: FeedState, entries: Sequence[Entry], new: FeedState) -> Failed | None:
        """Publish, then advance the state; a publication that has begun is waited for even when cancelled.

        If it fails, only the time of the next poll changes in the state, and the failure is returned.
        """
        publishing = self._commits.add(entries, new)
        try:
            await asyncio.shield(publishing)
        except asyncio.CancelledError:
            await asyncio.wait([publishing])
            if not publishing.cancelled() and publishing.exception() is None:
                self.known.remember(new)
            raise
        except (Reject, RetryLater) as error:
            self.known.remember(decide.put_off(old, self._now(), self._policy))
            return _failure(error)
        except Exception as error:  # one feed must not stop the others
            log_line.exception("new entries could not be published", feed=shown(old.url))
            self.known.remember(decide.put_off(old, self._now(), self._policy))
            return Failed("bug", one_line(f"{type(error).__name__}: {error}"))
        self.known.remember(new)
        return None


def _failure(error: Reject | RetryLater) -> Failed:
    return Failed(error.kind, error.reason, error.after if isinstance(error, RetryLater) else None)
