"""The last resort for feeds that are not well-formed even when mended: feedparser."""

import io
import re
from typing import Any

import feedparser

from ingest.formats.dates import read_date
from ingest.formats.items import (
    MAX_ITEMS,
    MAX_LANGUAGE,
    MAX_TITLE,
    Item,
    ParsedFeed,
    Source,
    absolute,
    make_item,
    ttl_seconds,
)
from ingest.formats.mending import ITEM_START
from ingest.page.plain_text import plain_text

MAX_FOR_FEEDPARSER = 300_000
"""Characters; feedparser reads about 200,000 per second. From a longer feed, only items that start within them are read."""
MAX_DEPTH_FOR_FEEDPARSER = 2_000
_TAG = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")


def read_badly_formed(text: str, source: Source) -> ParsedFeed:
    """Read a feed that is malformed even after mending; time may grow with the square of size and depth."""
    expected = sum(1 for _ in ITEM_START.finditer(text))
    text = _first_items(text)
    if _depth(text) > MAX_DEPTH_FOR_FEEDPARSER:
        raise source.unreadable("not well-formed, and too deeply nested to be mended")
    read = _asked_of_feedparser(text, source)
    if not read.entries and (expected or not read.version):
        raise source.unreadable(f"so badly formed that none of its items ({expected}) can be read")
    about = read.feed
    link = absolute(_said(about, "link"), source.url)
    return ParsedFeed(
        title=plain_text(_said(about, "title"), MAX_TITLE),
        language=_said(about, "language")[:MAX_LANGUAGE],
        link=link,
        ttl=ttl_seconds(_said(about, "ttl")),
        items=tuple(_item_of_entry(entry, link or source.url, source) for entry in read.entries[:MAX_ITEMS]),
        read_by="feedparser",
        incomplete=len(read.entries) > MAX_ITEMS or len(read.entries) < expected,
    )


def _first_items(text: str) -> str:
    """The whole items within the limit, so that a truncated last item is not mistaken for another."""
    if len(text) <= MAX_FOR_FEEDPARSER:
        return text
    starts = [start.start() for start in ITEM_START.finditer(text, 0, MAX_FOR_FEEDPARSER)]
    return text[: starts[-1]] if len(starts) > 1 else text[:MAX_FOR_FEEDPARSER]


def _asked_of_feedparser(text: str, source: Source) -> feedparser.FeedParserDict:
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),  # a bare string might be taken as a file name
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                "content-location": source.url,
            },
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser may raise anything
        raise source.unreadable(f"so badly formed that reading it failed ({type(error).__name__})") from error


def _depth(text: str) -> int:
    """Roughly, how deep the tags are nested: an unclosed tag counts as if it contained everything after it."""
    deepest = depth = 0
    for tag in _TAG.finditer(text):
        depth += -1 if tag[1] else 1 - len(tag[2])
        deepest = max(deepest, depth)
    return deepest


def _item_of_entry(entry: dict[str, Any], site: str, source: Source) -> Item:
    contents = dict.get(entry, "content") or [{}]
    return make_item(
        guid=_said(entry, "id"),
        url=absolute(_said(entry, "feedburner_origlink") or _said(entry, "link"), site),
        title=_said(entry, "title"),
        summary=_said(entry, "summary"),
        author=_said(entry, "author"),
        published=read_date([_said(entry, "published"), _said(entry, "updated")], source.latest),
        content_html=_said(contents[0], "value"),
    )


def _said(entry: dict[str, Any], name: str) -> str:
    """A value from feedparser, whose own `get` warns about some names and may return None."""
    value = dict.get(entry, name)
    return value if isinstance(value, str) else ""
