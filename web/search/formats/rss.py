"""Hits as an RSS 2.0 feed, for programs that know no Atom."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from results.parts import Hit
from stream.display import visible, without_secrets
from stream.links import web_address
from web.search.formats.about import About


def feed(hits: Iterable[Hit], about: About) -> bytes:
    """The feed; the newest hits come first."""
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    told = {
        "title": about.title,
        "link": about.page or about.address,
        "description": f"wirewatch: {about.title}",
        "lastBuildDate": _date(about.now),
    }
    for name, text in told.items():
        _add(channel, name, text)
    for hit in hits:
        _add_item(channel, hit)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _add_item(channel: "etree._Element", hit: Hit) -> None:
    head = hit.article
    item = etree.SubElement(channel, "item")
    _add(item, "title", head.title or "(no title)")
    if link := web_address(without_secrets(head.url)):
        _add(item, "link", link)
    etree.SubElement(item, "guid", isPermaLink="false").text = f"urn:wirewatch:article:{head.id}"
    _add(item, "pubDate", _date(head.published or head.seen))
    for topic in head.topics or ():
        _add(item, "category", topic.name)
    words = f"{head.source}: {hit.snippet.text}" if hit.snippet else head.source
    _add(item, "description", words.replace("&", "&amp;").replace("<", "&lt;"))


def _add(parent: "etree._Element", name: str, text: str) -> None:
    etree.SubElement(parent, name).text = visible(without_secrets(text))


def _date(time: datetime) -> str:
    return format_datetime(time)
