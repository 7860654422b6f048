"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from ingest.formats.bounds import has_too_many_values
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
from ingest.page.plain_text import plain_text

_VERSION = "jsonfeed.org/version/1"
_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*,\s*")
_LONE_SURROGATE = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""An unpaired surrogate escape, and the escaped backslash that may precede what looks like one."""


def read_json(text: str, source: Source) -> ParsedFeed:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/); a field of a wrong type counts as missing.

    From a truncated feed, the complete items are read.
    """
    feed, broke_off = _feed_of(text, source)
    given = _list(feed, "items")
    items = [item for item in given if isinstance(item, dict)]
    author = _json_author(feed)
    link = absolute(_string(feed, "home_page_url"), source.url)
    return ParsedFeed(
        title=plain_text(_string(feed, "title"), MAX_TITLE),
        language=_string(feed, "language")[:MAX_LANGUAGE],
        link=link,
        items=tuple(_item_of_json(item, link or source.url, author, source) for item in items[:MAX_ITEMS]),
        hubs=_hubs(feed, source),
        self_url=absolute(_string(feed, "feed_url"), source.url),
        read_by="json",
        incomplete=broke_off or len(items) > MAX_ITEMS or len(items) < len(given),
    )


def _feed_of(text: str, source: Source) -> tuple[Mapping[str, Any], bool]:
    """The feed's object, and whether it is truncated; raises the error of `Source.unreadable` if the text is not a feed."""
    if has_too_many_values(text):
        raise source.unreadable("JSON with too many values")
    feed, broke_off = _decoded(text, source)
    if not isinstance(feed, dict) or "items" not in feed or not _says_what_it_is(feed):
        raise source.unreadable("JSON of another kind")
    return feed, broke_off


def _decoded(text: str, source: Source) -> tuple[Any, bool]:
    """The parsed text, and whether it is truncated.

    Python's parser accepts what the fast, strict one rejects: raw line breaks in strings, and huge numbers.
    """
    whole = _LONE_SURROGATE.sub(_replaced, text)
    try:
        return msgspec.json.decode(whole.encode("utf-8", "replace")), False
    except msgspec.DecodeError as error:
        strict = error
    except RecursionError:
        raise source.unreadable("JSON nested too deeply") from None
    try:
        return json.loads(whole, strict=False), False
    except (ValueError, RecursionError):
        closed = _up_to_the_break(whole)
    if closed is None:
        raise source.unreadable(f"damaged JSON ({strict})")
    return json.loads(closed, strict=False), True


def _replaced(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("\\\\") else "\\ufffd"


def _up_to_the_break(text: str) -> str | None:
    """The text up to its last complete item, with brackets closed; None if it has none."""
    start = _ITEMS.search(text)
    end, place = 0, start.end() if start else len(text)
    decoder = json.JSONDecoder(strict=False)
    while place < len(text):
        try:
            end = place = decoder.raw_decode(text, place)[1]
        except (ValueError, RecursionError):
            break
        comma = _COMMA.match(text, place)
        place = comma.end() if comma else len(text)
    return f"{text[:end]}]}}" if end else None


def _hubs(feed: Mapping[str, Any], source: Source) -> tuple[str, ...]:
    """The addresses of the feed's WebSub hubs."""
    hubs = [hub for hub in _list(feed, "hubs") if isinstance(hub, dict)]
    addresses = [
        absolute(_string(hub, "url"), source.url) for hub in hubs if _string(hub, "type").lower() == "websub"
    ]
    return tuple(address for address in addresses if address)


def _says_what_it_is(feed: Mapping[str, Any]) -> bool:
    """Whether it has the version that every JSON Feed must have, or else a URL under a name that only feeds use."""
    version = _string(feed, "version")
    return _VERSION in version or (not version and ("home_page_url" in feed or "feed_url" in feed))


def _item_of_json(item: Mapping[str, Any], site: str, feed_author: str, source: Source) -> Item:
    content_text = html.escape(_string(item, "content_text"), quote=False)
    content = _string(item, "content_html") or content_text
    return make_item(
        guid=_string(item, "id"),
        url=absolute(_string(item, "url") or _string(item, "external_url"), site),
        title=html.escape(
            _string(item, "title"), quote=False
        ),  # the specification says that these are plain text
        summary=html.escape(_string(item, "summary"), quote=False) or content,
        author=_json_author(item) or feed_author,
        published=read_date([_string(item, "date_published"), _string(item, "date_modified")], source.latest),
        content_html=content,
    )


def _json_author(item: Mapping[str, Any]) -> str:
    several = item.get("authors")
    people = [*(several if isinstance(several, list) else [several]), item.get("author")]
    return ", ".join(
        dict.fromkeys(name for one in people if isinstance(one, dict) and (name := _string(one, "name")))
    )


def _string(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _list(values: Mapping[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []
