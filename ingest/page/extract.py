"""Extracts an article from a page: its text without the page's other parts, and its metadata.

A pure function, meant to run in a worker process: it limits what it parses, but the caller must limit the time, by killing
the worker.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import trafilatura
from lxml.html import HtmlElement
from trafilatura.meta import reset_caches as _reset_trafilatura

from ingest.page.charsets import decode
from ingest.page.dates import Dated, choose, choose_published, doubt, in_url
from ingest.page.furniture import without_furniture
from ingest.page.links import MOST_LINKS, links_out
from ingest.page.main_text import main_text
from ingest.page.metadata import Metadata, primary_language, read_metadata
from ingest.page.own_text import has_full_text, page_of_feed
from ingest.page.pagination import has_next
from ingest.page.plain_page import is_plain_text, paragraphs
from ingest.page.plain_text import plain_text
from ingest.page.status import FEW_WORDS, Seen, content_status, no_article, visible_text
from ingest.page.titles import Title, beginning
from ingest.page.visible_dates import visible_date
from ingest.same_article import marks
from ingest.sites import speaks_for
from ingest.urls import canonical, host, shown
from query.tokens import shortened, terms
from stream.errors import Reject
from stream.messages import Article, ContentStatus, Entry, Page, article_id

MAX_BYTES = 5_000_000
"""Bytes of a page. The largest of 330 real ones had 1.4 million."""
MAX_TEXT = 1_000_000
"""Code points of an article's text, the length of a long novel; the rest is left out, and the article says so."""
MAX_TITLE, MAX_SUMMARY = 2_000, 20_000
"""Code points of a title, an author or a section, and of a summary."""
MAX_ELEMENTS = 20_000
"""Elements in a page's tree; the largest of 330 real ones had 3,628. trafilatura's cost grows faster than their number."""
MAX_DEPTH = 150
"""Levels of nested elements; the deepest of 330 real pages had 42. libxml2 itself stops at 256 and drops what is deeper."""

_TOO_DEEP = f"boolean({'/*' * (MAX_DEPTH + 1)})"
_BINARY_WITHIN = 1024  # bytes
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
_FEWEST_FEED_WORDS = 80  # of a feed's full text that may replace the page's
_NO_TEXT = ("no-article", "no-text")
_LONGER = 1.5  # a feed's text is the better one if it has this many times the page's words
_IN_FEED_FIRST: dict[ContentStatus, str] = {
    "part": "shows only some of the article's pages",
    "teaser": "shows only the beginning of the article",
    "consent": "asks for consent first",
    "video": "is about a video, with less text than the feed",
    "gallery": "shows pictures, with less text than the feed",
}
_LIBRARIES = ("trafilatura", "htmldate", "charset_normalizer", "justext", "courlan")

for _name in _LIBRARIES:  # they log each page's peculiarities as errors; we raise our own
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class _Reading:
    """What a page holds.

    Attributes:
        text: the article, one paragraph per line; '' if there is none.
        metadata: the page's metadata.
        links: the pages that the text links to.
        status: what kind of page it is.
        shown_day: the day displayed beside the headline, as an ISO date; '' if there is none.
        refused: why the page can't contain an article, as the end of a sentence; '' if it can.
        instead_of: why the text is the feed's own: see `Article.instead_of`.
        has_next: whether the article continues on another page.
    """

    text: str
    metadata: Metadata
    links: tuple[str, ...] = ()
    status: ContentStatus = "full"
    shown_day: str = ""
    refused: str = ""
    instead_of: str = ""
    has_next: bool = False


def extract(page: Page, now: datetime) -> Article:
    """The article on a page, or the feed's text if that has more of the article.

    Args:
        page: the fetched page.
        now: the time, aware; the article's `extracted`.

    Raises:
        Reject: `too-large`, `too-complex`, `too-deep`, `not-html`, `no-article` (a demand to enable JavaScript, an error page
            served with status 200, a consent page), or `no-text`.
    """
    if page.entry.address:
        return _article(page, _of_item(page), now)
    if speaks_for(page.entry, page.url):
        return _extract(page, now)
    try:
        return _extract(_by_hearsay(page), now)
    except Reject as error:
        if not (error.kind in _NO_TEXT and has_full_text(page.entry)):
            raise
        return _extract(page_of_feed(page.entry, error, page.fetched), now)


def _extract(page: Page, now: datetime) -> Article:
    """The article on a page, with what the entry may say of it."""
    reading = _with_feed_text(page, _read(page))
    if reading.refused:
        raise Reject("no-article", f"{page.url} {reading.refused}")
    if not reading.text:
        raise Reject("no-text", f"no article text was found on {page.url}")
    return _article(page, reading, now)


def _of_item(page: Page) -> _Reading:
    """The content of an item that exists only in its feed, however short: its text, else its summary, else its title."""
    entry = page.entry
    reading = _read(page)
    text = reading.text or plain_text(entry.content[:MAX_BYTES], MAX_BYTES) or entry.summary or entry.title
    return replace(reading, text=text, refused="")


