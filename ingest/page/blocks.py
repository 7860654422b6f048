"""Splits a page into blocks, which are runs of text that no block-level element interrupts, with their surroundings.

Takes time in proportion to the page's size; the caller limits its elements and their depth.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from ingest.page.page_text import INVISIBLE, UNSEEN

_BREAKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "br",
            "button",
            "center",
            "dd",
            "details",
            "dialog",
        ),
        *(
            "dir",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "frameset",
            "h1",
            "h2",
        ),
        *(
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hgroup",
            "hr",
            "html",
            "label",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
        ),
        *("ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_TEXTLESS = frozenset(
    (
        *(
            "audio",
            "canvas",
            "embed",
            "head",
            "iframe",
            "input",
            "map",
            "math",
            "noscript",
            "object",
            "option",
        ),
        *("script", "select", "style", "svg", "template", "textarea", "title", "video"),
        *("rp", "rt"),  # readings printed beside Japanese words
    )
)
_LONGEST_NAME = 300
_WHOLE = frozenset({"html", "body"})
_TELLING = frozenset({"itemprop", "hidden", "aria-hidden", "style"})
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")
_ELEMENTS = (
    "article",
    "main",
    "aside",
    "nav",
    "footer",
    "header",
    "form",
    "figure",
    "table",
    "li",
    "blockquote",
)
_NAMES = {
    "body": "article-?body|body-?text|story-?body|entry-?content|post-?content|article-?content|article-?text|content-?body"
    "|rich-?text|prose|paragraph",
    "content": "article|content|entry|post|story|text|body|main|beitrag|artikel|artikeltext|inhalt|texto|nota|cuerpo|detail",
    "lead": "leads?|lede|teaser-?text|intro|introtext|introduction|standfirst|decks?|dek|excerpt|sub-?title|subheadline|summary"
    "|abstract|vorspann|anriss|bajada|chapo",
    "teaser": "teasers?|cards?|tiles?|items?|lists?|grid|related|recommend(?:ed|ations?)|more|mehr|latest|popular|trending"
    "|read-?more|next|prev|previous|archive|feed",
    "comment": "comments?|commentlist|kommentare?|respond|reply|disqus|discussion|forum",
    "sharing": "shar(?:e|ing)|social|follow|newsletters?|subscri(?:be|ptions?)|sign-?up|login|register|donat(?:e|ion)|promos?"
    "|cta|spenden",
    "advert": "ads?|adverts?|advertisement|anzeige|werbung|sponsor(?:ed)?|banner|affiliate",
    "meta": "meta|metadata|date|time|byline|authors?|autor|bio|info|tags?|categor(?:y|ies)|credits?|copyrights?|source|caption"
    "|bild|image|gallery",
    "consent": "cookies?|consent|gdpr|privacy|datenschutz|cmp",
    "chrome": "nav|navigation|menu|footer|header|sidebar|widgets?|breadcrumbs?|modal|popup|overlay|search|pagination|pager"
    "|toolbar|legal|disclaimer|imprint|hidden|sr-only|screen-reader-text",
}
SIGNS = (*_ELEMENTS, *_NAMES, "hidden", "itemprop")
"""What an element may indicate about the text within it; each is a bit of a container's `signs`."""
BIT = {sign: 1 << place for place, sign in enumerate(SIGNS)}
"""The bit of each sign."""
_NAMED = [(re.compile(rf"-(?:{words})(?=-)"), BIT[sign]) for sign, words in _NAMES.items()]


@dataclass(slots=True)
class Container:
    """A block-level element.

    Attributes:
        parent: its place in `Blocks.containers`; the outermost is its own parent.
        depth: of nested containers.
        tag: the element's.
        look: a number for tag and class, the same for containers of one kind.
        signs: the signs of the element and of all elements around it.
        chars: how many characters of text are within.
        linked: of these, in links.
        blocks: how many blocks are within.
    """

    parent: int
    depth: int
    tag: str
    look: int
    signs: int
    chars: int = 0
    linked: int = 0
    blocks: int = 0


