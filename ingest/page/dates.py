"""When an article was published: reading dates as pages write them, and choosing among those that a page offers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.dates.moments import read_moment
from stream.messages import Precision, PublishedFrom

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""About the web's first year: nothing was published there earlier."""
TOLERANCE = timedelta(days=1)
"""How far in the future a date may lie: clocks and time zones differ."""

_IN_URL = re.compile(r"/((?:19|20)\d\d)([/_-])(\d{1,2})\2(\d{1,2})(?![\d])")
_SAME_DAY = timedelta(hours=38)  # from midnight UTC to a day's end in the westernmost zone


@dataclass(frozen=True)
class Dated:
    """A date as it was found, and where."""

    value: str | datetime
    source: PublishedFrom


@dataclass(frozen=True)
class Chosen:
    """An accepted date: when, where it was found, and how exact it is. All empty: there is none."""

    when: datetime | None = None
    source: PublishedFrom = ""
    precision: Precision = ""


def choose(candidates: Iterable[Dated], now: datetime) -> Chosen:
    """The first candidate that can be a time of publishing, in UTC.

    A date before 1990 or more than a day in the future of `now` is refused.
    """
    return next(_believed(candidates, now), Chosen())


def choose_published(page: Iterable[Dated], feed: datetime | None, now: datetime) -> Chosen:
    """When an article was published, according to its page and its feed.

    If both give about the same day, the more exact one is used. Otherwise a date marked as such on the page, or an earlier day
    in the URL, takes precedence over the feed's, which some feeds update at each edit; a date that the page merely displays
    comes last.

    Args:
        page: the page's candidates, the most trustworthy first.
        feed: what the feed says.
        now: the time.
    """
    from_feed = choose([Dated(feed, "feed")] if feed else [], now)
    from_page = choose(page, now)
    if from_page.when is None or from_feed.when is None:
        return from_page if from_page.when else from_feed
    apart = from_feed.when - from_page.when
    if abs(apart) <= _SAME_DAY:
        return from_feed if from_page.precision == "day" else from_page
    is_weak = from_page.source == "page" or (from_page.source == "url" and apart < timedelta())
    return from_feed if is_weak else from_page


def _believed(candidates: Iterable[Dated], now: datetime) -> Iterator[Chosen]:
    for candidate in candidates:
        read = _exact(candidate.value) if isinstance(candidate.value, datetime) else _read(candidate.value)
        if read and EARLIEST <= read[0] <= now + TOLERANCE:
            yield Chosen(read[0], candidate.source, read[1])


def _exact(when: datetime) -> tuple[datetime, Precision]:
    return when.astimezone(UTC), "second"


def parse(text: str) -> datetime | None:
    """An ISO 8601 or RFC 5322 date as an aware datetime in UTC; None if it is neither.

    A date without a time is midnight, one without a zone is UTC.
    """
    read = _read(text)
    return read[0] if read else None


def _read(text: str) -> tuple[datetime, Precision] | None:
    """A date and its precision. Midnight sharp is what systems write that know only the day: of that day, whatever the zone."""
    moment = read_moment(text)
    if moment is None:
        return None
    when = moment.when
    if not moment.has_clock or (when.hour, when.minute, when.second) == (0, 0, 0):
        return when.replace(microsecond=0, tzinfo=UTC), "day"
    in_utc = moment.in_utc()
    return (in_utc, "second" if when.tzinfo else "second-zone-assumed") if in_utc else None


def in_url(url: str) -> str:
    """The day with which a part of a URL's path begins, as in /2016/03/14/ or /2016-03-14-talks, as ISO; '' if none does.

    A day further inside of a part is what the article is about: `/what-we-know-of-the-2016-03-14-raid`.
    """
    found = _IN_URL.search(url.partition("?")[0])
    return f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}" if found else ""