def _by_hearsay(page: Page) -> Page:
    """The page of an entry from another site's feed, without that feed's metadata: only the page's own data counts, and its
    outlet is the owner of the page."""
    entry = page.entry
    unknown = msgspec.structs.replace(
        entry,
        source=host(page.url).removeprefix("www."),
        title="",
        summary="",
        author="",
        language="",
        published=None,
        content="",
    )
    return msgspec.structs.replace(page, entry=unknown)


def _article(page: Page, reading: _Reading, now: datetime) -> Article:
    """The message with the extracted article. A text from the feed keeps the address that it was given."""
    entry = page.entry
    url = page.url if page.instead_of else reading.metadata.canonical or canonical(page.url)
    text = shortened(reading.text, MAX_TEXT)
    article = Article(
        id=article_id(url),
        url=url,
        feed=entry.feed,
        source=entry.source,
        text=text,
        word_count=len(terms(text)),
        cut_from=len(reading.text) if len(reading.text) > len(text) else 0,
        links=reading.links,
        content_status=reading.status,
        instead_of=page.instead_of or reading.instead_of,
        quotes=page.quotes,
        hearsay=not speaks_for(entry, page.url),
        backfill=entry.backfill,
        seen=entry.seen,
        fetched=page.fetched,
        extracted=now,
        etag=page.etag,
        last_modified=page.last_modified,
    )
    described = _with_dates(_described(article, entry, reading.metadata), page, reading)
    is_from_page = not (entry.address or page.instead_of)
    names_itself = not is_from_page or bool(reading.metadata.canonical)
    known_by = marks(url, described.title, text, names_itself=names_itself)
    return msgspec.structs.replace(described, marks=known_by)


def _described(article: Article, entry: Entry, metadata: Metadata) -> Article:
    """The article with its page's metadata, and the feed's where the page has none."""
    title = _title(article, entry, metadata)
    return msgspec.structs.replace(
        article,
        site_name=metadata.site_name,
        title=shortened(title.text, MAX_TITLE),
        title_from=title.source,
        summary=shortened(metadata.summary or entry.summary, MAX_SUMMARY),
        author=shortened(", ".join(metadata.authors.names) or entry.author, MAX_TITLE),
        author_from=metadata.authors.source or ("feed" if entry.author else ""),
        image=metadata.image,
        declared_language=metadata.language or primary_language(entry.language),
        section=shortened(metadata.section, MAX_TITLE),
    )


def _title(article: Article, entry: Entry, metadata: Metadata) -> Title:
    """The page's title, or else the feed's, or else the first words of the article."""
    if metadata.title.text:
        return metadata.title
    if entry.title:
        return Title(entry.title, "feed")
    return (
        Title(beginning(entry.summary), "feed") if entry.summary else Title(beginning(article.text), "text")
    )


def _with_dates(article: Article, page: Page, reading: _Reading) -> Article:
    """The article with its times of publication and change."""
    now, feed = article.extracted, page.entry.published
    from_page = list(_dates(page, reading))
    published = choose_published(from_page, feed, now)
    dates = [*from_page, *([Dated(feed, "feed")] if feed else [])]
    doubted = doubt(published, dates, _found_as_news(article), now)
    modified = choose(reading.metadata.modified, now)
    return msgspec.structs.replace(
        article,
        published=published.when,
        published_from=published.source,
        published_precision=published.precision,
        published_doubt=doubted.when,
        published_doubt_from=doubted.source,
        modified=modified.when,
        modified_from=modified.source,
    )


def _found_as_news(article: Article) -> datetime | None:
    """When its own outlet's feed first had it as a new item; None if that says nothing about the article's age."""
    return None if article.backfill or article.hearsay or not article.feed else article.seen


def reset_caches() -> None:
    """Empty the caches that trafilatura and its helpers fill, so that a long-lived worker stays small.

    Takes some 20 ms (it also collects garbage), so call it once in a hundred pages or less often.
    """
    _reset_trafilatura()


def _read(page: Page) -> _Reading:
    """The content of the page, together with the further pages of its article."""
    reading = _read_one(page, page.url, 1)
    for number, one in enumerate(page.further, 2):
        sheet = msgspec.structs.replace(
            page, url=one.url, content_type=one.content_type, charset=one.charset, body=one.body, further=()
        )
        try:
            reading = _joined(reading, _read_one(sheet, page.url, number))
        except Reject:
            break
    is_part = reading.has_next and reading.status == "full"
    return replace(reading, status="part") if is_part else reading


def _joined(before: _Reading, after: _Reading) -> _Reading:
    """Two pages of an article as one; lines on both (a lead, the author) are kept once."""
    known = set(before.text.split("\n"))
    new = [line for line in after.text.split("\n") if line not in known]
    links = tuple(dict.fromkeys(before.links + after.links))[:MOST_LINKS]
    text = "\n".join(filter(None, (before.text, *new)))
    return replace(before, text=text, links=links, has_next=after.has_next)