@dataclass(slots=True)
class Block:
    """A run of text.

    Attributes:
        text: with its white space collapsed; never empty.
        container: the innermost, by its place in `Blocks.containers`.
        linked: characters in links.
    """

    text: str
    container: int
    linked: int


@dataclass(slots=True)
class Blocks:
    """A page's blocks in order, and their containers, outer ones first."""

    blocks: list[Block] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)


def read_blocks(tree: HtmlElement) -> Blocks:
    """The blocks of a page or of a part of it."""
    reader = _Reader()
    reader.walk(tree, reader.open(tree, 0), linked=False)
    reader.flush(0)
    found = Blocks(reader.blocks, reader.containers)
    _add_up(found)
    return found


class _Reader:
    """Walks a tree and collects its blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.containers: list[Container] = []
        self._looks: dict[tuple[str, str], int] = {}
        self._pieces: list[str] = []
        self._linked = 0

    def open(self, element: HtmlElement, parent: int) -> int:
        """Record a container; returns its place."""
        tag = element.tag
        attributes = dict(element.items())
        class_ = attributes.get("class", "")[:_LONGEST_NAME]
        look = self._looks.setdefault((tag, class_), len(self._looks))
        if tag in _WHOLE:  # their names describe the site, not a part of the page
            self.containers.append(Container(parent, 0, tag, look, 0))
            return len(self.containers) - 1
        signs = _signs(tag, class_, attributes.get("id", "")[:_LONGEST_NAME])
        if attributes.keys() & _TELLING:
            signs |= _marked(attributes)
        if self.containers:
            signs |= self.containers[parent].signs
        depth = self.containers[parent].depth + 1 if self.containers else 0
        self.containers.append(Container(parent, depth, tag, look, signs))
        return len(self.containers) - 1

    def walk(self, element: HtmlElement, container: int, *, linked: bool) -> None:
        """Collect an element's text."""
        self._add(element.text, linked=linked)
        for child in element:
            tag = child.tag
            if tag in _BREAKS:
                if self._pieces:
                    self.flush(container)
                if len(child) or child.text:
                    inner = self.open(child, container)
                    self.walk(child, inner, linked=linked)
                    if self._pieces:
                        self.flush(inner)
            elif tag.__class__ is str and tag not in _TEXTLESS:
                self.walk(child, container, linked=linked or tag == "a")
            self._add(child.tail, linked=linked)

    def flush(self, container: int) -> None:
        """End the block."""
        text = " ".join("".join(self._pieces).split())
        if not text.isascii() and INVISIBLE.search(text):
            text = " ".join(text.translate(UNSEEN).split())
        if text:
            self.blocks.append(Block(text, container, min(self._linked, len(text))))
        self._pieces.clear()
        self._linked = 0

    def _add(self, text: str | None, *, linked: bool) -> None:
        if text and not text.isspace():
            self._pieces.append(text)
            self._linked += linked and len(text)
        elif text and self._pieces:
            self._pieces.append(" ")


def _add_up(found: Blocks) -> None:
    """Count what is within each container."""
    containers = found.containers
    for block in found.blocks:
        inner = containers[block.container]
        inner.chars += len(block.text)
        inner.linked += block.linked
        inner.blocks += 1
    for inner in reversed(containers[1:]):
        outer = containers[inner.parent]
        outer.chars += inner.chars
        outer.linked += inner.linked
        outer.blocks += inner.blocks


def _marked(attributes: Mapping[str, str]) -> int:
    """The signs in attributes other than class and id."""
    signs = 0
    if "articlebody" in attributes.get("itemprop", "").lower():
        signs |= BIT["itemprop"]
    is_hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    if is_hidden or _NOT_SHOWN.search(attributes.get("style", "")[:_LONGEST_NAME]):
        signs |= BIT["hidden"]
    return signs


@lru_cache(maxsize=4096)  # the same names recur on a page, and across a site's pages
def _signs(tag: str, class_: str, id_: str) -> int:
    signs = BIT.get(tag, 0) if tag in _ELEMENTS else 0
    if class_ or id_:
        names = f"-{_WORD_START.sub('-', f'{class_} {id_}').lower()}-"
        for pattern, bit in _NAMED:
            if pattern.search(names):
                signs |= bit
    return signs
