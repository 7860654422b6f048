"""Hits as an Atom feed (RFC 4287): any search can be followed in a feed reader."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from results import atom
from results.parts import Hit
from stream.display import visible, without_secrets
from stream.links import web_address
from web.search.formats.about import About


def feed(hits: Iterable[Hit], about: About) -> bytes:
    """The feed; the newest hits come first."""
    found = list(hits)
    identity = f"urn:wirewatch:search:{hashlib.sha256(about.title.encode()).hexdigest()[:32]}"
    updated = max((_updated(hit) for hit in found), default=about.now).isoformat()
    entries = [_entry(hit) for hit in found]
    root = atom.feed(
        identity, _shown(about.title), updated, entries, _shown(about.address), _shown(about.page)
    )
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _entry(hit: Hit) -> "etree._Element":
    head = hit.article
    entry = atom.entry(
        f"urn:wirewatch:article:{head.id}",
        _shown(head.title),
        _updated(hit).isoformat(),
        _shown(head.source),
        web_address(without_secrets(head.url)),
    )
    if head.published:
        atom.add(entry, "published", head.published.isoformat())
    for topic in head.topics or ():
        atom.categorise(entry, _shown(topic.id), _shown(topic.name))
    if hit.snippet:
        atom.add(entry, "summary", _shown(hit.snippet.text))
    return entry


def _updated(hit: Hit) -> datetime:
    """When the article was last found to have changed, or else published."""
    head = hit.article
    return max(time for time in (head.published or head.seen, head.edited, head.withdrawn) if time)


def _shown(text: str) -> str:
    return visible(without_secrets(text))
