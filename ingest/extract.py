"""Reading a page: its text without what surrounds it, and what is known of the article.

A pure function, made to run in a worker process: it bounds what it parses, but the limit on time is its caller's, who can
kill the worker.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import htmldate
import trafilatura
from lxml.html import HtmlElement
from trafilatura.meta import reset_caches as _reset_trafilatura

from ingest.charsets import decode
from ingest.dates import EARLIEST, TOLERANCE, Dated, choose, in_url
from ingest.furniture import without_furniture
from ingest.main_text import main_text
from ingest.metadata import Metadata, primary_language, read_metadata
from ingest.plain_page import is_plain_text, paragraphs
from ingest.urls import canonical
from wirewatch.errors import Reject
from wirewatch.messages import Article, Page, article_id

MAX_BYTES = 5_000_000
"""Of a page. The largest of 330 real ones had 1.4 million."""
MAX_ELEMENTS = 20_000
"""Of a page's tree; the largest of 330 real ones had 3,628. trafilatura's cost grows faster than their number."""
MAX_DEPTH = 150
"""Of nested elements; the deepest of 330 real pages had 42, libxml2 itself stops at 256 and drops what is deeper."""

_TOO_DEEP = f"boolean({'/*' * (MAX_DEPTH + 1)})"
_BINARY_WITHIN = 1024  # bytes
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
_NOTHING_TOLD = Metadata(
    title="", authors=(), site_name="", summary="", image="", language="", canonical="", dates=()
)
_LIBRARIES = ("trafilatura", "htmldate", "charset_normalizer", "justext", "courlan")

for _name in _LIBRARIES:  # they log each page's peculiarities as errors; ours are raised
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class _Reading:
    """What a page holds.

    Attributes:
        text: the article, one paragraph a line; '' if there is none.
        told: what the page says of itself.
        guessed_date: finds a date in what is visible on the page, as an ISO date; costly.
    """

    text: str
    told: Metadata
    guessed_date: Callable[[], str]


def extract(page: Page, now: datetime) -> Article:
    """The article on a page.

    Args:
        page: what the server answered.
        now: the time, aware; the article's `extracted`.

    Raises:
        Reject: `too-large`, `too-complex`, `too-deep`, `not-html`, or `no-text`.
    """
    entry = page.entry
    reading = _read(page, now)
    told = reading.told
    if not reading.text:
        raise Reject("no-text", f"no article text was found on {page.url}")
    url = told.canonical or canonical(page.url)
    published, published_from = choose(_dates(page, reading), now)
    return Article(
        id=article_id(url),
        url=url,
        feed=entry.feed,
        source=entry.source,
        site_name=told.site_name,
        title=told.title or entry.title,
        text=reading.text,
        summary=told.summary or entry.summary,
        author=", ".join(told.authors) or entry.author,
        image=told.image,
        declared_language=told.language or primary_language(entry.language),
        published=published,
        published_from=published_from,
        seen=entry.seen,
        fetched=page.fetched,
        extracted=now,
    )


def reset_caches() -> None:
    """Empty the caches that trafilatura and its helpers fill, so that a long-lived worker stays small.

    Costs some 20 ms (it also collects garbage): once in a hundred pages or more.
    """
    _reset_trafilatura()


def _read(page: Page, now: datetime) -> _Reading:
    """What the page holds, by its kind."""
    if len(page.body) > MAX_BYTES:
        raise Reject("too-large", f"{page.url} has {len(page.body):,} bytes, more than {MAX_BYTES:,}")
    if page.body.startswith(_BINARY) or _is_binary(page.body[:_BINARY_WITHIN]):
        raise Reject("not-html", f"{page.url} is no HTML but starts with {page.body[:8]!r}")
    text = decode(page.body, page.charset)
    if is_plain_text(page.content_type, text):
        return _Reading(without_furniture(paragraphs(text), page.entry.title), _NOTHING_TOLD, str)
    tree = _tree(text, page.url)
    told = read_metadata(tree, page.url, page.entry.title)
    return _Reading(
        text=main_text(tree, page.url, told.title or page.entry.title, told.summary).text,
        told=told,
        guessed_date=partial(_guessed_date, tree, page.url, now),
    )


def _tree(text: str, url: str) -> HtmlElement:
    """The page's tree, small enough to be worked on."""
    tree = trafilatura.load_html(text)
    if tree is None:
        raise Reject("not-html", f"no HTML elements were found in {url}")
    if tree.xpath(_TOO_DEEP):
        raise Reject("too-deep", f"{url} nests elements more than {MAX_DEPTH} deep")
    if (elements := int(tree.xpath("count(//*)"))) > MAX_ELEMENTS:
        raise Reject("too-complex", f"{url} has {elements:,} elements, more than {MAX_ELEMENTS:,}")
    return tree


def _is_binary(start: bytes) -> bool:
    """Whether these bytes are no text: zero bytes, but not those of UTF-16."""
    return b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff"))


def _dates(page: Page, reading: _Reading) -> Iterator[Dated]:
    """When the article may have been published, the most trustworthy first.

    What is marked as the date comes before the feed's, which some feeds set anew at each edit; guesses come last.
    """
    yield from reading.told.dates
    if page.entry.published is not None:
        yield Dated(page.entry.published, "feed")
    if day := in_url(page.url):
        yield Dated(day, "url")
    yield Dated(reading.guessed_date(), "page")


def _guessed_date(tree: HtmlElement, url: str, now: datetime) -> str:
    """The date that htmldate's careful mode reads in the page's visible text and times, as an ISO date; '' if none."""
    day = htmldate.find_date(
        tree, extensive_search=False, original_date=True, url=url, min_date=EARLIEST, max_date=now + TOLERANCE
    )
    return day or ""
