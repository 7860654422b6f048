"""Turns bytes into an XML tree: charset, strict parsing of untrusted input, and repair of bad characters."""

import html
import re
from html.entities import html5
from xml.sax.saxutils import escape

from lxml import etree

from ingest.page.charsets import decode

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]{1,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARED_WITHIN = 4_096  # bytes
_DOCTYPE = "<!DOCTYPE"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_PIECE = 65_536  # characters
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos);)(#\d{1,8};|#[xX][0-9a-fA-F]{1,7};|\w{1,32};)?",
    re.DOTALL,
)


def text_of(body: bytes, charset: str) -> str:
    """The text of an XML or JSON document; `charset` is what the server declared, '' if it did not."""
    return decode(body, _charset(body, charset)).lstrip("\ufeff \t\r\n\x00")


def _charset(body: bytes, declared: str) -> str:
    """The charset label: HTTP's before the XML declaration's (RFC 7303, 3.2); UTF-16 and UTF-32 are detected (XML 1.0, F)."""
    if body[:4] in (b"<\x00\x00\x00", b"{\x00\x00\x00"):
        return "utf-32-le"
    if body[:4] in (b"\x00\x00\x00<", b"\x00\x00\x00{"):
        return "utf-32-be"
    if body[:2] == b"<\x00":
        return "utf-16-le"
    if body[:2] == b"\x00<":
        return "utf-16-be"
    found = _XML_ENCODING.match(body, 0, _DECLARED_WITHIN)
    return declared or (found[1].decode("ascii") if found else "")


def tree_of(text: str, url: str) -> Element | None:
    """The root of a well-formed XML document without a document type; None if it is malformed."""
    if _DOCTYPE in text:
        return None
    parser = etree.XMLParser(
        encoding="utf-8",  # regardless of the declaration, because it is already decoded
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return None


def mend_characters(text: str) -> str:
    """XML without forbidden characters, with bare `&` escaped and HTML entities replaced."""
    return _AMPERSAND.sub(_mend_reference, _without_illegal(text))


def _without_illegal(text: str) -> str:
    """The text without what XML forbids. Done in pieces, because a substitution first makes a list of all that it keeps."""
    if not _ILLEGAL.search(text):
        return text
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return "".join(_ILLEGAL.sub("", piece) for piece in pieces)


def _mend_reference(found: re.Match[str]) -> str:
    """A bare `&`, an HTML entity or a reference to a character that XML forbids, as XML allows it."""
    reference = found[1]
    if found[0].startswith("<"):
        return found[0]
    if reference is None:
        return "&amp;"
    if reference.startswith("#"):
        return escape(_ILLEGAL.sub("", html.unescape(found[0]).replace("\ufffd", "")))
    return escape(html5[reference]) if reference in html5 else f"&amp;{reference}"
