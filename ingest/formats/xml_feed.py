"""From the XML tree of RSS 0.9x, 1.0, 2.0 or Atom 0.3, 1.0 to items."""

import html
import re
from collections.abc import Iterator

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
_PUBLISHED = (
    *("published", "pubdate", "dc:date", "dcterms:issued", "issued", "dcterms:created", "created"),
    *("updated", "modified", "dcterms:modified"),
)


def read_tree(root: Element, source: Source, *, read_by: ReadBy) -> ParsedFeed:
    """What a feed's tree says; `read_by` is how it was come by."""
    top = children_of(root)
    about = {**top, **(children_of(top["channel"][0]) if "channel" in top else {})}
    elements = _items_in(root)
    link = absolute(_link_of(about), source.url)
    author = _author(about)
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
    """The items and entries of a feed, wherever they stand; those in capital letters if there are no others."""
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
        feed_author: holds for Atom entries that name none (RFC 4287, 4.2.1).
        source: where the feed came from.
    """
    fields = children_of(element)
    media = children_of(fields["media:group"][0]) if "media:group" in fields else {}
    content = first_of(fields, *_CONTENT)
    full = markup_of(content)
    summary = markup_of(first_of(fields, *_SUMMARY)) or full or markup_of(first_of(media, *_SUMMARY))
    is_entry = name_of(str(element.tag)) == "entry"
    return make_item(
        guid=text_in(first_of(fields, "guid", "id", "dc:identifier")) or element.get(RDF_ABOUT, ""),
        url=_item_url(element, fields, source.url if is_entry else site),
        title=markup_of(first_of(fields, *_TITLE)),
        summary=summary,
        author=_author(fields) or (feed_author if is_entry else ""),
        published=read_date(
            (text_in(first_of(fields, name)) for name in _PUBLISHED if name in fields), source.latest
        ),
        content_html="" if content is None else _as_html(content, full),
    )


def _item_url(element: Element, fields: Fields, base: str) -> str:
    link = _link_of(fields) or _address_elsewhere(element, fields)
    if is_absolute(link):
        return absolute(link, base)
    has_base = any(XML_BASE in ancestor.attrib for ancestor in (element, *element.iterancestors()))
    return absolute(link, (element.base or base) if has_base else base)


def _address_elsewhere(element: Element, fields: Fields) -> str:
    """The address of an item without a link, where another of its parts is a URL; '' if none is.

    That of an id counts although it should be none (`isPermaLink`): an article is more easily lost than a request.
    """
    behind = (
        link.tail for link in fields.get("link", ()) if not link.text
    )  # HTML's writers leave <link> empty
    places = (text_in(first_of(fields, "guid", "id")), element.get(RDF_ABOUT), *behind)
    return next((text.strip() for text in places if text and is_absolute(text.strip())), "")


def _link_of(fields: Fields) -> str:
    """The address of an item's or a site's page: RSS has it as text, Atom in `href`; FeedBurner hides the true one."""
    if original := text_in(first_of(fields, "feedburner:origlink")):
        return original
    links = fields.get("link", ())
    for link in links:
        if link.get("href") is None and (written := text_in(link)):
            return written
    alternates = [link for link in links if link.get("href") and link.get("rel", "alternate") == "alternate"]
    pages = (link for link in alternates if "html" in link.get("type", "html"))
    page = next(pages, alternates[0] if alternates else None)
    return "" if page is None else page.get("href", "").strip()


def _related(fields: Fields, relation: str, source: Source) -> Iterator[str]:
    """The addresses of a feed's links of one relation, such as `hub`; RSS borrows Atom's element for them."""
    for link in fields.get("link", []):
        url = absolute(link.get("href", "").strip(), source.url)
        if url and relation in link.get("rel", "").lower().split():
            yield url


def _author(fields: Fields) -> str:
    """All names of the first of the elements that has any."""
    for field in _AUTHOR:
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
    """What is written in it as HTML; Atom's plain text is escaped, what lies elsewhere or is no text is left out."""
    kind = content.get("type", "html" if name_of(str(content.tag)) != "content" else "text").lower()
    if kind in ("text", "text/plain"):
        return html.escape(written, quote=False)
    return written if "html" in kind else ""
