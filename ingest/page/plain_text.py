"""HTML to plain text, for the short texts of feeds and feed lists: titles, summaries, names."""

import re

from lxml import etree

_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|[uo]l|t[rdh]|h[1-6r]|blockquote|figure|figcaption|section)\b)", re.IGNORECASE
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_HTML_PARSER = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
_UNSEEN = ("script", "style", "template", "noscript", "iframe", "object")
_MAYBE_UNSEEN = re.compile("<(?:[sS][cCtT]|[tT][eE]|[nN][oO]|[iI][fF]|[oO][bB])")
"""How their tags begin: searching for that is far quicker than walking the tree."""


def plain_text(markup: str, limit: int) -> str:
    """The text of a piece of HTML, white space collapsed, at most `limit` characters."""
    text = _stripped(markup) if "<" in markup or "&" in markup else markup
    text = _collapsed(text, limit)
    return (text if text.isprintable() else _CONTROL.sub(_mend_control, text)).rstrip()


def _collapsed(text: str, limit: int) -> str:
    """The first `limit` characters of the text with its white space collapsed; twice as many nearly always hold them."""
    head = " ".join(text[: 2 * limit].split())
    if len(head) < limit and len(text) > 2 * limit:
        head = " ".join(text.split())
    return head[:limit]


def _mend_control(found: re.Match[str]) -> str:
    """The meaning of a control character: `&#146;` is often meant as the apostrophe at that position in windows-1252."""
    code = ord(found[0])
    return bytes([code]).decode("cp1252", "ignore") if 0x80 <= code < 0xA0 else ""


def _stripped(markup: str) -> str:
    """HTML without its tags; a block's bounds become spaces."""
    root = etree.fromstring(f"<div>{_BLOCK.sub(' <', markup)}</div>", _HTML_PARSER)
    if _MAYBE_UNSEEN.search(markup):
        etree.strip_elements(root, *_UNSEEN, with_tail=False)
    return etree.tostring(root, method="text", encoding="unicode")
