"""Fetches what a site's sitemaps or a feed's archive list for a period, and hands the pages to the pipeline as old news.

Which documents are done stands in a compacted topic, and is written together with their entries: a back-fill that was stopped
goes on. Documents are asked for one after the other, with the gap and by the rules of robots.txt; their pages go through the
topic `backfill`, behind live news.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec

from index.store import Store
from ingest.fetching.politeness import HostGate
from ingest.fetching.robots import Robots
from ingest.formats.catalogues import Catalogue, older_page, read_catalogue
from ingest.formats.feeds import parse_feed
from ingest.formats.items import ParsedFeed, Source, absolute
from ingest.http.response import Response
from ingest.urls import canonical, host, origin, shown
from stream.clock import utc_now
from stream.errors import Reject, RetryLater
from stream.log.base import Log, Outgoing
from stream.messages import Entry, article_id, decode, encode
from wirewatch.topics import BACKFILL, BACKFILLS, Backfill

MOST_DOCUMENTS = 10_000
"""Sitemaps, or pages of an archive, that are read for one command."""
_USUAL = ("sitemap.xml", "sitemap_index.xml")
_LOOK_SECONDS = 0.5
_AT_ONCE = 500


class Period(msgspec.Struct, frozen=True):
    """From `since` on, up to and without `until`."""

    since: datetime
    until: datetime

    def has(self, when: datetime) -> bool:
        """Whether a time lies in it."""
        return self.since <= when < self.until


class Backfiller:
    """Works through one site or feed.

    Args:
        log: where entries go.
        store: the archive, to leave out what it has; None if there is none yet.
        get: fetches a URL.
        gate: keeps the gap between two requests to one host.
        robots: the rules of robots.txt.
        limit: entries that may wait in the topic `backfill`.
        period: what is wanted, told at a time: `90d` names another period each day.
        wanted: the same as it was asked for; an unfinished back-fill goes on where it is asked for alike.
        tell: is told of each document that is done.
    """

    def __init__(
        self,
        log: Log,
        store: Store | None,
        get: Callable[[str], Awaitable[Response]],
        gate: HostGate,
        robots: Robots,
        limit: int,
        period: Callable[[datetime], Period],
        wanted: str,
        tell: Callable[[Backfill, str], None],
    ) -> None:
        self._log = log
        self._store = store
        self._get = get
        self._gate = gate
        self._robots = robots
        self._limit = limit
        self._period_at = period
        self._period = period(utc_now())
        self._wanted = wanted
        self._tell = tell

    async def run(self, address: str, stop: asyncio.Event, *, anew: bool) -> Backfill:
        """Hand over what `address`, a feed or a site, lists for the period, until told to stop.

        Raises Reject or RetryLater if there is neither a feed nor a sitemap, or it can't be read.
        """
        if not anew and (before := await asyncio.to_thread(self.finished, address)):
            return before
        record = await asyncio.to_thread(self._begun, address, anew)
        self._period = self._period_at(record.began)
        queue = deque(await self._first(address))
        seen = set(queue)
        while queue and await self._has_room(stop):
            url = queue.popleft()
            record, following = await self._document(record, url)
            queue.extend(one for one in following if one not in seen)
            seen.update(following)
            if len(seen) > MOST_DOCUMENTS:
                raise Reject(
                    "too-many",
                    f"{shown(address)} lists more than {MOST_DOCUMENTS:,} documents: name a shorter period",
                )
        if not queue and not stop.is_set():
            record = msgspec.structs.replace(record, over=True)
            await asyncio.to_thread(self._write, record, ())
        return record

    def finished(self, address: str) -> Backfill | None:
        """What came of the same back-fill, if it was made to its end before; None if it wasn't."""
        known = self._known(address)
        return known if known and known.over and self._period_at(known.began) == self._period else None

    def _begun(self, address: str, anew: bool) -> Backfill:  # noqa: FBT001 - of `run`
        known = self._known(address)
        goes_on = known is not None and not known.over and not anew
        return known if known and goes_on else Backfill(key=self._key(address), began=utc_now())

    def _known(self, address: str) -> Backfill | None:
        found = self._log.latest(BACKFILLS.name).get(self._key(address))
        return decode(found, Backfill) if found else None

    def _key(self, address: str) -> str:
        return f"{address} {self._wanted}"

    async def _first(self, address: str) -> Sequence[str]:
        """The documents to begin with: the address itself if it is a feed or a sitemap, else the sitemaps of its site."""
        response = await self._asked(address)
        if response.status == HTTPStatus.OK and (_catalogue(response) or _feed(response)):
            return [address]
        named = (await self._robots.rules(address)).sitemaps
        site = origin(response.url)
        found = filter(None, (absolute(one, f"{site}/") for one in named))
        return list(dict.fromkeys(found)) or await self._usual(site)

    async def _usual(self, site: str) -> Sequence[str]:
        for name in _USUAL:
            response = await self._asked(f"{site}/{name}")
            if response.status == HTTPStatus.OK and _catalogue(response):
                return [f"{site}/{name}"]
        raise Reject(
            "no-sitemap",
            f"{site} is not a feed, and names no sitemap in robots.txt or at the usual addresses",
        )

    async def _asked(self, url: str) -> Response:
        """The response to a polite request."""
        async with self._gate.turn(host(url), can_wait=True):
            rules = await self._robots.rules(url)
            self._gate.ask_gap(host(url), rules.delay)
            rules.check(url, self._robots.agent)
            return await self._get(url)

    async def _document(self, record: Backfill, url: str) -> tuple[Backfill, Sequence[str]]:
        """What a document lists, handed over; and the documents that it leads to. One that was done before is only followed."""
        try:
            entries, undated, following = self._read(await self._asked(url), url)
        except Reject as error:
            self._tell(record, error.reason)
            return msgspec.structs.replace(record, unreadable=record.unreadable + 1), ()
        if (done := _hash(url)) in record.done:
            return record, following
        fresh = await asyncio.to_thread(self._without_known, entries)
        record = msgspec.structs.replace(
            record,
            done=(*record.done, done),
            entries=record.entries + len(fresh),
            known=record.known + len(entries) - len(fresh),
            undated=record.undated + undated,
        )
        await asyncio.to_thread(self._write, record, fresh)
        self._tell(record, shown(url))
        return record, following

    def _read(self, response: Response, url: str) -> tuple[list[Entry], int, Sequence[str]]:
        """The entries of a document in the period, how many pages have no date, and what it leads to."""
        if response.status != HTTPStatus.OK:
            raise Reject(f"http-{response.status}", f"{shown(url)} answered with HTTP {response.status}")
        if catalogue := _catalogue(response):
            pages = [one for one in catalogue.pages if one.when and self._period.has(one.when)]
            undated = sum(one.when is None for one in catalogue.pages)
            # A sitemap that last changed before the period has nothing of it.
            parts = [
                one.url for one in catalogue.parts if one.changed is None or one.changed >= self._period.since
            ]
            return [_of_page(one.url, url) for one in pages], undated, parts
        feed = _feed(response)
        if feed is None:
            raise Reject("feed-unreadable", f"{shown(url)} is neither a feed nor a sitemap")
        dates = [item.published for item in feed.items if item.published]
        wanted = [
            item for item in feed.items if item.url and item.published and self._period.has(item.published)
        ]
        entries = [
            Entry(
                feed=url, source=feed.title or host(url), guid=item.guid or item.url, url=item.url, title=item.title,
                summary=item.summary, published=item.published, content=item.content_html, backfill=True, seen=utc_now(),
                key=host(item.url),
            )
            for item in wanted
        ]  # fmt: skip
        older = older_page(response.body, response.charset, response.url)
        is_past = bool(dates) and max(dates) < self._period.since
        return entries, len(feed.items) - len(dates), [older] if older and not is_past else []

    def _without_known(self, entries: Sequence[Entry]) -> list[Entry]:
        by_id = {article_id(canonical(one.url)): one for one in entries}
        if self._store is None:
            return list(by_id.values())
        ids = list(by_id)
        for start in range(0, len(ids), _AT_ONCE):
            for known in self._store.get_many(ids[start : start + _AT_ONCE]):
                del by_id[known]
        return list(by_id.values())

    def _write(self, record: Backfill, entries: Iterable[Entry]) -> None:
        messages = [Outgoing(BACKFILL.name, one.key, encode(one)) for one in entries]
        self._log.produce([*messages, Outgoing(BACKFILLS.name, record.key, encode(record))])

    async def _has_room(self, stop: asyncio.Event) -> bool:
        """Waits until few old entries wait; False if told to stop first."""
        while not stop.is_set():
            lag = (await asyncio.to_thread(self._log.progress, "backfill", BACKFILL.name)).lag
            if lag < self._limit:
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False


def _of_page(url: str, sitemap: str) -> Entry:
    own = host(url)
    return Entry(
        feed=sitemap,
        source=own.removeprefix("www."),
        guid=url,
        url=url,
        backfill=True,
        seen=utc_now(),
        key=own,
    )


def _source(response: Response) -> Source:
    return Source(response.url, response.content_type, utc_now() + timedelta(days=1))


def _catalogue(response: Response) -> Catalogue | None:
    return read_catalogue(response.body, response.charset, _source(response)) if response.body else None


def _feed(response: Response) -> ParsedFeed | None:
    """The feed in a response; None if it is none."""
    try:
        return parse_feed(response.body, response.content_type, response.charset, response.url)
    except (Reject, RetryLater):
        return None


def _hash(url: str) -> str:
    return hashlib.blake2b(url.encode(), digest_size=6).hexdigest()
