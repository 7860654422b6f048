"""The output of every feed reader: items of bounded plain text, with absolute URLs."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from ingest.page.plain_text import plain_text
from ingest.urls import host, join, normal, shown
from stream.errors import Reject

ReadBy = Literal["lxml", "repaired", "feedparser", "json", "sitemap"]

MAX_ITEMS = 10_000
MAX_TITLE = 1_000
MAX_SUMMARY = 2_000
MAX_SUMMARY_SOURCE = 8_000
"""Characters of markup that are read for a summary: some feeds put whole articles there."""
MAX_CONTENT = 200_000
"""Characters of markup. Longer content is left out: if cut short, it would be mistaken for the whole article."""
FULL_SUMMARY = 1_490
"""Characters of plain text; a longer description is taken as the whole article."""
MAX_AUTHOR = 300
MAX_GUID = 1_000
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_LANGUAGE = 35
"""The length of a language tag; RFC 5646, section 4.4.1, requires support for this many."""


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of a feed. All but `content_html` is plain text: no markup, entities decoded, white space collapsed."""

    guid: str
    """The feed's id for the item, else its URL; '' if it has neither."""
    url: str
    """Absolute, http or https; '' if the item has no such address."""
    title: str = ""
    summary: str = ""
    """At most 2,000 characters."""
    author: str = ""
    """Several names are separated by commas."""
    published: datetime | None = None
    """In UTC; the time of the update if there is no other. None if unknown, unreadable, before 1971 or over a day ahead."""
    content_html: str = ""
    """The full text, where the feed carries it; not sanitised."""
    enclosure: str = ""
    """The absolute URL of an attached file (a recording, a picture); '' if there is none, or if the item has its own page."""


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The content of a feed."""

    title: str
    language: str
    """As declared, such as `en-GB`; '' if undeclared."""
    link: str
    """The absolute URL of the site; '' if not given."""
    ttl: int | None = None
    """Seconds for which the publisher allows caching (RSS 2.0 `ttl`)."""
    skip_hours: tuple[int, ...] = ()
    """Hours (UTC) without news, 0 to 23 (RSS `skipHours`)."""
    skip_days: tuple[int, ...] = ()
    """Weekdays without news, Monday is 0 (RSS `skipDays`)."""
    items: tuple[Item, ...]
    parts: tuple[str, ...] = ()
    """Other documents that contain the items (of a sitemap index: its sitemaps)."""
    hubs: tuple[str, ...] = ()
    """Absolute URLs of its WebSub hubs."""
    self_url: str = ""
    """Its declared own URL, absolute; '' if none. Hubs identify the feed by it."""
    read_by: ReadBy
    incomplete: bool = False
    """Items are missing: the feed is truncated, has over 10,000 items, or is too malformed for every reader."""


class Source(msgspec.Struct, frozen=True):
    """Where a document came from, and the latest plausible date."""

    url: str
    content_type: str
    latest: datetime

    def unreadable(self, found: str) -> Reject:
        """The error for a document that is not a feed."""
        declared = f"Content-Type {self.content_type}" if self.content_type else "no Content-Type"
        return Reject("feed-unreadable", f"{shown(self.url)} is {found}, not a feed ({declared})")

    def cut_short(self) -> Reject:
        """The error for a feed that is cut off too early."""
        return Reject("feed-unreadable", f"{shown(self.url)} is cut off before its first item has a URL")


def make_item(
    *,
    guid: str,
    url: str,
    title: str,
    summary: str,
    author: str,
    published: datetime | None,
    content_html: str,
    enclosure: str = "",
) -> Item:
    """An item from its raw parts: markup becomes plain text, and lengths are bounded."""
    text = plain_text(summary[:MAX_SUMMARY_SOURCE], MAX_SUMMARY)
    content = content_html or (summary if len(text) >= FULL_SUMMARY else "")
    return Item(
        guid=_bounded_id(guid.strip() or url or enclosure),
        url=url,
        title=plain_text(title, MAX_TITLE),
        summary=text,
        author=plain_text(author, MAX_AUTHOR),
        published=published,
        content_html=content if len(content) <= MAX_CONTENT else "",
        enclosure="" if url else enclosure,
    )


def _bounded_id(guid: str) -> str:
    """The id, or its hash if it is very long: if cut short, two ids could become equal."""
    return guid if len(guid) <= MAX_GUID else hashlib.blake2b(guid.encode("utf-8", "replace")).hexdigest()


def is_absolute(link: str) -> bool:
    """Whether a link is a URL by itself, http or https."""
    return link[:8].lower().startswith(("http://", "https://"))


def absolute(link: str, base: str) -> str:
    """The link as an absolute http(s) URL; '' if that is impossible."""
    try:
        if is_absolute(link):
            return normal(link)
        return (_without_scheme(link, base) or join(base, link)) if link else ""
    except ValueError:
        return ""


def _without_scheme(link: str, base: str) -> str:
    """The URL of a link that begins with the site's own host and lacks only the scheme; '' otherwise."""
    first = link.partition("/")[0].lower()
    is_host = first.removeprefix("www.") == host(base).removeprefix("www.")
    return join(base, f"//{link}") if is_host else ""


def ttl_seconds(minutes: str) -> int | None:
    """A `ttl` of RSS 2.0 in seconds; None if it is not a positive number."""
    return int(minutes) * 60 if re.fullmatch(r"[0-9]{1,6}", minutes) and int(minutes) else None


def skipped_hours(hours: Iterable[str]) -> tuple[int, ...]:
    """The hours of RSS's `skipHours`; RSS 0.91 counts from 1 to 24, and 24 is midnight."""
    return tuple(
        sorted({int(hour) % 24 for hour in hours if re.fullmatch(r"[0-9]{1,2}", hour) and int(hour) <= 24})
    )


def skipped_days(days: Iterable[str]) -> tuple[int, ...]:
    """The weekdays of RSS's `skipDays`, which are English names."""
    known = {day.lower() for day in days}
    return tuple(number for number, name in enumerate(_WEEKDAYS) if name in known)
