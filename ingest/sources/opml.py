"""The feed list as OPML 2.0 (http://opml.org/spec2.opml), which every feed reader imports and exports."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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
OURS = frozenset({"type", "text", "title", "xmlurl", "url", "language", "htmlurl", "country", "iscomment"})
"""The attributes, in lower case, that we read and write ourselves."""

COUNTRY = re.compile(r"[A-Z]{2}")
"""A code of ISO 3166-1 alpha-2."""
_Element = etree._Element  # noqa: SLF001 - the only name that lxml has for it
_SCRAPED = re.compile(r"xpath|dotnotation|dotpath", re.IGNORECASE)
"""Marks FreshRSS's types for pages without a feed."""
_START = re.compile(r"<opml[\s>]", re.IGNORECASE)
_ANY_START = re.compile(r"<!?([A-Za-z][\w:.-]{0,40})")


class Refused(msgspec.Struct, frozen=True):
    """A row that can't be polled; it is kept unchanged when the list is written."""

    line: int
    title: str
    reason: str
    folder: str
    attributes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """Its line number, title and error, on one line."""
        return (
            f"line {self.line}, {self.title!r}: {self.reason}"
            if self.title
            else f"line {self.line}: {self.reason}"
        )


class Listed(msgspec.Struct, frozen=True):
    """The content of a feed list."""

    feeds: tuple[Feed, ...] = ()
    """In list order; a feed listed twice counts once, with its data combined."""
    refused: tuple[Refused, ...] = ()


def read_opml(data: bytes, name: str) -> Listed:
    """The feeds of an OPML file, and the rows that are not feeds.

    Args:
        data: the file.
        name: its name, for messages.

    Raises:
        ConfigError: it is not OPML, or has no feed that can be polled; names the file and what was found.
    """
    listed = feeds_in(data, name)
    if listed.feeds:
        return listed
    if not listed.refused:
        raise ConfigError(f"{name}: an OPML file without feeds: no outline in it has an xmlUrl")
    faults = "; ".join(map(str, listed.refused[:FAULTS_NAMED]))
    more = f" (and {len(listed.refused) - FAULTS_NAMED} more)" if len(listed.refused) > FAULTS_NAMED else ""
    raise ConfigError(f"{name}: an OPML file without feeds that can be polled: {faults}{more}")


def feeds_in(data: bytes, name: str) -> Listed:
    """As `read_opml`, but the list may be empty, as after its last feed is removed."""
    feeds, refused = [], []
    for outline, folder in _rows(_root(data, name), ()):
        try:
            feeds.append(_feed(outline, folder))
        except ValueError as error:
            refused.append(_refused(outline, folder, str(error)))
    return Listed(tuple(_merged(feeds)), tuple(refused))


def write_opml(feeds: Sequence[Feed], refused: Iterable[Refused] = ()) -> bytes:
    """The feeds as OPML 2.0 in UTF-8, in their order, in nested folders; neighbours in the same folder share its outline.

    Entries for additional folders, and the refused rows, follow the last feed of their folder.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "wirewatch feeds"
    body = etree.SubElement(root, "body")
    for folder, members in groupby(_outlines(feeds, refused), key=lambda row: row[0]):
        parent = _folder(body, _parts(folder))
        for _, attributes in members:
            etree.SubElement(parent, "outline", attributes)
    etree.indent(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _outlines(feeds: Sequence[Feed], refused: Iterable[Refused]) -> Iterator[tuple[str, dict[str, str]]]:
    """The outlines to be written, each with its folder."""
    last = {feed.folder: place for place, feed in enumerate(feeds)}
    further: dict[int, list[tuple[str, dict[str, str]]]] = defaultdict(list)
    for feed in feeds:
        for folder in feed.more_folders:
            further[last.get(folder, len(feeds))].append((folder, _attributes(feed)))
    for one in refused:
        further[last.get(one.folder, len(feeds))].append((one.folder, dict(one.attributes)))
    for place, feed in enumerate(feeds):
        yield feed.folder, _attributes(feed)
        yield from further[place]
    yield from sorted(further[len(feeds)], key=lambda row: row[0])


def _parts(folder: str) -> list[str]:
    """The names along a folder's path; an irregular path is one name."""
    parts = folder.split("/") if folder else []
    return parts if all(part and part == part.strip() for part in parts) else [folder]


def _folder(body: _Element, path: Sequence[str]) -> _Element:
    """The outline of a folder: the last one if it is on that path, so that the order is kept."""
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
        raise ConfigError(f"{shown(feed.url)} is in the list already, as {known.title or shown(known.url)!r}")
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
    """The root element; anything before it, including a document type, is not read."""
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
    """Describes a file that is not OPML, for a message."""
    if not text.strip():
        return "an empty file"
    start = _ANY_START.search(text)
    if start and start[1].lower() in ("doctype", "html"):
        return "a web page"
    return f"XML with the root {start[1]!r}" if start and text.startswith("<") else f"{text[:40]!r}"


