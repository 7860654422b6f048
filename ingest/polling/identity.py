"""How feed items are identified, and where their articles are.

Most items link to a page of their own: the article is there, and the item is known by that page and by the feed's id for it.
Two kinds of items exist only in their feed; each is an article of its own, with the text that the feed gives it:

    several items of one page (notices, release notes, posts of a live blog): each is known by its own id, fragment or text. The
        page's own text belongs to the page's address: it is fetched for the first of them that has no full text in the feed;
    items without an address that could be fetched.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

import msgspec

from ingest.formats.items import Item
from ingest.page.own_text import is_full_text, item_address
from ingest.polling.item_keys import hash_of
from ingest.sites import same_site
from ingest.sources.feed import Feed
from ingest.urls import canonical, normal


class Identity(msgspec.Struct, frozen=True, gc=False):
    """How an item is identified, and where its article is."""

    url: str
    """The page to fetch, canonical; for an item that exists only in its feed, its address. '' if there is nothing in it."""
    address: str
    """Where the article is, if it is the item itself; '' if it is on the page."""
    hashes: tuple[bytes, ...]
    """The item is new unless one of them is known."""
    marks: tuple[bytes, ...] = ()
    """Also remembered: that a page has several items."""


def identify(feed: Feed, items: Sequence[Item], known: Collection[bytes]) -> list[Identity]:
    """What the items of a feed are known by, in their order.

    Args:
        feed: the feed.
        items: all that it shows.
        known: hashes of what was seen in it before.
    """
    ids = Counter(item.guid for item in items)
    pages = [_page_of(item) for item in items]
    shared = _shared(items, pages, known)
    fetched = {page for page in shared if hash_of("url", page) in known}
    found = []
    for item, page in zip(items, pages, strict=True):
        own_id = item.guid if ids[item.guid] == 1 or not page else ""
        if page in shared:
            is_page = page not in fetched and not is_full_text(item.content_html)
            if is_page:
                fetched.add(page)
            found.append(_on_shared_page(feed, item, page, own_id, is_page=is_page))
        elif page:
            found.append(Identity(page, "", _hashes(("guid", own_id), ("url", page))))
        else:
            found.append(_without_page(feed, item))
    return found


def _page_of(item: Item) -> str:
    """The page that an item links to; '' if it links to none that could be fetched."""
    try:
        return canonical(item.url)
    except ValueError:
        return ""


def _shared(items: Sequence[Item], pages: Sequence[str], known: Collection[bytes]) -> set[str]:
    """The pages that several different items link to, now or before."""
    texts: defaultdict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for item, page in zip(items, pages, strict=True):
        if page:
            texts[page].add((item.title, item.summary, item.content_html))
    return {page for page, told in texts.items() if len(told) > 1 or hash_of("page", page) in known}


def _on_shared_page(feed: Feed, item: Item, page: str, own_id: str, *, is_page: bool) -> Identity:
    """One of several items of a page; `is_page`: it is the one for which the page is fetched."""
    marks = (hash_of("page", page),)
    own_id = "" if own_id == page else own_id
    fragment = _with_fragment(item.url)
    text = "" if own_id or fragment else f"{item.title}\n{item.summary}"
    hashes = _hashes(("guid", own_id), ("fragment", fragment), ("text", text))
    if is_page:
        return Identity(page, "", (*hashes, hash_of("url", page)), marks)
    of_site = any(same_site(page, own) for own in (feed.url, feed.site) if own)
    base = page if of_site else feed.url
    address = fragment if fragment and of_site else item_address(base, own_id or fragment or text)
    return Identity(address, address, hashes, marks)


def _with_fragment(url: str) -> str:
    """The URL as it stands, if it has a fragment; else ''."""
    whole = normal(url)
    return whole if whole.partition("#")[2] else ""


def _without_page(feed: Feed, item: Item) -> Identity:
    """An item without an address that could be fetched: its article is at the file attached to it, or in its feed."""
    text = f"{item.title}\n{item.summary}"
    is_empty = not (item.title or item.summary or item.content_html)
    address = "" if is_empty else item.enclosure or item_address(feed.url, item.guid or text)
    return Identity(address, address, (hash_of("guid", item.guid or text),))


def _hashes(*named: tuple[str, str]) -> tuple[bytes, ...]:
    return tuple(hash_of(name, value) for name, value in named if value)
