"""What the page of sources is made over: the feed list, as the command line changes it, and what pollers know."""

import asyncio
import re
from datetime import UTC

import msgspec

from ingest.http.accept import for_feeds
from ingest.polling.coverage import share_heard
from ingest.sources.feed import Feed
from ingest.sources.find_source import find_source
from ingest.sources.opml import COUNTRY, add, missing, write_opml
from results.sources import FeedPlan, FoundSource, Imported, SourceHealth, Sources
from stream.clock import utc_now
from stream.errors import ConfigError, FieldError, RetryLater
from web.sources.services import Row
from wirewatch.commands import coverage
from wirewatch.commands.feeds import plan_of, take_in
from wirewatch.commands.settings import Settings
from wirewatch.commands.sources import judged
from wirewatch.composition.poller import polling_policy
from wirewatch.composition.resources import open_client
from wirewatch.lists.feeds import put_into, without
from wirewatch.topics import open_feed_list

_SECONDS = 60.0
"""For which a site's feed is looked for."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_LONGEST = 300


class SourceEditor:
    """See `web.sources.services.SourceServices`.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def listed(self) -> Sources:
        """All sources, the worst first."""
        config, paths = self._settings.config, self._settings.paths
        if not (config.kafka.bootstrap_servers or paths.feeds.exists()):
            return Sources(count=0, heard=0, sources=())
        feeds, states = coverage.read(config, paths)
        now = utc_now()
        heard = share_heard([states.get(feed.url) for feed in feeds if not feed.paused], now).heard
        return Sources(count=len(feeds), heard=heard, sources=tuple(judged(feeds, states, now)))

    def plan(self, url: str) -> FeedPlan:
        """When a source is asked next, and why."""
        feeds, states = coverage.read(self._settings.config, self._settings.paths)
        feed = next((feed for feed in feeds if feed.url == url), None)
        if feed is None:
            raise ConfigError("the feed list has no such source any more")
        return plan_of(feed, states.get(url), utc_now(), polling_policy(self._settings.config))

    async def find(self, address: str) -> FoundSource:
        """The feed or news sitemap of a site."""
        if not address:
            raise FieldError("the site", "address", "expected the address of a site or a feed")
        url = address if "://" in address else f"https://{address}"
        async with open_client(self._settings.config) as client:
            try:
                async with asyncio.timeout(_SECONDS):
                    found = await find_source(for_feeds(client.get), url)
            except TimeoutError:
                raise RetryLater("timeout", f"no feed was found within {_SECONDS:g} seconds") from None
        known = await asyncio.to_thread(self._feeds)
        dates = [item.published for item in found.feed.items if item.published]
        return FoundSource(
            url=found.url,
            title=found.feed.title,
            language=found.feed.language,
            items=len(found.feed.items),
            newest=max(dates).astimezone(UTC) if dates else None,
            others=found.others,
            listed=not missing(known, [Feed(url=found.url)]),
        )

    def _feeds(self) -> list[Feed]:
        with open_feed_list(self._settings.config, self._settings.paths, begins=False) as listed:
            return listed.load() if listed.exists() else []

    def add(self, url: str, row: Row) -> None:
        """Put a feed into the list."""
        if not re.match(r"https?://", url):
            raise FieldError(
                "the source", "url", "expected an address such as https://www.example.org/rss.xml"
            )
        feed = _with(Feed(url=url), row)
        with open_feed_list(self._settings.config, self._settings.paths) as listed:
            listed.ensure()
            listed.change(lambda known: add(known, feed))

    def put(self, source: SourceHealth, row: Row, version: str) -> None:
        """Change what the list says of a source."""

        def change(known: list[Feed]) -> list[Feed]:
            found = next((feed for feed in known if feed.url == source.url), Feed(url=source.url))
            return put_into(known, _with(found, row), version)

        with open_feed_list(self._settings.config, self._settings.paths, begins=False) as listed:
            listed.change(change)

    def remove(self, url: str, version: str) -> None:
        """Take a source off the list."""
        with open_feed_list(self._settings.config, self._settings.paths, begins=False) as listed:
            listed.change(lambda known: without(known, url, version))

    def take_in(self, opml: bytes, name: str) -> Imported:
        """Add the feeds of an OPML file."""
        return take_in(self._settings, opml, name)

    def opml(self) -> bytes:
        """The list as OPML."""
        with open_feed_list(self._settings.config, self._settings.paths, begins=False) as listed:
            return write_opml(listed.load(), listed.refused())


def _with(feed: Feed, row: Row) -> Feed:
    """A feed with what people say of it; raises FieldError for what can't be."""
    country = row.country.upper()
    if country and not COUNTRY.fullmatch(country):
        raise FieldError("the source", "country", "expected a code of two letters (ISO 3166), such as SY")
    if row.language and not _LANGUAGE.fullmatch(row.language):
        raise FieldError("the source", "language", "expected a code such as en or pt-BR")
    for key, text in (("title", row.title), ("folder", row.folder)):
        if len(text) > _LONGEST or "\n" in text:
            raise FieldError("the source", key, f"expected at most {_LONGEST} characters on a line")
    folder = "/".join(part.strip() for part in row.folder.split("/") if part.strip())
    return msgspec.structs.replace(
        feed, title=row.title, folder=folder, language=row.language, country=country, paused=row.paused
    )