def _rows(parent: _Element, folder: tuple[str, ...]) -> Iterator[tuple[_Element, tuple[str, ...]]]:
    """The outlines that are feeds or should be, each with the titles of its ancestors. libxml2 limits the depth (256)."""
    for child in parent:
        attributes = _lower(child)
        is_outline = str(child.tag).lower() == "outline"
        is_row = bool(_address(attributes)) or (is_outline and _is_page(attributes) and not len(child))
        if is_row:
            yield child, folder
        title = plain_text(attributes.get("text") or attributes.get("title", ""), MAX_NAME)
        yield from _rows(child, (*folder, title) if is_outline and title and not is_row else folder)


def _is_page(attributes: Mapping[str, str]) -> bool:
    """Whether an outline without a feed URL is not a folder either."""
    return any(key in attributes for key in ("xmlurl", "url", "htmlurl"))


def _feed(outline: _Element, folder: tuple[str, ...]) -> Feed:
    """A feed; raises ValueError, with the reason, if the row can't be polled."""
    attributes = _lower(outline)
    _check_kind(attributes)
    return Feed(
        url=_url(_address(attributes)),
        title=_title(attributes),
        language=attributes.get("language", "").strip()[:35],
        folder=_path(attributes, folder),
        site=attributes.get("htmlurl", "").strip()[:MAX_VALUE],
        country=_country(attributes),
        paused=attributes.get("iscomment", "").strip().lower()
        == "true",  # OPML's word for a row that is out of use
        others=tuple(_kept(outline, OURS)),
    )


def _country(attributes: Mapping[str, str]) -> str:
    """The outlet's country; '' if it is not the code of one."""
    written = attributes.get("country", "").strip().upper()
    return written if COUNTRY.fullmatch(written) else ""


def _refused(outline: _Element, folder: tuple[str, ...], reason: str) -> Refused:
    attributes = _lower(outline)
    return Refused(
        line=getattr(outline, "sourceline", None) or 0,  # missing from lxml's stubs
        title=_title(attributes),
        reason=reason,
        folder=_path(attributes, folder),
        attributes=tuple(_kept(outline, frozenset())),
    )


def _check_kind(attributes: Mapping[str, str]) -> None:
    kind, page = attributes.get("type", "").strip(), attributes.get("url") or attributes.get("htmlurl")
    if _SCRAPED.search(kind):
        raise ValueError(
            f"type {kind[:60]!r} is a page that FreshRSS scrapes, not a feed; `wirewatch feeds add` looks for the site's feed"
        )
    if not _address(attributes):
        what = f"only the page {page.strip()[:MAX_NAME]}" if page and page.strip() else "and no page"
        raise ValueError(f"it has no feed address (xmlUrl), {what}")


def _title(attributes: Mapping[str, str]) -> str:
    return plain_text(attributes.get("title") or attributes.get("text", ""), MAX_NAME)


def _path(attributes: Mapping[str, str], folder: tuple[str, ...]) -> str:
    """The folder's path; for a row outside folders, its first category."""
    category = attributes.get("category", "").split(",")[0].strip().strip("/")
    return "/".join(folder) or plain_text(category, MAX_NAME)


def _kept(outline: _Element, ours: Set[str]) -> Iterator[tuple[str, str]]:
    """Attributes of other feed readers, which are kept when the list is written."""
    kept = [
        (str(name), str(value)) for name, value in outline.attrib.items() if str(name).lower() not in ours
    ]
    yield from [(name, value) for name, value in kept if len(name) + len(value) <= MAX_VALUE][:MAX_OTHERS]


def _address(attributes: Mapping[str, str]) -> str:
    """The feed's URL as written; some programs use `url`, which OPML reserves for links."""
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
    """Each feed once: the first occurrence, with missing data filled in from later ones, and in the folders of all."""
    merged: dict[str, Feed] = {}
    for feed in feeds:
        first = merged.setdefault(_key(feed.url), feed)
        missing = {
            name: getattr(first, name) or getattr(feed, name)
            for name in ("title", "language", "site", "country", "others")
        }
        folder, *more = [
            one for one in dict.fromkeys((first.folder, *first.more_folders, feed.folder)) if one
        ] or [""]
        merged[_key(feed.url)] = msgspec.structs.replace(
            first, folder=folder, more_folders=tuple(more), **missing
        )
    return list(merged.values())


def missing(known: Iterable[Feed], feeds: Iterable[Feed]) -> list[Feed]:
    """The feeds that are not known, however their addresses are written."""
    keys = {_key(one.url) for one in known}
    return [one for one in feeds if _key(one.url) not in keys]


def _key(url: str) -> str:
    """The key by which two URLs count as the same feed."""
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
        **({"country": feed.country} if feed.country else {}),
        **({"isComment": "true"} if feed.paused else {}),
    }
