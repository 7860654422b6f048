"""Finds the best source of a site, a feed or a news sitemap, with a limited number of requests.

URL -> is it a feed? -> feeds that the page names -> those of the site's front page -> usual addresses of feeds
    -> sitemaps named in robots.txt -> usual addresses of news sitemaps
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from ingest.fetching.robots import rules_of
from ingest.formats.feeds import parse_feed
from ingest.formats.items import ParsedFeed
from ingest.formats.sitemap_parts import parse_part, with_parts
from ingest.http.response import Response
from ingest.sources.discover import find_feeds
from ingest.urls import canonical, join, origin, shown
from stream.errors import Reject, RetryLater
from stream.words import plural

MAX_REQUESTS = 25
MAX_NAMED = 5
"""How many feeds of one page are tried."""
MAX_SITEMAPS = 5

FEED_PATHS = (
    "feed/",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "rss",
    "feeds/posts/default",
    "feed.json",
)
"""WordPress; hand-made and static sites; Hugo; Drupal; Blogger; JSON Feed."""
SITEMAP_PATHS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "googlenews.xml", "sitemap.xml")

_NEWS = re.compile(r"news|latest", re.IGNORECASE)

Get = Callable[[str], Awaitable[Response]]
"""Fetches a URL; raises Reject or RetryLater: `Client.get`."""


class Source(msgspec.Struct, frozen=True):
    """The result. `others`: other URLs that the page declares as feeds, untried, each with its title."""

    url: str
    feed: ParsedFeed
    others: tuple[tuple[str, str], ...] = ()


async def find_source(get: Get, url: str) -> Source:
    """The best source for a URL of a feed, a page or a site.

    Raises Reject `no-feed` if nothing is found, and the errors of `get` if the URL itself can't be fetched.
    """
    return await _Search(get).find(url)


class _Search:
    """One search: the requested URLs, and how many."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._tried: set[str] = set()
        self._first_problem = ""

    async def find(self, url: str) -> Source:
        page = await self._get(url)
        if page.status != 200:
            raise Reject(f"http-{page.status}", f"{shown(url)}: the server answered {page.status}")
        try:
            return Source(page.url, await self._read(page))
        except (Reject, RetryLater) as error:
            self._first_problem = error.reason
        site = origin(page.url)
        found = await self._named_on(page)
        if found is None and page.url.rstrip("/") != site:
            found = await self._named_on_front_page(site)
        found = found or await self._first_of([f"{site}/{path}" for path in FEED_PATHS])
        found = found or await self._first_of(await self._sitemaps(site))
        if found is None:
            raise Reject(
                "no-feed",
                f"{shown(url)} is not a feed ({self._first_problem}), its page links to no readable feed, and there is neither"
                f" a feed nor a news sitemap at the usual addresses (tried {plural(len(self._tried), 'other URL')})",
            )
        return found

    async def _named_on(self, page: Response) -> Source | None:
        """The best readable feed that a page links to."""
        named = [feed for feed in find_feeds(page.body, page.url) if feed.url != page.url]
        found = await self._first_of([feed.url for feed in named[:MAX_NAMED]])
        if found is None:
            return None
        others = tuple((feed.url, feed.title) for feed in named if feed.url != found.url)
        return msgspec.structs.replace(found, others=others)

    async def _named_on_front_page(self, site: str) -> Source | None:
        response = await self._try(f"{site}/")
        return await self._named_on(response) if response else None

    async def _sitemaps(self, site: str) -> Sequence[str]:
        """The sitemaps of a site, those of news first."""
        named: Sequence[str] = ()
        response = await self._try(f"{site}/robots.txt")
        if response is not None:
            named = rules_of(response, "*", datetime.now(UTC)).sitemaps
        usual = [f"{site}/{path}" for path in SITEMAP_PATHS]
        return [
            *sorted(_absolute(named, site), key=lambda url: not _NEWS.search(url.split("/", 3)[-1]))[
                :MAX_SITEMAPS
            ],
            *usual,
        ]

    async def _first_of(self, urls: Sequence[str]) -> Source | None:
        """The first URL with a feed that has items, or else the first with any feed."""
        empty: Source | None = None
        for url in urls:
            response = await self._try(url)
            if response is None:
                continue
            try:
                source = Source(url, await self._read(response))
            except (Reject, RetryLater):
                continue
            if source.feed.items:
                return source
            empty = empty or source
        return empty

    async def _try(self, url: str) -> Response | None:
        """The response of a URL, if it is successful, the URL is new, and the limit on requests is not reached."""
        key = canonical(url)
        if key in self._tried or len(self._tried) >= MAX_REQUESTS:
            return None
        self._tried.add(key)
        try:
            response = await self._get(url)
        except (Reject, RetryLater):
            return None
        return response if response.status == 200 else None

    async def _read(self, response: Response) -> ParsedFeed:
        feed = await _parse(response.body, response.content_type, response.charset, response.url)
        return await with_parts(feed, self._read_part)

    async def _read_part(self, url: str) -> ParsedFeed:
        return await parse_part(await self._get(url), _parse)


async def _parse(body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
    return parse_feed(body, content_type, charset, url)


def _absolute(links: Sequence[str], site: str) -> Iterator[str]:
    for link in links:
        try:
            yield join(site, link)
        except ValueError:
            continue
