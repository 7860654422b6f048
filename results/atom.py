"""What all our Atom feeds (RFC 4287) are made of."""

from collections.abc import Iterable
from typing import Any

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACES: Any = {None: ATOM}  # the stubs know no default namespace


def feed(
    identity: str,
    title: str,
    updated: str,
    entries: Iterable["etree._Element"],
    address: str = "",
    page: str = "",
) -> "etree._Element":
    """A feed.

    Args:
        identity: an IRI that stays the same.
        title: for readers.
        updated: RFC 3339.
        entries: the newest first.
        address: of the feed itself, absolute; '' if it has none.
        page: that shows the same to readers, absolute; '' if there is none.
    """
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_NAMESPACES)
    add(root, "id", identity)
    add(root, "title", title)
    add(root, "updated", updated)
    if address:
        etree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=_xml(address))
    if page:
        etree.SubElement(root, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=_xml(page))
    root.extend(list(entries))
    return root


def entry(identity: str, title: str, updated: str, author: str, link: str) -> "etree._Element":
    """An entry; `link` is '' if it leads nowhere."""
    made = etree.Element(f"{{{ATOM}}}entry", nsmap=_NAMESPACES)
    add(made, "id", identity)
    add(made, "title", title)
    add(made, "updated", updated)
    add(etree.SubElement(made, f"{{{ATOM}}}author"), "name", author)
    if link:
        etree.SubElement(made, f"{{{ATOM}}}link", href=_xml(link))
    return made


def categorise(made: "etree._Element", term: str, label: str = "") -> None:
    """Give an entry a category."""
    category = etree.SubElement(made, f"{{{ATOM}}}category", term=_xml(term))
    if label:
        category.set("label", _xml(label))


def add(parent: "etree._Element", name: str, text: str) -> None:
    """Give an element a child with a text."""
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = _xml(text)


def text_of(parent: "etree._Element", name: str) -> str:
    """The text of a child; '' if there is none."""
    return parent.findtext(f"{{{ATOM}}}{name}") or ""


def _xml(text: str) -> str:
    """The text without the characters that XML can't hold: control characters, surrogates."""
    return "".join(
        char
        for char in text
        if char in "\n\t" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
    )
