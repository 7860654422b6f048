"""What a site or a feed lists of its past: whole sitemaps, and the pages of a feed's archive (RFC 5005). Pure."""

import json
from datetime import datetime

import msgspec

from ingest.formats.bounds import within_bounds
from ingest.formats.dates import read_date
from ingest.formats.feeds import GZIP, unzipped
from ingest.formats.items import Source, absolute
from ingest.formats.sitemaps import is_sitemap
from ingest.formats.xml_text import Element, mend_characters, text_of, tree_of
from ingest.page.dates import in_url
from stream.errors import Reject

MOST_PAGES = 50_000
"""Of a sitemap (https://www.sitemaps.org/protocol.html)."""
_OLDER = ("prev-archive", "next")
"""The links to older items, the more exact one first: RFC 5005, sections 4 and 3."""
_DATES = ("publication_date", "lastmod")


class Listed(msgspec.Struct, frozen=True):
    """A page of a sitemap."""

    url: str
    when: datetime | None
    """When it was published, else changed, else the day in its address; None if nothing tells."""


class Part(msgspec.Struct, frozen=True):
    """A sitemap of an index."""

    url: str
    changed: datetime | None


class Catalogue(msgspec.Struct, frozen=True):
    """A sitemap, or an index of sitemaps."""

    pages: tuple[Listed, ...] = ()
    parts: tuple[Part, ...] = ()


def read_catalogue(body: bytes, charset: str, source: Source) -> Catalogue | None:
    """All that a sitemap lists; None if the document is not one. Raises Reject if it is damaged or too large."""
    text = text_of(unzipped(body, source.url) if body.startswith(GZIP) else body, charset)
    if not is_sitemap(text):
        return None
    kept = within_bounds(text[text.index("<") :])
    root = tree_of(kept, source.url)
    root = tree_of(mend_characters(kept), source.url) if root is None else root
    if root is None:
        raise Reject("feed-unreadable", f"{source.url} is a sitemap that is damaged or cut off")
    listed = [one for one in root if _name(one) in ("url", "sitemap")][:MOST_PAGES]
    if _name(root) == "sitemapindex":
        return Catalogue(parts=tuple(_part(one, source) for one in listed if _address(one, source)))
    return Catalogue(pages=tuple(_page(one, source) for one in listed if _address(one, source)))


def _part(element: Element, source: Source) -> Part:
    return Part(_address(element, source), read_date([_texts(element).get("lastmod", "")], source.latest))


def _page(element: Element, source: Source) -> Listed:
    url, told = _address(element, source), _texts(element)
    return Listed(url, read_date([*(told.get(name, "") for name in _DATES), in_url(url)], source.latest))


def _address(element: Element, source: Source) -> str:
    return absolute(_texts(element).get("loc", ""), source.url)


def _texts(element: Element) -> dict[str, str]:
    """The texts below an element by local name, the first of each name."""
    found: dict[str, str] = {}
    for one in element.iter():
        if len(one) == 0 and isinstance(one.tag, str):
            found.setdefault(_name(one), (one.text or "").strip())
    return found


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def older_page(body: bytes, charset: str, url: str) -> str:
    """The address of the page with a feed's older items; '' if it names none."""
    text = text_of(body, charset)
    if text.startswith("{"):
        return absolute(_next_url(text), url)
    root = tree_of(within_bounds(text), url)
    if root is None:
        return ""
    links: dict[str, str] = {}
    for one in root.iter("{http://www.w3.org/2005/Atom}link"):
        links.setdefault(str(one.get("rel", "")).lower(), str(one.get("href", "")))
    return next((absolute(links[rel], url) for rel in _OLDER if links.get(rel)), "")


def _next_url(text: str) -> str:
    """JSON Feed 1.1, `next_url`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    following = found.get("next_url", "") if isinstance(found, dict) else ""
    return following if isinstance(following, str) else ""
