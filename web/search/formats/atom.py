"""Hits as an Atom feed (RFC 4287): any search can be followed in a feed reader."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from results import atom
from results.parts import Hit
from stream.display import visible, without_secrets
from stream.links import web_address


def feed(hits: Iterable[Hit], title: str, address: str, now: datetime) -> bytes:
    """The feed.

    Args:
        hits: the newest first.
        title: of the feed.
        address: of the feed itself, absolute; '' if it has none.
        now: when it was made, for one without entries.
    """
    entries = [_entry(hit) for hit in hits]
    identity = f"urn:wirewatch:search:{hashlib.sha256(title.encode()).hexdigest()[:32]}"
    updated = atom.text_of(entries[0], "updated") if entries else now.isoformat()
    root = atom.feed(identity, _shown(title), updated, entries, _shown(address))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entry(hit: Hit) -> "etree._Element":
    head = hit.article
    entry = atom.entry(
        f"urn:wirewatch:article:{head.id}",
        _shown(head.title),
        (head.published or head.seen).isoformat(),
        _shown(head.source),
        web_address(without_secrets(head.url)),
    )
    for topic in head.topics or ():
        atom.categorise(entry, _shown(topic.id), _shown(topic.name))
    if hit.snippet:
        atom.add(entry, "summary", _shown(hit.snippet.text))
    return entry


def _shown(text: str) -> str:
    return visible(without_secrets(text))
