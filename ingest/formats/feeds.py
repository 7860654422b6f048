"""Reads the response from a feed's URL: RSS 0.9x and 2.0, RSS 1.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1, and sitemaps.

    bytes -> text -+-> JSON ----------------------------------------------------> items   "json"         json_feed
                   +-> sitemap -------------------------------------------------> items   "sitemap"      sitemaps
                   +-> strict XML ----------------------------------------------> items   "lxml"         xml_feed
                   +-> mend what real feeds get wrong -> strict XML ------------> items   "repaired"     mending, xml_feed
                                                     `-> feedparser ------------> items   "feedparser"   fallback

The XML parser's recovery mode is never used: it would drop items silently. Document type declarations are removed unread, so
no declared entity is expanded, and no external resource is fetched.
"""

import zlib
from datetime import UTC, datetime, timedelta

import msgspec

from ingest.formats.bounds import in_memory, within_bounds
from ingest.formats.elements import name_of
from ingest.formats.fallback import read_badly_formed
from ingest.formats.items import Item, ParsedFeed, Source
from ingest.formats.json_feed import read_json
from ingest.formats.mending import Mended, mend
from ingest.formats.sitemaps import is_sitemap, read_sitemap
from ingest.formats.sniffing import refuse_what_is_no_feed
from ingest.formats.xml_feed import read_tree
from ingest.formats.xml_text import Element, text_of, tree_of
from ingest.urls import shown
from stream.errors import Reject

__all__ = ["Item", "ParsedFeed", "parse_feed"]

GZIP = b"\x1f\x8b\x08"
MAX_UNZIPPED = 10_000_000
_ROOT_NAMES = ("rss", "feed", "rdf:rdf", "rdf", "channel")


def parse_feed(
    body: bytes, content_type: str, charset: str, url: str, *, now: datetime | None = None
) -> ParsedFeed:
    """Read a feed.

    Args:
        body: with transfer and content encodings decoded.
        content_type: the media type that the server declared; only for messages, because it is too often wrong.
        charset: the charset that the server declared; '' if it did not.
        url: where it came from, after redirects; relative links are resolved against it.
        now: the reference time for checking dates; None means the current time.

    Raises:
        Reject: kind `feed-empty`, `feed-is-html`, `feed-unreadable`, `sitemap-without-news` or `too-large`, naming the URL.
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Reject("feed-empty", f"{shown(url)} answered with an empty body instead of a feed")
    if body.startswith(GZIP):
        body = unzipped(body, url)
    text = text_of(body, charset)
    source = Source(url=url, content_type=content_type, latest=(now or datetime.now(UTC)) + timedelta(days=1))
    if text.startswith(("{", "[")):
        return read_json(text, source)
    text = in_memory(text)  # here, so that nobody holds what is cut off
    return _read_xml(text, source)


def unzipped(body: bytes, url: str) -> bytes:
    """The content of a gzip file (`sitemap.xml.gz` is one, whatever its Content-Encoding); of a truncated file, the beginning.

    Raises Reject `too-large` for more than 10 MB.
    """
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(body, MAX_UNZIPPED)
    except zlib.error as error:
        raise Reject("feed-unreadable", f"{shown(url)} is a damaged gzip file ({error})") from None
    if unzip.unconsumed_tail:
        raise Reject("too-large", f"{shown(url)} has more than {MAX_UNZIPPED:,} bytes when unzipped")
    return text


def _read_xml(text: str, source: Source) -> ParsedFeed:
    """The result of the first reader that understands all of it."""
    if is_sitemap(text):
        return read_sitemap(text, source)
    refuse_what_is_no_feed(text, source)
    text = within_bounds(text)
    root = _feed_tree(text, source.url)
    if root is not None:
        return read_tree(root, source, read_by="lxml")
    mended = mend(text, source)
    root = _feed_tree(mended.text, source.url)
    feed = (
        read_badly_formed(mended.text, source)
        if root is None
        else read_tree(root, source, read_by="repaired")
    )
    return _up_to_the_break(feed, mended, source) if mended.broke_off else feed


def _feed_tree(text: str, url: str) -> Element | None:
    """The root of a well-formed feed; None if it is malformed, or not a feed."""
    root = tree_of(text, url)
    return root if root is not None and name_of(str(root.tag)) in _ROOT_NAMES else None


def _up_to_the_break(feed: ParsedFeed, mended: Mended, source: Source) -> ParsedFeed:
    """The content of a truncated feed. A last item without a URL waits for the next poll, so that it is not marked as seen."""
    items = feed.items
    if mended.partial and items and not items[-1].url:
        items = items[:-1]
    if not items:
        raise source.cut_short()
    return msgspec.structs.replace(feed, items=items, incomplete=True)
