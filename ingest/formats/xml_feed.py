"""Turns the XML tree of RSS 0.9x, 1.0, 2.0 or Atom 0.3, 1.0 into items."""

import html
import re
from collections.abc import Iterator, Sequence

from lxml import etree

from ingest.formats.dates import read_date
from ingest.formats.elements import (
    RDF_ABOUT,
    XML_BASE,
    XML_LANG,
    Fields,
    children_of,
    first_of,
    markup_of,
    name_of,
    text_in,
)
from ingest.formats.items import (
    MAX_AUTHOR,
    MAX_ITEMS,
    MAX_LANGUAGE,
    MAX_TITLE,
    Item,
    ParsedFeed,
    ReadBy,
    Source,
    absolute,
    is_absolute,
    make_item,
    skipped_days,
    skipped_hours,
    ttl_seconds,
)
from ingest.formats.xml_text import Element
from ingest.page.plain_text import plain_text

_TITLE = ("title", "dc:title", "media:title", "itunes:title")
_SUMMARY = ("summary", "description", "dc:description", "media:description", "itunes:summary")
_CONTENT = ("content:encoded", "content", "xhtml:body", "fulltext")
_AUTHOR = ("author", "dc:creator", "dc:author", "itunes:author", "managingeditor", "webmaster")
_WRITERS = ("dc:creator", "dc:author")
"""The author of a whole RSS feed; its other elements name an editor, a webmaster or a company."""
_PUBLISHED = (
    *("published", "pubdate", "dc:date", "dcterms:issued", "issued", "dcterms:created", "created"),
    *("updated", "modified", "dcterms:modified"),
)


def read_tree(root: Element, source: Source, *, read_by: ReadBy) -> ParsedFeed:
    """The content of a feed's tree; `read_by` names the reader that produced it."""
    top = children_of(root)
    about = {**top, **(children_of(top["channel"][0]) if "channel" in top else {})}
    elements = _items_in(root)
    link = absolute(_link_of(about), source.url)
    is_atom = name_of(str(root.tag)) == "feed"
    author = _author(about, _AUTHOR if is_atom else _WRITERS)
    language = text_in(first_of(about, "language", "dc:language")) or root.get(XML_LANG, "").strip()
    return ParsedFeed(
        title=plain_text(markup_of(first_of(about, *_TITLE)), MAX_TITLE),
        language=language[:MAX_LANGUAGE],
        link=link,
        ttl=ttl_seconds(text_in(first_of(about, "ttl"))),
        skip_hours=skipped_hours(_named(about, "skiphours", "hour")),
        skip_days=skipped_days(_named(about, "skipdays", "day")),
        items=tuple(
            _item_of(element, link or source.url, author, source) for element in elements[:MAX_ITEMS]
        ),
        hubs=tuple(_related(about, "hub", source)),
        self_url=next(_related(about, "self", source), ""),
        read_by=read_by,
        incomplete=len(elements) > MAX_ITEMS,
    )


def _items_in(root: Element) -> list[Element]:
    """The items and entries of a feed, wherever they are; upper-case elements if there are no others."""
    found = [one for one in root.iter("{*}item", "{*}entry") if name_of(str(one.tag)) in ("item", "entry")]
    return found or [one for one in root.iter(etree.Element) if name_of(str(one.tag)) in ("item", "entry")]


def _named(about: Fields, listed: str, name: str) -> list[str]:
    """The texts in a list of the feed, such as the hours in `skipHours`."""
    around = first_of(about, listed)
    return [] if around is None else [text_in(one) for one in children_of(around).get(name, ())]


def _item_of(element: Element, site: str, feed_author: str, source: Source) -> Item:
    """One item.

    Args:
        element: its element.
        site: what relative links of RSS are resolved against; Atom's go by `xml:base` (RFC 4287, 2).
        feed_author: the default for items without an author (RFC 4287, 4.2.1).
        source: where the feed came from.
    """
    fields = children_of(element)
    media = children_of(fields["media:group"][0]) if "media:group" in fields else {}
    content = first_of(fields, *_CONTENT)
    full = markup_of(content)
    summary = markup_of(first_of(fields, *_SUMMARY)) or full or markup_of(first_of(media, *_SUMMARY))
    is_entry = name_of(str(element.tag)) == "entry"
    url = _item_url(element, fields, source.url if is_entry else site)
    return make_item(
        guid=text_in(first_of(fields, "guid", "id", "dc:identifier")) or element.get(RDF_ABOUT, ""),
        url=url,
        enclosure="" if url else next(_enclosures(fields, source.url if is_entry else site), ""),
        title=markup_of(first_of(fields, *_TITLE)),
        summary=summary,
        author=_author(fields) or feed_author,
        published=read_date(
            (text_in(first_of(fields, name)) for name in _PUBLISHED if name in fields), source.latest
        ),
        content_html="" if content is None else _as_html(content, full),
    )


