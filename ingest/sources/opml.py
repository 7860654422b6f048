"""The feed list as OPML 2.0 (http://opml.org/spec2.opml), which every feed reader imports and exports."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec
from lxml import etree

from ingest.formats.xml_text import mend_characters, text_of, tree_of
from ingest.page.plain_text import plain_text
from ingest.sources.feed import Feed
from ingest.urls import canonical, normal, shown
from stream.errors import ConfigError

MAX_BYTES = 20_000_000
MAX_NAME = 300
MAX_VALUE = 2_000
MAX_OTHERS = 30
FAULTS_NAMED = 5
OURS = frozenset({"type", "text", "title", "xmlurl", "url", "language", "htmlurl"})
"""The attributes, in lower case, that we read and write ourselves."""

_Element = etree._Element  # noqa: SLF001 - the only name that lxml has for it
_START = re.compile(r"<opml[\s>]", re.IGNORECASE)
_ANY_START = re.compile(r"<!?([A-Za-z][\w:.-]{0,40})")


def read_opml(data: bytes, name: str) -> list[Feed]:
    """The feeds of an OPML file, in its order; one that is there twice counts once, with all that is said of it.

    Args:
        data: the file.
        name: its name, for messages.

    Raises:
        ConfigError: it is no OPML, has no feeds, or an outline whose address can't be one; names the file and what was found.
    """
    feeds = feeds_in(data, name)
    if not feeds:
        raise ConfigError(f"{name}: an OPML file without feeds: no outline in it has an xmlUrl")
    return feeds


def feeds_in(data: bytes, name: str) -> list[Feed]:
    """As `read_opml`, but a list may be empty: what is left when its last feed was removed."""
    root = _root(data, name)
    feeds, faults = [], []
    for outline, folder in _outlines(root, ()):
        try:
            feeds.append(_feed(outline, folder))
        except ValueError as error:
            faults.append(f"line {outline.sourceline}: {error}")
    if faults:
        more = f" (and {len(faults) - FAULTS_NAMED} more)" if len(faults) > FAULTS_NAMED else ""
        raise ConfigError(f"{name}: {'; '.join(faults[:FAULTS_NAMED])}{more}")
    return _merged(feeds)


def write_opml(feeds: Iterable[Feed]) -> bytes:
    """The feeds as OPML 2.0 in UTF-8, in their order, in nested folders; neighbours in the same folder share its outline."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "wirewatch feeds"
    body = etree.SubElement(root, "body")
    for folder, members in groupby(feeds, key=lambda feed: feed.folder):
        parent = _folder(body, _parts(folder))
        for feed in members:
            etree.SubElement(parent, "outline", _attributes(feed))
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _parts(folder: str) -> list[str]:
    """The names along a folder's path; what is no clean path is one name."""
    parts = folder.split("/") if folder else []
    return parts if all(part and part == part.strip() for part in parts) else [folder]


def _folder(body: _Element, path: Sequence[str]) -> _Element:
    """The outline of a folder: the last one there is, where it is on that path, so that the order stays."""
    parent = body
    for name in path:
        last = parent[-1] if len(parent) else None
        if last is None or last.get("xmlUrl") or last.get("text") != name:
            last = etree.SubElement(parent, "outline", text=name, title=name)
        parent = last
    return parent


def add(feeds: Sequence[Feed], feed: Feed) -> list[Feed]:
    """The list with one more feed, after the last one in its folder; ConfigError if it is there already."""
    known = next((one for one in feeds if _key(one.url) == _key(feed.url)), None)
    if known:
        raise ConfigError(
            f"{shown(feed.url)} is in the feed list already, as {known.title or shown(known.url)!r}"
        )
    same = [place for place, one in enumerate(feeds) if one.folder == feed.folder]
    place = same[-1] + 1 if same else len(feeds)
    return [*feeds[:place], feed, *feeds[place:]]


def remove(feeds: Sequence[Feed], which: str) -> list[Feed]:
    """The list without the feed of that URL, or else of that title (without regard to case).

    Raises ConfigError if there is none, or several of that title.
    """
    found = [feed for feed in feeds if _key(feed.url) == _key(which)]
    found = found or [feed for feed in feeds if feed.title.casefold() == which.strip().casefold()]
    if not found:
        raise ConfigError(f"the feed list has no feed with the URL or title {which!r}")
    if len(found) > 1:
        urls = ", ".join(shown(feed.url) for feed in found)
        raise ConfigError(
            f"the feed list has {len(found)} feeds called {which!r}: name one by its URL ({urls})"
        )
    return [feed for feed in feeds if feed is not found[0]]


