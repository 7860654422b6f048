"""The elements of RSS and Atom by name, whatever their namespace and prefix, and their content."""

import base64
from collections.abc import Mapping
from functools import lru_cache

from lxml import etree

from ingest.formats.xml_text import Element

_PREFIX_OF = {
    # The core of every format has no prefix, so that RSS and Atom are read alike.
    **dict.fromkeys(
        [
            "",
            "http://www.w3.org/2005/atom",
            "http://purl.org/atom/ns",
            "http://purl.org/rss/1.0",
            "http://my.netscape.com/rdf/simple/0.9",
            "http://channel.netscape.com/rdf/simple/0.9",
            "http://backend.userland.com/rss",
            "http://backend.userland.com/rss2",
            "http://blogs.law.harvard.edu/tech/rss",
        ],
        "",
    ),
    "http://purl.org/dc/elements/1.1": "dc:",
    "http://purl.org/dc/terms": "dcterms:",
    "http://purl.org/rss/1.0/modules/content": "content:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}
URI_OF = {prefix[:-1]: uri for uri, prefix in _PREFIX_OF.items() if prefix} | {
    "atom": "http://www.w3.org/2005/Atom"
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"

_MOST_NAMES = 500
Fields = Mapping[str, list[Element]]


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str:
    """An element's name in lower case with the usual prefix of its namespace, such as `dc:creator`; '?:' if unknown."""
    uri, _, local = tag.rpartition("}")
    uri = uri.lstrip("{").lower().replace("https://", "http://").rstrip("/#")
    return _PREFIX_OF.get(uri, "?:") + local.lower()


def children_of(element: Element) -> Fields:
    """The children by name, up to a limit on different names that no honest feed reaches."""
    fields: dict[str, list[Element]] = {}
    for child in element:
        if isinstance(child.tag, str):
            name = name_of(child.tag)
            if name in fields or len(fields) < _MOST_NAMES:
                fields.setdefault(name, []).append(child)
    return fields


def first_of(fields: Fields, *names: str) -> Element | None:
    """The first element, in order of the names, that is not empty."""
    for name in names:
        for element in fields.get(name, ()):
            text = element.text  # lxml creates a new string on each access
            if (text and not text.isspace()) or len(element):
                return element
    return None


def markup_of(element: Element | None) -> str:
    """The content of an element: its text, or its children serialised (Atom's XHTML, and unescaped HTML)."""
    if element is None:
        return ""
    if element.get("mode") == "base64":
        return _of_base64(element.text or "")
    if len(element) == 0:
        return element.text or ""
    if len(element) == 1 and name_of(str(element[0].tag)) == "xhtml:div":
        return markup_of(element[0])
    children = (etree.tostring(child, encoding="unicode") for child in element)
    return (element.text or "") + "".join(children)


def _of_base64(text: str) -> str:
    """Decodes the content of Atom 0.3 with mode="base64"; unchanged if it is not base64."""
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except ValueError:
        return text


def text_in(element: Element | None) -> str:
    """The text of an element that should contain only text."""
    return "" if element is None else (element.text or "").strip()
