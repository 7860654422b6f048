"""Repairs common XML errors in real feeds: truncation, undeclared prefixes, characters that XML forbids."""

import re
from collections.abc import Iterator

import msgspec

from ingest.formats.bounds import mendable
from ingest.formats.elements import URI_OF
from ingest.formats.items import Source
from ingest.formats.sniffing import feed_start, kind_of
from ingest.formats.xml_text import mend_characters

ITEM_START = re.compile(r"<(?:[\w-]{1,20}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:[\w-]{1,20}:)?(?:item|entry)\s*>", re.IGNORECASE)
_ITEM_TAG = re.compile(r"<((?:[\w-]{1,20}:)?(?:item|entry))(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)([A-Za-z_][\w:.-]{0,60})[^<>]*?(/?)>", re.DOTALL
)
_BEGUN = re.compile(r"(?:\s|<!--(?:(?!-->).)*+-->)*+<(?!/)(?:[\w-]{1,20}:)?([\w-]*)", re.DOTALL)
_IDENTIFYING = ("link", "guid", "id", "origlink")
"""Elements that identify an item: if one of these is truncated, the item could be mistaken for another."""
_PREFIX_USED = re.compile(r"[<\s]/?([A-Za-z_][\w-]{0,30}):[A-Za-z_]")
_MOST_PREFIXES = 200
_PREFIX_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w-]{0,30})\s*=")


class Mended(msgspec.Struct, frozen=True):
    """A repaired document."""

    text: str
    broke_off: bool = False
    """It is truncated."""
    partial: bool = False
    """The last item in `text` was truncated: only its complete elements are left."""


def mend(text: str, source: Source) -> Mended:
    """The document with common errors repaired.

    Raises Reject (`feed-unreadable`) if it contains no feed, or is truncated before anything useful.
    """
    start = feed_start(text)
    if start is None:
        raise source.unreadable(kind_of(text))
    closed = _closed(mendable(text[start.start() :]), start[1].lower(), source)
    return msgspec.structs.replace(closed, text=_declare_prefixes(mend_characters(closed.text)))


def _closed(text: str, root: str, source: Source) -> Mended:
    """The document up to its end tag; without one, up to the last complete element of its last item, with tags closed."""
    ends = [end.end() for end in re.finditer(rf"</(?:[\w-]{{1,20}}:)?{root}\s*>", text, re.IGNORECASE)]
    if ends:
        return Mended(text[: ends[-1]])
    last = max((end.end() for end in _ITEM_END.finditer(text)), default=0)
    partial = _up_to_partial_item(text, last)
    kept = partial or text[:last]
    if not kept:
        raise source.cut_short()
    return Mended(kept + _closing_tags(kept, root), broke_off=True, partial=bool(partial))


def _up_to_partial_item(text: str, after: int) -> str:
    """The complete part of the item that starts after an offset, with the item's end tag added; '' if it is of no use."""
    start = _ITEM_TAG.search(text, after)
    ends = list(_ends_of_children(text, start.end())) if start else []
    if start is None or not ends:
        return ""
    begun = _BEGUN.match(text, ends[-1])
    if begun and any(name.startswith(begun[1].lower()) for name in _IDENTIFYING):
        return ""
    return f"{text[: ends[-1]]}</{start[1]}>"


def _ends_of_children(text: str, start: int) -> Iterator[int]:
    """The end of each complete child of the element whose start tag ends at `start`, up to the first misplaced tag."""
    unclosed: list[str] = []
    for tag in _TAG.finditer(text, start):
        is_end, name, is_empty = tag.groups()
        if name is None:  # a comment or CDATA
            continue
        if is_end and (not unclosed or unclosed.pop() != name):
            return
        if not is_end and not is_empty:
            unclosed.append(name)
        if not unclosed:
            yield tag.end()


def _closing_tags(text: str, root: str) -> str:
    """The end tags that a feed lacks after its last item."""
    name = re.match(r"<([\w:-]+)", text)
    open_channel = root == "rss" and not re.search(r"</channel\s*>", text)
    return ("</channel>" if open_channel else "") + f"</{name[1] if name else root}>"


def _declare_prefixes(text: str) -> str:
    """Declare, on the root, the namespace prefixes that are used but not declared."""
    missing = _first(_PREFIX_USED, text) - _first(_PREFIX_DECLARED, text) - {"xml", "xmlns"}
    uris = {prefix: URI_OF.get(prefix.lower(), f"urn:undeclared:{prefix}") for prefix in sorted(missing)}
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in uris.items())
    return re.sub(r"^<[\w:-]+", lambda root: root[0] + declared, text, count=1)


def _first(prefix: re.Pattern[str], text: str) -> set[str]:
    """The different prefixes that a pattern finds, up to the most that a feed may have."""
    found: set[str] = set()
    for match in prefix.finditer(text):
        found.add(match[1])
        if len(found) >= _MOST_PREFIXES:
            break
    return found