def _read_one(page: Page, first: str, number: int) -> _Reading:
    """The content of one page, read according to its kind.

    Args:
        page: the page.
        first: the URL of the article's first page.
        number: of the page.
    """
    if len(page.body) > MAX_BYTES:
        raise Reject("too-large", f"{page.url} has {len(page.body):,} bytes, more than {MAX_BYTES:,}")
    if page.body.startswith(_BINARY) or _is_binary(page.body[:_BINARY_WITHIN]):
        raise Reject("not-html", f"{page.url} is not HTML: it starts with {page.body[:8]!r}")
    text = decode(page.body, page.charset)
    if is_plain_text(page.content_type, text):
        return _Reading(without_furniture(paragraphs(text), page.entry.title), Metadata())
    tree = page_tree(text, page.url)
    is_followed = has_next(tree, page.url, first, number)  # before boxes are removed from the tree
    return replace(_read_html(tree, page), has_next=is_followed)


def _read_html(tree: HtmlElement, page: Page) -> _Reading:
    """The content of an HTML page, from its one tree."""
    metadata = read_metadata(tree, page.url, page.entry.title)
    title = metadata.title.text or page.entry.title
    text, article_page = main_text(tree, page.url, title, metadata.summary)
    seen = Seen(
        url=page.url,
        title=title,
        window=tree.findtext(".//title") or "",
        text=text,
        words=len(text.split()),
        visible=visible_text(tree) if len(text.split()) <= FEW_WORDS else "",
        og_type=metadata.meta.get("og:type", "").lower(),
        tier=metadata.meta.get("article:content_tier", "").lower(),
        json_ld=metadata.json_ld,
    )
    return _Reading(
        text=text,
        metadata=metadata,
        links=links_out(article_page, text, page.url),
        status=content_status(seen),
        shown_day="" if metadata.dates else visible_date(tree, title, metadata.language),
        refused=no_article(seen),
    )


def _with_feed_text(page: Page, reading: _Reading) -> _Reading:
    """The reading, with the feed's full text in place of the page's if it is better.

    A consent page has none of the article, so without the feed's text it is refused.
    """
    text = _feed_text(page, reading.metadata.title.text)
    words, shown = len(text.split()), len(reading.text.split())
    is_poor = reading.refused or not reading.text or reading.status in _IN_FEED_FIRST
    if words >= _FEWEST_FEED_WORDS and words > shown * (1 if is_poor else _LONGER):
        kept = reading.status if reading.status in ("live", "video", "gallery") else "full"
        return replace(
            reading, text=text, status=kept, links=(), refused="", instead_of=_worse(page, reading)
        )
    if reading.status == "consent" and not reading.refused:
        return replace(reading, refused="is a consent page, and the feed does not have the article's text")
    return reading


def _worse(page: Page, reading: _Reading) -> str:
    """Why the feed's text replaces a page's text."""
    if reading.refused:
        return f"no-article: {shown(page.url)} {reading.refused}"
    if not reading.text:
        return f"no-text: {shown(page.url)} has no article text"
    if reading.status in _IN_FEED_FIRST:
        return f"{reading.status}: {shown(page.url)} {_IN_FEED_FIRST[reading.status]}"
    return f"shorter: {shown(page.url)} shows less of the article than the feed"


def _feed_text(page: Page, title: str) -> str:
    """The full text in the feed, one paragraph per line; '' if it has none that can be read."""
    content = page.entry.content
    if not content or len(content) > MAX_BYTES:
        return ""
    try:
        tree = page_tree(f"<html><body><article>{content}</article></body></html>", page.url)
    except Reject:
        return ""
    return main_text(tree, page.url, title or page.entry.title, "").text


def page_tree(text: str, url: str) -> HtmlElement:
    """The page's tree, which is small enough to process.

    Raises:
        Reject: `not-html`, `too-deep`, `too-complex`.
    """
    tree = trafilatura.load_html(text)
    if tree is None:
        raise Reject("not-html", f"no HTML elements were found in {url}")
    if tree.xpath(_TOO_DEEP):
        raise Reject("too-deep", f"{url} nests elements more than {MAX_DEPTH} deep")
    if (elements := int(tree.xpath("count(//*)"))) > MAX_ELEMENTS:
        raise Reject("too-complex", f"{url} has {elements:,} elements, more than {MAX_ELEMENTS:,}")
    return tree


def _is_binary(start: bytes) -> bool:
    """Whether these bytes are not text: they have zero bytes other than those of UTF-16."""
    return b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff"))


def _dates(page: Page, reading: _Reading) -> Iterator[Dated]:
    """The publication dates that the page gives, the most trustworthy first."""
    yield from reading.metadata.dates
    if day := in_url(page.url):
        yield Dated(day, "url")
    if reading.shown_day:
        yield Dated(reading.shown_day, "page")
