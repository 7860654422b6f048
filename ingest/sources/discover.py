"""Finds the feeds of a site behind its page: those that it declares for readers (RSS autodiscovery), and plain links."""

import re
from collections.abc import Iterator

import msgspec
from lxml import etree

from ingest.page.charsets import decode
from ingest.page.plain_text import plain_text
from ingest.urls import canonical, join

MAX_BYTES = 1_500_000
"""The bytes of a page that are examined."""
MAX_FOUND = 50
MAX_TITLE = 200

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
    | {"application/xml", "text/xml", "text/rss+xml", "application/x-rss+xml"}
)
_DECLARED, _LINKED, _SIDE = 20, 10, -15
_Element = etree._Element  # noqa: SLF001 - the only name that lxml has for it
_SIDE_FEED = re.compile(
    r"comment|kommentar|comentario|commentaire|podcast|/(?:tags?|author|category)/", re.IGNORECASE
)
_PATH = re.compile(
    r"(?:\.(?:rss|rdf|atom)|/(?:rss|feed|atom|feeds)(?:/|\.xml|\.json)?|/(?:index|feed|rss|atom)\.xml)$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\b(?:RSS|Atom|XML feed|news feed)\b", re.IGNORECASE)


class FoundFeed(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is likely a feed; only reading it can tell."""

    url: str
    title: str = ""
    declared: bool
    """Whether the page declares it as its feed, rather than just linking to it."""


def find_feeds(html: bytes, url: str) -> list[FoundFeed]:
    """The feeds that a page names, the likeliest first; at most 50, each once.

    Args:
        html: the page.
        url: its address, after redirects.
    """
    page = etree.fromstring(f"<html>{decode(html[:MAX_BYTES], '')}", etree.HTMLParser(no_network=True))
    found: dict[str, tuple[int, FoundFeed]] = {}
    for score, feed in _candidates(page, _base(page, url)):
        key = canonical(feed.url)
        if key not in found or found[key][0] < score:
            found[key] = (score, feed)
    ranked = sorted(found.values(), key=lambda pair: -pair[0])
    return [feed for _, feed in ranked[:MAX_FOUND]]


def _base(page: _Element, url: str) -> str:
    """What relative links are resolved against: the page's `base` element, else its address."""
    written = next((base.get("href", "") for base in page.iter("base") if base.get("href")), "")
    return _absolute(written, url) or url


def _candidates(page: _Element, base: str) -> Iterator[tuple[int, FoundFeed]]:
    """Everything that looks like a feed, with its score."""
    for link in page.iter("link", "a"):
        href = link.get("href", "").strip()
        url = _absolute(href, base) if href else ""
        if not url:
            continue
        title = plain_text(link.get("title") or "".join(map(str, link.itertext())), MAX_TITLE)
        penalty = _SIDE if _SIDE_FEED.search(f"{url} {title}") else 0
        if _is_declared(link):
            yield _DECLARED + penalty, FoundFeed(url=url, title=title, declared=True)
        elif link.tag == "a" and (_PATH.search(_path(url)) or _LABEL.search(title)):
            yield _LINKED + penalty, FoundFeed(url=url, title=title, declared=False)


def _is_declared(link: _Element) -> bool:
    """RSS autodiscovery (https://www.rssboard.org/rss-autodiscovery): rel=alternate with a feed's type, or HTML's rel=feed."""
    kinds = link.get("rel", "").lower().split()
    kind = link.get("type", "").partition(";")[0].strip().lower()
    return "feed" in kinds or ("alternate" in kinds and kind in _TYPES)


def _path(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def _absolute(link: str, base: str) -> str:
    """The link as an absolute http(s) URL; '' if it is not one."""
    try:
        return join(base, link)
    except ValueError:
        return ""