def _item_url(element: Element, fields: Fields, base: str) -> str:
    """The URL of an item's page; a relative one is resolved against the nearest `xml:base`, or else `base`."""
    place = _link_in(fields)
    link = _written(place) if place is not None else _address_elsewhere(element, fields)
    if is_absolute(link):
        return absolute(link, base)
    inner = element if place is None else place
    has_base = any(XML_BASE in ancestor.attrib for ancestor in (inner, *inner.iterancestors()))
    return absolute(link, (inner.base or base) if has_base else base)


def _address_elsewhere(element: Element, fields: Fields) -> str:
    """The URL of an item without a link, taken from another element; '' if there is none.

    An id counts even if it is marked as not a URL (`isPermaLink`): losing an article is worse than a wasted request.
    """
    behind = (
        link.tail for link in fields.get("link", ()) if not link.text
    )  # HTML's writers leave <link> empty
    elsewhere = [content.get("src") for content in fields.get("content", ())]  # Atom's, RFC 4287, 4.1.3.2
    elsewhere += [one.get("url") for one in fields.get("enclosure", ()) if "html" in one.get("type", "")]
    places = (text_in(first_of(fields, "guid", "id")), element.get(RDF_ABOUT), *behind, *elsewhere)
    found = (text.strip() for text in places if text and is_absolute(text.strip()))
    return next(found, _relative_id(fields))


def _relative_id(fields: Fields) -> str:
    """An RSS item's id if it is a path on the site, unless it is marked as not a URL; otherwise ''."""
    guid = first_of(fields, "guid")
    path = text_in(guid)
    is_address = guid is not None and guid.get("isPermaLink", "true").lower() != "false"
    return path if is_address and path.startswith("/") and not path.startswith("//") else ""


def _link_of(fields: Fields) -> str:
    """The address of an item's or a site's page; '' if it has none."""
    place = _link_in(fields)
    return "" if place is None else _written(place)


def _link_in(fields: Fields) -> Element | None:
    """The element with the URL of the page: RSS has it as text, Atom in `href`; FeedBurner hides the real one.

    If Atom has several, the HTML page is chosen, preferably in the feed's own language.
    """
    original = first_of(fields, "feedburner:origlink")
    if original is not None and text_in(original):
        return original
    links = fields.get("link", ())
    for link in links:
        if link.get("href") is None and text_in(link):
            return link
    alternates = [link for link in links if link.get("href") and "alternate" in _relations(link)]
    pages = [link for link in alternates if "html" in link.get("type", "html")] or alternates
    return next((link for link in pages if not link.get("hreflang")), next(iter(pages), None))


def _written(link: Element) -> str:
    """The URL in a link element."""
    return (link.get("href") or text_in(link)).strip()


def _relations(link: Element) -> list[str]:
    """The relation of a link to its entry, such as `alternate` (RFC 4287, 4.2.7.2); some write the registry's full URI."""
    return [name.rpartition("/")[2] for name in link.get("rel", "alternate").lower().split()]


def _enclosures(fields: Fields, base: str) -> Iterator[str]:
    """The URLs of an item's attached files: RSS's `enclosure`, Atom's links, Media RSS's `content`."""
    links = (link.get("href") for link in fields.get("link", ()) if "enclosure" in _relations(link))
    media = (one.get("url") for name in ("enclosure", "media:content") for one in fields.get(name, ()))
    for link in (*media, *links):
        if url := absolute((link or "").strip(), base):
            yield url


def _related(fields: Fields, relation: str, source: Source) -> Iterator[str]:
    """The addresses of a feed's links of one relation, such as `hub`; RSS borrows Atom's element for them."""
    for link in fields.get("link", []):
        url = absolute(link.get("href", "").strip(), source.url)
        if url and relation in link.get("rel", "").lower().split():
            yield url


def _author(fields: Fields, elements: Sequence[str] = _AUTHOR) -> str:
    """All names in the first element that has any."""
    for field in elements:
        if field in fields:
            names = dict.fromkeys(name for person in fields[field] if (name := _person(person)))
            if names:
                return ", ".join(names)
    return ""


def _person(element: Element) -> str:
    """The name of a person: Atom's child `name`, or RSS's `address (name)`."""
    parts = children_of(element) if len(element) else {}
    text = text_in(first_of(parts, "name", "email")) or markup_of(element).strip()
    mailbox = re.fullmatch(r"[^\s@()]+@[^\s@()]+\s*\(([^()]*)\)", text[:MAX_AUTHOR])
    return mailbox[1].strip() if mailbox else text


def _as_html(content: Element, written: str) -> str:
    """The content as HTML; Atom's plain text is escaped, external or non-text content is left out."""
    kind = content.get("type", "html" if name_of(str(content.tag)) != "content" else "text").lower()
    if kind in ("text", "text/plain"):
        return html.escape(written, quote=False)
    return written if "html" in kind else ""
