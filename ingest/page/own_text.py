"""Builds an article from its feed's text if its page is not available, so that the article is not lost."""

import hashlib
from datetime import datetime
from html import escape

from ingest.page.plain_text import plain_text
from ingest.sites import speaks_for
from ingest.urls import normal, without_credentials, without_fragment
from stream.errors import Reject
from stream.messages import Entry, Page, article_id

FULL_CHARACTERS = 600
"""Some 100 words. Shorter texts are likely teasers, which would mislead readers."""
NO_PAGE_OF_ITS_OWN = "the feed gives it no page of its own"
LOOKED_AT = 20_000
"""Characters of markup that are enough to decide."""

NO_PAGE = frozenset({"robots", "not-html", "empty-page", "too-large", "too-many-redirects"})
"""Kinds of errors, in addition to `http-...`, that concern the page and not its address: a link into a private network does not
make an article."""


def has_full_text(entry: Entry) -> bool:
    """Whether the feed's content is likely an article, not a teaser."""
    return is_full_text(entry.content)


def is_full_text(content: str) -> bool:
    """Whether the markup that a feed carries is likely a whole article."""
    return len(plain_text(content[:LOOKED_AT], FULL_CHARACTERS)) >= FULL_CHARACTERS - 10


def is_no_page(error: Reject) -> bool:
    """Whether an error means that the page is unavailable although the article may well exist."""
    return error.kind in NO_PAGE or error.kind.startswith("http-")


def item_address(feed: str, item: str) -> str:
    """The address of an item that has none of its own: its feed's, without user, password and query (which may hold a key),
    plus a fragment that distinguishes it from all other items.

    Args:
        feed: the feed's URL.
        item: what identifies the item in the feed.
    """
    number = hashlib.blake2b(f"{feed}\n{item}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{normal(without_fragment(without_credentials(feed)).partition('?')[0])}#item-{number}"


def page_of_item(entry: Entry, now: datetime) -> Page:
    """The page of an item that exists only in its feed (`Entry.address`)."""
    return _page(entry, entry.address, f"no-page: {NO_PAGE_OF_ITS_OWN}", now)


def page_of_feed(entry: Entry, error: Reject, now: datetime) -> Page:
    """A page made from the feed's text for an entry whose own page is unavailable; it records why.

    Another site's feed can't replace the page: its text gets an address in the feed.
    """
    own = speaks_for(entry, entry.url)
    return _page(
        entry,
        entry.url if own else item_address(entry.feed, entry.guid),
        f"{error.kind}: {error.reason}",
        now,
        quotes="" if own else entry.url,
    )


def _page(entry: Entry, url: str, why: str, now: datetime, quotes: str = "") -> Page:
    """The feed's text as a page in HTML."""
    title, language = escape(entry.title), escape(entry.language)
    text = entry.content or escape(entry.summary or entry.title)
    return Page(
        entry=entry,
        url=url,
        content_type="text/html",
        charset="utf-8",
        body=(
            f'<!DOCTYPE html><html lang="{language}"><head><title>{title}</title></head>'
            f"<body><article><h1>{title}</h1>{text}</article></body></html>"
        ).encode("utf-8", "replace"),
        fetched=now,
        instead_of=why,
        quotes=quotes,
        key=article_id(url),
    )
