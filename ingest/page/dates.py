"""When an article was published: reads dates as pages write them, and chooses among those that a page offers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.dates.moments import read_moment
from stream.messages import FUTURE_TOLERANCE, DoubtFrom, Precision, PublishedFrom

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""About the web's first year: nothing was published there earlier."""

_IN_URL = re.compile(r"/((?:19|20)\d\d)([/_-])(\d{1,2})\2(\d{1,2})(?![\d])")
_DOUBTFUL = timedelta(days=3)  # between two dates of one publication: time zones and editions differ by less
_SAME_DAY = timedelta(hours=38)  # from midnight UTC to a day's end in the westernmost zone


@dataclass(frozen=True)
class Dated:
    """A date as it was found, and where it was found."""

    value: str | datetime
    source: PublishedFrom


@dataclass(frozen=True)
class Chosen:
    """An accepted date: when, where it was found, and how exact it is. All are empty if there is none."""

    when: datetime | None = None
    source: PublishedFrom = ""
    precision: Precision = ""


@dataclass(frozen=True)
class Doubt:
    """A date that contradicts the accepted one, and where it was found. Both are empty if there is none."""

    when: datetime | None = None
    source: DoubtFrom = ""


def choose(candidates: Iterable[Dated], now: datetime) -> Chosen:
    """The first plausible publication time among the candidates, in UTC.

    A date before 1990 or more than a day in the future of `now` is refused.
    """
    return next(_believed(candidates, now), Chosen())


def choose_published(page: Iterable[Dated], feed: datetime | None, now: datetime) -> Chosen:
    """When an article was published, according to its page and its feed.

    If both give about the same day, the more exact one is used. Otherwise a date marked up on the page, or an earlier day in
    the URL, takes precedence over the feed's date, which some feeds update at each edit. A date that the page merely displays
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


def doubt(chosen: Chosen, candidates: Iterable[Dated], news: datetime | None, now: datetime) -> Doubt:
    """The date that contradicts the chosen one: another witness's that differs by days, or one in the future.

    Page (its markup, URL and text together) and feed are two witnesses. If only one of them gives a date, the time when the
    article was first seen as news is the other.

    Args:
        chosen: the accepted date.
        candidates: all dates of page and feed, the most trustworthy first.
        news: when a new article was first seen; None if that says nothing about its age.
        now: the time.
    """
    dated = [one for one in map(_dated, candidates) if one.when and one.when >= EARLIEST]
    others = (one for one in dated if (one.source == "feed") != (chosen.source == "feed"))
    other = next((one for one in others if not _is_ahead(one, now)), None)
    if chosen.when and other and other.when and abs(chosen.when - other.when) > _DOUBTFUL:
        return Doubt(other.when, other.source)
    ahead = next((one for one in dated if _is_ahead(one, now)), None)
    if ahead:
        return Doubt(ahead.when, ahead.source)
    if chosen.when and news and other is None and news - chosen.when > _DOUBTFUL:
        return Doubt(news, "seen")
    return Doubt()


def _is_ahead(dated: Chosen, now: datetime) -> bool:
    return dated.when is not None and dated.when > now + FUTURE_TOLERANCE


def _believed(candidates: Iterable[Dated], now: datetime) -> Iterator[Chosen]:
    for candidate in candidates:
        dated = _dated(candidate)
        if dated.when and dated.when >= EARLIEST and not _is_ahead(dated, now):
            yield dated


def _dated(candidate: Dated) -> Chosen:
    """A candidate, parsed; empty if it can't be."""
    read = _exact(candidate.value) if isinstance(candidate.value, datetime) else _read(candidate.value)
    return Chosen(read[0], candidate.source, read[1]) if read else Chosen()


def _exact(when: datetime) -> tuple[datetime, Precision]:
    return when.astimezone(UTC), "second"


def parse(text: str) -> datetime | None:
    """An ISO 8601 or RFC 5322 date as an aware datetime in UTC; None if it is neither.

    A date without a time is midnight, one without a zone is UTC.
    """
    read = _read(text)
    return read[0] if read else None


def _read(text: str) -> tuple[datetime, Precision] | None:
    """A date and its precision. Systems that know only the day write midnight sharp: it means that day, whatever the zone."""
    moment = read_moment(text)
    if moment is None:
        return None
    when = moment.when
    if not moment.has_clock or (when.hour, when.minute, when.second) == (0, 0, 0):
        return when.replace(microsecond=0, tzinfo=UTC), "day"
    in_utc = moment.in_utc()
    return (in_utc, "second" if when.tzinfo else "second-zone-assumed") if in_utc else None


def in_url(url: str) -> str:
    """The day at the beginning of a segment of a URL's path, as in /2016/03/14/ or /2016-03-14-talks, as an ISO date; '' if
    there is none.

    A day further inside a segment is what the article is about: `/what-we-know-of-the-2016-03-14-raid`.
    """
    found = _IN_URL.search(url.partition("?")[0])
    return f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}" if found else ""
