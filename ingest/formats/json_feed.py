"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import html
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


def read_json(text: str, source: Source) -> ParsedFeed:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/); a field of a wrong type counts as missing."""
    feed = _feed_of(text, source)
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
        incomplete=len(items) > MAX_ITEMS or len(items) < len(given),
    )


def _feed_of(text: str, source: Source) -> Mapping[str, Any]:
    """The feed's object; raises what `Source.unreadable` makes if the text is none."""
    feed = _decoded(text, source)
    if not isinstance(feed, dict) or "items" not in feed or not _says_what_it_is(feed):
        raise source.unreadable("JSON of another kind")
    return feed


def _decoded(text: str, source: Source) -> Any:
    if has_too_many_values(text):
        raise source.unreadable("JSON with too many values")
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except msgspec.DecodeError as error:
        raise source.unreadable(f"damaged JSON ({error})") from None
    except RecursionError:
        raise source.unreadable("JSON nested too deeply") from None


def _hubs(feed: Mapping[str, Any], source: Source) -> tuple[str, ...]:
    """The addresses of the feed's WebSub hubs."""
    hubs = [hub for hub in _list(feed, "hubs") if isinstance(hub, dict)]
    addresses = [
        absolute(_string(hub, "url"), source.url) for hub in hubs if _string(hub, "type").lower() == "websub"
    ]
    return tuple(address for address in addresses if address)


def _says_what_it_is(feed: Mapping[str, Any]) -> bool:
    """Whether it has the version that every JSON Feed must have, or else an address that only feeds have under this name."""
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
    people = [*_list(item, "authors"), item.get("author")]
    return ", ".join(
        dict.fromkeys(name for one in people if isinstance(one, dict) and (name := _string(one, "name")))
    )


def _string(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _list(values: Mapping[str, Any], key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []
