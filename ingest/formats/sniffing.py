"""Tells whether a document is a feed, and otherwise what it is."""

import re

from ingest.formats.items import Source
from ingest.urls import shown
from stream.errors import Reject

_SNIFFED = 4_096  # characters at the start of a document that are examined
_COMMENT_OR_ROOT = re.compile(r"<!--|<(?:[\w-]{1,20}:)?(rss|feed|rdf|channel)[\s/>]", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<(?:html|head|body)[\s>]", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(r"<!doctype\s+html", re.IGNORECASE)  # some feeds have one, too


def refuse_what_is_no_feed(text: str, source: Source) -> None:
    """Raise Reject for a web page, other XML and binary files; anything else has a feed's root somewhere."""
    root, page = feed_start(text), _HTML_ROOT.search(text[:_SNIFFED])
    if root and not (page and page.start() < root.start()):
        return
    if page or _HTML_DOCTYPE.search(text[:_SNIFFED]):
        raise Reject("feed-is-html", f"{shown(source.url)} is a web page, not a feed")
    raise source.unreadable(kind_of(text))


def feed_start(text: str) -> re.Match[str] | None:
    """The start of a feed's root element, its local name in group 1; comments are skipped."""
    found = _COMMENT_OR_ROOT.search(text)
    while found and not found[1]:
        end = text.find("-->", found.end())
        found = _COMMENT_OR_ROOT.search(text, end) if end >= 0 else None
    return found


def kind_of(text: str) -> str:
    """Describes a document that is not a feed, for a message."""
    if text.startswith("%PDF-"):
        return "a PDF"
    if "\x00" in text[:_SNIFFED] or text.count("\ufffd", 0, _SNIFFED) > _SNIFFED // 20:
        return "a binary file"
    root = re.search(r"<([A-Za-z][\w:.-]{0,40})[\s/>]", text[:_SNIFFED])
    return f"XML of another kind (its root is {root[1]!r})" if root else "plain text"
