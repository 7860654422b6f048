"""Delivery to an Atom feed (RFC 4287) in a file: any feed reader, or a web server's folder, can take it from there."""

import asyncio
import hashlib
from pathlib import Path

from lxml import etree

from alerts.deliver import Send
from alerts.message import LONGEST, Alert, body, headline
from results import atom
from stream.display import one_line, without_secrets
from stream.errors import RetryLater
from stream.files import edit
from stream.links import web_address


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
    identity = atom.text_of(entry, "id")
    kept = [old for old in _held(before) if atom.text_of(old, "id") != identity]
    root = atom.feed(
        f"urn:wirewatch:feed:{_digest(title)}", title, alert.fired.isoformat(), [entry, *kept[: entries - 1]]
    )
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _held(feed: bytes | None) -> "list[etree._Element]":
    if not feed:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        return etree.fromstring(feed, parser).findall(f"{{{atom.ATOM}}}entry")
    except etree.XMLSyntaxError:
        return []


def _entry(alert: Alert) -> "etree._Element":
    first = alert.mentions[0]
    entry = atom.entry(
        f"urn:wirewatch:alert:{_digest(alert.key)}",
        headline(alert),
        alert.fired.isoformat(),
        one_line(first.source, LONGEST) or "unknown",
        web_address(without_secrets(first.url)),
    )
    atom.categorise(entry, alert.alert)
    atom.add(entry, "content", body(alert))
    return entry


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
