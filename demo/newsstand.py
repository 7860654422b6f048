"""Answers requests for the demo world: picks the outlet by the Host header, and serves what is published so far.

With a bare address as Host, `/_world/published` lists what is published, as a JSON array of `Published`.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from aiohttp import ETag, web

from demo import addresses, faults
from demo.edits import NO_EDITS, Edit, Edits, made
from demo.feeds import MEDIA_TYPES, listed, render_feed
from demo.pages import render_article, render_front, render_picture
from demo.timetable import Timetable
from demo.world import Article, Feed, Outlet, World

PUBLISHED_PATH = "/_world/published"

ROBOTS_TEXT = "User-agent: *\nDisallow: /search\nDisallow: /account\n"

Clock = Callable[[], datetime]


class Published(msgspec.Struct, frozen=True):
    """A published article."""

    url: str
    """Its canonical URL; if there is no page to declare one, the URL in the feed."""
    title: str
    outlet: str
    """The outlet's name."""
    appeared: datetime
    expected: faults.Outcome
    """The expected result."""


class Newsstand:
    """Answers requests. Its only state is how often each unavailable page was refused.

    Args:
        world: the outlets and articles.
        timetable: when each article appears.
        clock: tells the time, in UTC.
        port: where the server listens; part of every URL.
        edits: what is changed after it was published.
    """

    def __init__(
        self, world: World, timetable: Timetable, clock: Clock, port: int, edits: Edits = NO_EDITS
    ) -> None:
        self._world = world
        self._timetable = timetable
        self._clock = clock
        self._port = port
        self._edits = edits
        self._numbers = {id(article): number for number, article in enumerate(world.articles)}
        self._targets = addresses.site_map(world)
        self._refused: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The page at the request's host and path, if it is published; else 404."""
        outlet = self._world.by_host.get(_host_name(request.host))
        if outlet is None:
            return self._answer_stranger(request)
        target = self._targets.get((outlet.host, request.path))
        match target:
            case addresses.Robots():
                return web.Response(text=ROBOTS_TEXT)
            case addresses.FrontPage():
                body = render_front(self._world, outlet, self._out(), self._port)
                return _compressed(request, _html(body, outlet.charset))
            case addresses.FeedOf(feed):
                return self._answer_feed(request, outlet, feed)
        if target is None or target.article not in self._out():
            return web.Response(status=404, text=f"Not found: {request.path}\n")
        match target:
            case addresses.Moved(_, status, path):
                return web.Response(status=status, headers={"Location": path})
            case addresses.PictureOf(article):
                return web.Response(
                    body=render_picture(article), content_type="image/svg+xml", charset="utf-8"
                )
            case addresses.PageOf(article):
                return await self._answer_page(request, article)

    def _answer_stranger(self, request: web.Request) -> web.Response:
        """A host that is not an outlet: it serves only the list of what is published."""
        if request.path == PUBLISHED_PATH:
            return web.Response(body=msgspec.json.encode(self._published()), content_type="application/json")
        known = ", ".join(self._world.by_host)
        return web.Response(status=404, text=f"No outlet at {request.host!r}; there are: {known}\n")

    def _answer_feed(self, request: web.Request, outlet: Outlet, feed: Feed) -> web.Response:
        """A feed with its validators, or 304 (RFC 9110, sections 8.8 and 13)."""
        now, out = self._clock(), self._out()
        body = render_feed(outlet, feed, [self._as_it_is(article) for article in out], self._port)
        tag = ETag(hashlib.blake2b(body, digest_size=8).hexdigest(), is_weak=True)
        modified = self._last_modified(listed(outlet, feed, out), now)
        fresh = _is_fresh(request, tag, modified)
        response = web.Response(status=304) if fresh else web.Response(body=body)
        response.content_type, response.charset = MEDIA_TYPES[feed.format], "utf-8"
        response.etag = tag
        response.last_modified = modified
        response.headers["Vary"] = "Accept-Encoding"
        return response if fresh else _compressed(request, response)

    async def _answer_page(self, request: web.Request, article: Article) -> web.Response:
        """An article's page as it is now, or the result of its fault."""
        if any(edit.withdrawn for edit in self._made(article)):
            return web.Response(status=410, text="This article was withdrawn.\n")
        match article.fault:
            case "not-found":
                return web.Response(status=404, text="This page has moved or never was.\n")
            case "pdf":
                return web.Response(body=self._world.pdf, content_type="application/pdf")
            case "empty":
                return _html(b"", article.outlet.charset)
            case "unavailable-twice" if self._refused[article.slug] < faults.REFUSALS:
                self._refused[article.slug] += 1
                return web.Response(status=503, headers={"Retry-After": str(faults.RETRY_AFTER)})
            case "slow":
                await asyncio.sleep(faults.DELAY)
        body = render_article(self._world, self._as_it_is(article), self._out(), self._port)
        return _compressed(request, _html(body, article.outlet.charset))

    def _out(self) -> Sequence[Article]:
        """The published articles, in publishing order."""
        articles = self._world.articles
        return articles[: self._timetable.out(len(articles), self._clock())]

    def _as_it_is(self, article: Article) -> Article:
        """An article with the edits that are made by now."""
        for edit in self._made(article):
            article = edit.applied(article)
        return article

    def _made(self, article: Article) -> list[Edit]:
        """The edits of an article that are made by now."""
        edits = self._edits.get((article.outlet.host, article.slug), ())
        return (
            made(edits, self._timetable.appears(self._numbers[id(article)]), self._clock()) if edits else []
        )

    def _published(self) -> list[Published]:
        return [
            Published(
                url=addresses.article_url(article, self._port),
                title=article.title,
                outlet=article.outlet.name,
                appeared=self._timetable.appears(number),
                expected=faults.outcome(article.fault),
            )
            for number, article in enumerate(self._out())
        ]

    def _last_modified(self, shown: Sequence[Article], now: datetime) -> datetime | None:
        """When a feed that shows these articles, newest first, last changed; None where that would lie.

        It counts whole seconds, and a feed may change twice in one: until that second is over, none is sent.
        """
        newest = self._world.articles.index(shown[0]) if shown else None
        appeared = self._timetable.started if newest is None else self._timetable.appears(newest)
        modified = appeared.replace(microsecond=0)
        return modified if now - modified >= timedelta(seconds=1) else None


def _host_name(host: str) -> str:
    """The name in a Host header, without the port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _is_fresh(request: web.Request, tag: ETag, modified: datetime | None) -> bool:
    """Whether what the client holds is still current; If-None-Match goes before If-Modified-Since."""
    if request.if_none_match is not None:
        return any(held.value in ("*", tag.value) for held in request.if_none_match)
    since = request.if_modified_since
    return since is not None and modified is not None and modified <= since


def _html(body: bytes, charset: str) -> web.Response:
    return web.Response(body=body, content_type="text/html", charset=charset)


def _compressed(request: web.Request, response: web.Response) -> web.Response:
    """The same response, gzipped if the client accepts gzip."""
    accepted = request.headers.get("Accept-Encoding", "").lower().split(",")
    if any(coding.partition(";")[0].strip() == "gzip" for coding in accepted):
        response.enable_compression(web.ContentCoding.gzip)
    return response
