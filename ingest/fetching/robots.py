"""What sites forbid to robots (RFC 9309, the Robots Exclusion Protocol), fetched from each origin once a day.

The rules apply to pages. Feeds and sitemaps in the user's list are read without checking: they are made for machines, and a
person chose them.

    response for robots.txt                meaning
    2xx                                    its rules, of its first 500 KiB
    4xx, too many redirects, no address    no rules (RFC 9309, 2.3.1.3 and 2.3.1.2)
    429, 5xx, nothing                      nothing is fetched for a while (2.3.1.4), unless earlier rules are known
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
from protego import Protego

from ingest.fetching.politeness import retry_after
from ingest.http.response import Response
from ingest.urls import origin, shown
from stream.errors import Reject, RetryLater

MAX_BYTES = 512_000
"""RFC 9309, section 2.5: at least 500 KiB must be read."""
KEPT_SECONDS = 86_400.0
"""RFC 9309, section 2.4: must not be used for longer than a day."""
UNREACHABLE_SECONDS = 600.0
"""How long nothing is fetched from a site after its robots.txt could not be read."""
MAX_DELAY = 30.0
"""Seconds. A longer Crawl-delay is cut to this: otherwise a day's articles would take more than a day to fetch."""
MAX_KEPT_BYTES = 20_000_000
"""Total size of all cached robots.txt files; parsed, they take several times that."""

Get = Callable[[str], Awaitable[Response]]
"""Fetches a URL; raises Reject or RetryLater: `Client.get`."""


class Rules(msgspec.Struct, frozen=True):
    """The rules of an origin.

    `file`: the parsed rules; None if it has none. `delay`: seconds between two requests, 0 to 30. `sitemaps`: those it lists.
    """

    file: Protego | None = None
    delay: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def check(self, url: str, agent: str) -> None:
        """Raise Reject `robots` if a robot of the given name must not fetch a URL of this origin."""
        if self.file is not None and not self.file.can_fetch(url, agent):
            raise Reject(
                "robots",
                f"{shown(url)} is closed to robots by {shown(origin(url))}/robots.txt",
            )


NO_RULES = Rules()


class _Kept(msgspec.Struct, frozen=True):
    """Cached rules, or an error in their place, with an expiry time."""

    until: float
    size: int
    rules: Rules
    problem: str = ""
    """Why the rules are unknown; '' if they are known."""


def rules_of(response: Response, agent: str, now: datetime) -> Rules:
    """The rules in a response for robots.txt; raises RetryLater if they remain unknown."""
    status = response.status
    if status == 429 or status >= 500:
        after = retry_after(response.headers.get("retry-after", ""), now)
        raise RetryLater("robots-unreachable", f"{shown(response.url)} answered with HTTP {status}", after)
    if not 200 <= status < 300:
        return NO_RULES
    file = Protego.parse(response.body[:MAX_BYTES].decode("utf-8-sig", "replace"))
    delay = file.crawl_delay(agent) or 0.0
    rate = file.request_rate(agent)
    if rate and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    return Rules(file, min(max(delay, 0.0), MAX_DELAY), tuple(file.sitemaps))


class Robots:
    """The rules of all origins, each fetched when first needed and then once a day.

    Args:
        get: fetches a URL.
        agent: our product token, used to look up rules.
        now: a monotonic clock, in seconds.
    """

    def __init__(self, get: Get, agent: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self.agent = agent
        self._get = get
        self._now = now
        self._kept: dict[str, _Kept] = {}  # most recent last
        self._size = 0

    async def rules(self, url: str) -> Rules:
        """The rules of a URL's origin. Raises RetryLater `robots-unreachable` if they can't be read now, Reject `bad-url`."""
        try:
            place = origin(url)
        except ValueError as error:
            raise Reject("bad-url", str(error)) from error
        kept = self._kept.get(place)
        if kept is None or kept.until <= self._now():
            kept = await self._ask(place, kept)
            self._keep(place, kept)
        if kept.problem:
            raise RetryLater("robots-unreachable", kept.problem, after=kept.until - self._now())
        return kept.rules

    async def _ask(self, place: str, former: _Kept | None) -> _Kept:
        try:
            response = await self._get(f"{place}/robots.txt")
            found = rules_of(response, self.agent, datetime.now(UTC))
        except Reject as error:
            if error.kind != "too-large":
                return _Kept(self._now() + KEPT_SECONDS, 0, NO_RULES)
            return self._unreachable(error, former)
        except RetryLater as error:
            return self._unreachable(error, former)
        return _Kept(self._now() + KEPT_SECONDS, min(len(response.body), MAX_BYTES), found)

    def _unreachable(self, error: Reject | RetryLater, former: _Kept | None) -> _Kept:
        """Keep earlier rules; without any, we don't know what we may fetch."""
        after = error.after if isinstance(error, RetryLater) else None
        until = self._now() + max(after or 0.0, UNREACHABLE_SECONDS)
        if former is not None and not former.problem:
            return _Kept(until, former.size, former.rules)
        return _Kept(until, 0, NO_RULES, f"the rules for robots could not be read: {error.reason}")

    def _keep(self, place: str, kept: _Kept) -> None:
        self._drop(place)
        self._kept[place] = kept
        self._size += kept.size + len(place)
        while self._size > MAX_KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, place: str) -> None:
        old = self._kept.pop(place, None)
        self._size -= old.size + len(place) if old else 0
