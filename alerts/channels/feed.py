"""Delivery to an Atom feed (RFC 4287) in a file: any feed reader, or a web server's folder, can take it from there."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from lxml import etree

from alerts.deliver import Send
from alerts.forms import web_address
from alerts.message import LONGEST, Alert, body, headline
from stream.display import one_line, without_secrets
from stream.errors import RetryLater
from stream.files import edit

_ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACES: Any = {None: _ATOM}  # the stubs know no default namespace


def feed(path: Path, title: str, entries: int) -> Send:
    """Makes a function that adds alerts at the top of a feed, which keeps the last `entries` of them."""
    turn = asyncio.Lock()

    async def send(alert: Alert) -> None:
        async with turn:
            try:
                await asyncio.to_thread(_add, path, title, entries, alert)
            except OSError as error:
                raise RetryLater(
                    "file", f"channel {alert.channel}: {path} can't be written: {error.strerror}"
                ) from error

    return send


def _add(path: Path, title: str, entries: int, alert: Alert) -> None:
    """Replace the file in one step. A file that is not our feed (an edit went wrong) is started over."""
    edit(path, lambda before: _with(before, title, entries, alert))


def _with(before: bytes | None, title: str, entries: int, alert: Alert) -> bytes:
    """The feed with one more entry."""
    entry = _entry(alert)
    identity = entry.findtext(f"{{{_ATOM}}}id")
    kept = [old for old in _held(before) if old.findtext(f"{{{_ATOM}}}id") != identity]
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACES)
    _child(root, "id", f"urn:wirewatch:feed:{_digest(title)}")
    _child(root, "title", title)
    _child(root, "updated", alert.fired.isoformat())
    root.extend([entry, *kept[: entries - 1]])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _held(feed: bytes | None) -> "list[etree._Element]":
    if not feed:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        return etree.fromstring(feed, parser).findall(f"{{{_ATOM}}}entry")
    except etree.XMLSyntaxError:
        return []


def _entry(alert: Alert) -> "etree._Element":
    first = alert.mentions[0]
    entry = etree.Element(f"{{{_ATOM}}}entry", nsmap=_NAMESPACES)
    _child(entry, "id", f"urn:wirewatch:alert:{_digest(alert.key)}")
    _child(entry, "title", headline(alert))
    _child(entry, "updated", alert.fired.isoformat())
    author = etree.SubElement(entry, f"{{{_ATOM}}}author")
    _child(author, "name", one_line(first.source, LONGEST) or "unknown")
    link = web_address(without_secrets(first.url))
    if link:
        etree.SubElement(entry, f"{{{_ATOM}}}link", href=link)
    etree.SubElement(entry, f"{{{_ATOM}}}category", term=_xml(alert.alert))
    _child(entry, "content", body(alert))
    return entry


def _child(parent: "etree._Element", name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}{name}").text = _xml(text)


def _xml(text: str) -> str:
    """A text without characters that XML can't hold: control characters, surrogates."""
    return "".join(
        char
        for char in text
        if char in "\n\t" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
