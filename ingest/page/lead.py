"""The lead (standfirst, deck) of an article: the paragraph between the headline and the body, which many pages keep outside it.

On half of trafilatura's evaluation pages it was the largest part of the text that extraction missed.
"""

import re
from collections.abc import Iterator
from itertools import dropwhile

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.page.furniture import normalise

_SHORTEST = 40
_SHORTEST_NAMED = 70  # of one recognised only by its name: sites' slogans have such names, too
_LONGEST = 1200  # characters of a lead
_MOST_BLOCKS = 80  # blocks examined after the headline
_SAME = 50  # characters at their start that make two texts the same
_LINKED = 0.4  # the largest share of a lead's text in links
_BLOCKS = ("p", "div", "section", "h2", "h3", "h4", "h5", "h6", "strong", "span", "td")
_holds_blocks = XPath(
    "boolean(descendant::*[self::p or self::div or self::section or self::ul or self::ol or self::h2 or self::h3 or self::h4])"
)
_NAMES = re.compile(
    r"-(?:leads?|lede|teaser-?text|teaser|article-?teaser|intro|introtext|introduction|standfirst|decks?|dek|excerpt|sub-?title|sub-?line"
    r"|sub-?head|subheadline|subheading|sub-?headline|summary|sapo|chapo|chapeau|abstract|bajada|copete|entradilla|vorspann|anriss"
    r"|ingress|manchet|short-?info|strapline|synopsis)-"
)
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")
_SPACE = re.compile(r"\s+")


def with_lead(text: str, tree: HtmlElement, description: str) -> str:
    """The text with the article's lead as its first line, if the page has one that the text lacks.

    Args:
        text: the article's body, one paragraph per line.
        tree: the page, without its boxes.
        description: the article's description in the meta elements; a paragraph with the same text is a lead.
    """
    first = normalise(text.partition("\n")[0][:_LONGEST])[:_SAME]
    described = normalise(description)[:_SAME]
    held = _SPACE.sub(" ", text.replace("’", "'")).casefold()
    for block, content in _after_headline(tree):
        plain = normalise(content)
        if first and plain.startswith(first):
            break
        if plain[:_SAME] in held or not _is_lead(block, plain, described):
            continue
        return f"{content}\n{text}"
    return text


def _after_headline(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """The innermost blocks after the page's first headline, with their text."""
    headline = next(tree.iter("h1"), None)
    if headline is None:
        return
    seen = 0
    for block in dropwhile(lambda element: element is not headline, tree.iter("h1", *_BLOCKS)):
        if block.tag == "h1" or _holds_blocks(block):
            continue
        seen += 1
        if seen > _MOST_BLOCKS:
            return
        content = _SPACE.sub(" ", block.text_content()).strip()
        if _SHORTEST <= len(content) <= _LONGEST:
            yield block, content


def _is_lead(block: HtmlElement, plain: str, described: str) -> bool:
    """Whether a block is named as a lead, or repeats the page's description."""
    linked = sum(len(link.text_content()) for link in block.iter("a"))
    if linked > _LINKED * len(plain):
        return False
    if len(described) >= _SHORTEST and plain.startswith(described):
        return True
    if len(plain) < _SHORTEST_NAMED:
        return False
    around = [block, *list(block.iterancestors())[:2]]
    names = " ".join(f"{one.get('class', '')} {one.get('id', '')}" for one in around)[:500]
    return _NAMES.search(f"-{_WORD_START.sub('-', names).lower()}-") is not None
