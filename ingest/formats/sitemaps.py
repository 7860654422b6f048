"""Reads news sitemaps as feeds, for sites without a better one.

The formats: https://www.sitemaps.org/protocol.html (urlset, sitemapindex), and Google's news extension
(https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap). A plain sitemap lists a whole archive, so
only pages changed in the last days count.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from html import escape

from ingest.formats.bounds import within_bounds
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
)
from ingest.formats.xml_text import Element, mend_characters, tree_of
from ingest.page.plain_text import plain_text
from ingest.urls import shown
from stream.errors import Reject

RECENT = timedelta(days=3)
"""A page that changed earlier is not news. News sitemaps cover two days."""
MAX_PARTS = 5
"""How many sitemaps of an index are read: news sitemaps first, then the others, latest first."""

_START = re.compile(r"<(?:[\w-]{1,20}:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_SNIFFED = 4_096
_NEWS = "sitemap-news"
_CALLED_NEWS = re.compile(r"news|latest|recent|today|aktuell|actualit|noticias|notizie", re.IGNORECASE)


def is_sitemap(text: str) -> bool:
    """Whether a document is a sitemap or a sitemap index."""
    return _START.search(text[:_SNIFFED]) is not None


def read_sitemap(text: str, source: Source) -> ParsedFeed:
    """The content of a sitemap; for an index, the sitemaps to read in its place (`ParsedFeed.parts`).

    Raises Reject: `feed-unreadable`, or `sitemap-without-news` if it contains neither news nor dates.
    """
    root, is_whole = _root(text, source)
    if _name(root) == "sitemapindex":
        return _feed(parts=tuple(_parts(root, source)), incomplete=not is_whole)
    pages = [page for page in root if _name(page) == "url"]
    news = [(page, about) for page in pages if (about := _news_of(page)) is not None]
    items = [_news_item(page, about, source) for page, about in news] or _changed(pages, source)
    publication = next((child for _, about in news for child in about if _name(child) == "publication"), None)
    told = {} if publication is None else _texts(publication)
    return _feed(
        title=plain_text(escape(told.get("name", ""), quote=False), MAX_TITLE),
        language=told.get("language", "")[:MAX_LANGUAGE],
        items=tuple(items[:MAX_ITEMS]),
        incomplete=not is_whole or len(items) > MAX_ITEMS,
    )


def _feed(
    *,
    title: str = "",
    language: str = "",
    items: tuple[Item, ...] = (),
    parts: tuple[str, ...] = (),
    incomplete: bool,
) -> ParsedFeed:
    return ParsedFeed(
        title=title,
        language=language,
        link="",
        items=items,
        parts=parts,
        read_by="sitemap",
        incomplete=incomplete,
    )


def _root(text: str, source: Source) -> tuple[Element, bool]:
    """The root element, and whether the document is complete; a truncated one is read as far as it goes."""
    start = _START.search(text[:_SNIFFED])
    assert start is not None  # noqa: S101 - `is_sitemap` was checked before
    kept = within_bounds(text[start.start() :])
    for candidate in (kept, mend_characters(kept)):
        root = tree_of(candidate, source.url)
        if root is not None:
            return root, True
    ends = [end.end() for end in re.finditer(r"</(?:[\w-]{1,20}:)?(?:url|sitemap)\s*>", kept, re.IGNORECASE)]
    name = re.match(r"<([\w:-]+)", kept)
    root = tree_of(mend_characters(f"{kept[: ends[-1]]}</{name[1]}>"), source.url) if ends and name else None
    if root is None:
        raise source.unreadable("a sitemap that is damaged or cut off")
    return root, False


def _parts(root: Element, source: Source) -> Iterator[str]:
    """The sitemaps of an index that are worth reading."""
    found: list[tuple[bool, datetime | None, str]] = []
    for element in root:
        told = _texts(element)
        url, changed = (
            absolute(told.get("loc", ""), source.url),
            read_date([told.get("lastmod", "")], source.latest),
        )
        if url and (changed is None or changed >= source.latest - RECENT - timedelta(days=1)):
            found.append((bool(_CALLED_NEWS.search(url.split("/", 3)[-1])), changed, url))
    if any(is_news for is_news, _, _ in found):
        found = [one for one in found if one[0]]
    earliest = source.latest - timedelta(days=365)
    found.sort(key=lambda one: one[1] or earliest, reverse=True)
    yield from dict.fromkeys(url for _, _, url in found[:MAX_PARTS])


def _news_of(page: Element) -> Element | None:
    """The data of the news extension for a page."""
    return next((child for child in page if _NEWS in str(child.tag) and _name(child) == "news"), None)


def _news_item(page: Element, about: Element, source: Source) -> Item:
    told = _texts(about)
    return _item(
        _texts(page).get("loc", ""),
        told.get("title", ""),
        read_date([told.get("publication_date", "")], source.latest),
        source,
    )


def _changed(pages: Iterable[Element], source: Source) -> list[Item]:
    """The pages of a plain sitemap that changed recently."""
    items, dated = [], False
    for page in pages:
        told = _texts(page)
        changed = read_date([told.get("lastmod", "")], source.latest)
        dated = dated or changed is not None
        if changed is not None and changed >= source.latest - RECENT - timedelta(days=1):
            items.append(_item(told.get("loc", ""), "", None, source))
    if not dated:
        raise Reject(
            "sitemap-without-news",
            f"{shown(source.url)} is a sitemap with neither news nor modification dates",
        )
    return items


def _item(url: str, title: str, published: datetime | None, source: Source) -> Item:
    return make_item(
        guid="",
        url=absolute(url, source.url),
        title=escape(title, quote=False),
        summary="",
        author="",
        published=published,
        content_html="",
    )


def _texts(element: Element) -> dict[str, str]:
    """The children's texts by local name; the first of each name, with other extensions last."""
    texts: dict[str, str] = {}
    for child in element:
        if len(child) == 0:
            texts.setdefault(_name(child), (child.text or "").strip())
    return texts


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
