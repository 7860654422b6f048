"""Hits as an Atom feed (RFC 4287): any search can be followed in a feed reader."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree

from results.parts import Hit
from stream.display import visible, without_secrets
from web.links import web_address

_ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACES: Any = {None: _ATOM}  # the stubs know no default namespace


def feed(hits: Iterable[Hit], title: str, address: str, now: datetime) -> bytes:
    """The feed.

    Args:
        hits: the newest first.
        title: of the feed.
        address: of the feed itself, absolute.
        now: when it was made, for one without entries.
    """
    entries = [_entry(hit) for hit in hits]
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACES)
    _child(root, "id", f"urn:wirewatch:search:{hashlib.sha256(title.encode()).hexdigest()[:32]}")
    _child(root, "title", title)
    _child(root, "updated", entries[0].findtext(f"{{{_ATOM}}}updated") if entries else now.isoformat())
    etree.SubElement(root, f"{{{_ATOM}}}link", rel="self", href=address)
    root.extend(entries)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entry(hit: Hit) -> "etree._Element":
    head = hit.article
    entry = etree.Element(f"{{{_ATOM}}}entry", nsmap=_NAMESPACES)
    _child(entry, "id", f"urn:wirewatch:article:{head.id}")
    _child(entry, "title", head.title)
    _child(entry, "updated", (head.published or head.seen).isoformat())
    _child(etree.SubElement(entry, f"{{{_ATOM}}}author"), "name", head.source)
    if link := web_address(head.url):
        etree.SubElement(entry, f"{{{_ATOM}}}link", href=_xml(link))
    for topic in head.topics or ():
        etree.SubElement(entry, f"{{{_ATOM}}}category", term=_xml(topic.id), label=_xml(topic.name))
    if hit.snippet:
        _child(entry, "summary", hit.snippet.text)
    return entry


def _child(parent: "etree._Element", name: str, text: str | None) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}{name}").text = _xml(text or "")


def _xml(text: str) -> str:
    """A text without secrets, and without the characters that XML can't hold: none of them is visible."""
    return visible(without_secrets(text))
