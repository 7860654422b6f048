"""An article from the text that its feed carries, where its page can't be had: rather that than lose it."""

from datetime import datetime
from html import escape

from ingest.page.plain_text import plain_text
from stream.errors import Reject
from stream.messages import Entry, Page, article_id

FULL_CHARACTERS = 600
"""Some 100 words. Shorter texts are taken for a teaser, by which a reader would be misled."""
LOOKED_AT = 20_000
"""Characters of markup that are enough to tell."""

NO_PAGE = frozenset({"robots", "not-html", "empty-page", "too-large", "too-many-redirects"})
"""Kinds of errors that tell of the page and not of its address, besides `http-...`: a link into a private network makes no
article."""


def has_full_text(entry: Entry) -> bool:
    """Whether what the feed carries is likely an article, rather than a teaser of one."""
    return len(plain_text(entry.content[:LOOKED_AT], FULL_CHARACTERS)) >= FULL_CHARACTERS - 10


def is_no_page(error: Reject) -> bool:
    """Whether an error means that the page will not be had, while the article may well exist."""
    return error.kind in NO_PAGE or error.kind.startswith("http-")


def page_of_feed(entry: Entry, error: Reject, now: datetime) -> Page:
    """A page made of the feed's text, for an entry whose own page can't be had; it says why."""
    title, language = escape(entry.title), escape(entry.language)
    return Page(
        entry=entry,
        url=entry.url,
        content_type="text/html",
        charset="utf-8",
        body=(
            f'<!DOCTYPE html><html lang="{language}"><head><title>{title}</title></head>'
            f"<body><article><h1>{title}</h1>{entry.content}</article></body></html>"
        ).encode("utf-8", "replace"),
        fetched=now,
        instead_of=f"{error.kind}: {error.reason}",
        key=article_id(entry.url),
    )