def _root(data: bytes, name: str) -> _Element:
    """The root element; what precedes it, a document type too, is not read."""
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name}: expected an OPML file, found {len(data):,} bytes (at most {MAX_BYTES:,})")
    text = text_of(data, "")
    start = _START.search(text)
    if start is None:
        raise ConfigError(f"{name}: expected an OPML file, found {_kind_of(text)}")
    lines_before = "\n" * text.count(
        "\n", 0, start.start()
    )  # so that faults are reported with the right line
    text = lines_before + text[start.start() :]
    root = tree_of(text, name)
    if root is None:
        root = tree_of(mend_characters(text), name)
    if root is None:
        raise ConfigError(f"{name}: an OPML file that is damaged or cut off: its XML is not well-formed")
    return root


def _kind_of(text: str) -> str:
    """What a file is that is no OPML, for a message."""
    if not text.strip():
        return "an empty file"
    start = _ANY_START.search(text)
    if start and start[1].lower() in ("doctype", "html"):
        return "a web page"
    return f"XML with the root {start[1]!r}" if start and text.startswith("<") else f"{text[:40]!r}"


def _outlines(parent: _Element, folder: tuple[str, ...]) -> Iterator[tuple[_Element, tuple[str, ...]]]:
    """The outlines that are feeds, each with the titles of those around it. libxml2 bounds the depth (256)."""
    for child in parent:
        attributes = _lower(child)
        if _address(attributes):
            yield child, folder
        title = plain_text(attributes.get("text") or attributes.get("title", ""), MAX_NAME)
        is_folder = str(child.tag).lower() == "outline" and title and not _address(attributes)
        yield from _outlines(child, (*folder, title) if is_folder else folder)


def _feed(outline: _Element, folder: tuple[str, ...]) -> Feed:
    """A feed; raises ValueError if its address is none."""
    attributes = _lower(outline)
    category = attributes.get("category", "").split(",")[0].strip().strip("/")
    return Feed(
        url=_url(_address(attributes)),
        title=plain_text(attributes.get("title") or attributes.get("text", ""), MAX_NAME),
        language=attributes.get("language", "").strip()[:35],
        folder="/".join(folder) or plain_text(category, MAX_NAME),
        site=attributes.get("htmlurl", "").strip()[:MAX_VALUE],
        others=tuple(_others(outline)),
    )


def _others(outline: _Element) -> Iterator[tuple[str, str]]:
    """Attributes that mean something to another reader: they go back into the list when it is written."""
    kept = [
        (str(name), str(value)) for name, value in outline.attrib.items() if str(name).lower() not in OURS
    ]
    yield from [(name, value) for name, value in kept if len(name) + len(value) <= MAX_VALUE][:MAX_OTHERS]


def _address(attributes: Mapping[str, str]) -> str:
    """The feed's address as written; some write it as `url`, which in OPML belongs to links."""
    is_feed = attributes.get("type", "").lower() in ("rss", "atom", "feed")
    return (attributes.get("xmlurl") or (attributes.get("url", "") if is_feed else "")).strip()


def _url(written: str) -> str:
    """The URL in its normal form; readers also write `feed://host` and `feed:https://host`."""
    plain = re.sub(r"^feed:(?://)?(?=https?:)", "", written, flags=re.IGNORECASE)
    plain = re.sub(r"^feed://", "http://", plain, flags=re.IGNORECASE)
    return normal(plain)


def _lower(outline: _Element) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in outline.attrib.items()}


def _merged(feeds: Iterable[Feed]) -> list[Feed]:
    """Each feed once: the first of its kind, with what it lacks taken from the later ones."""
    merged: dict[str, Feed] = {}
    for feed in feeds:
        first = merged.setdefault(_key(feed.url), feed)
        missing = {
            name: getattr(first, name) or getattr(feed, name)
            for name in ("title", "language", "folder", "site", "others")
        }
        merged[_key(feed.url)] = msgspec.structs.replace(first, **missing)
    return list(merged.values())


def _key(url: str) -> str:
    """What makes two addresses the same feed."""
    try:
        return canonical(url)
    except ValueError:
        return url


def _attributes(feed: Feed) -> dict[str, str]:
    title = feed.title or feed.url
    language = {"language": feed.language} if feed.language else {}
    site = {"htmlUrl": feed.site} if feed.site else {}
    return {
        **dict(feed.others),
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": feed.url,
        **site,
        **language,
    }
