"""Boxes of a page that are no part of its article, known by what their class or id calls them: newsletters, cookies, shares.

trafilatura leaves out most of them, but not all, and not where it falls back to reading a page without its rules.
"""

import re
from collections.abc import Iterator
from copy import copy

from lxml.etree import XPath
from lxml.html import HtmlElement

LONGEST = 700
"""Characters of text in a box. What is longer may be an article in a container with an odd name."""
_LONGEST_NAME = 500
_ELEMENTS = ("div", "section", "aside", "form", "ul", "ol", "p", "nav", "footer", "figure")
_NAMES = re.compile(
    r"-(?:newsletters?|subscribe|subscriptions?|sign-?up|share|social|related|up-next|read-more|recommended"
    r"|cookies?|consent|promos?|promotion|adverts?|advertisement|ads?|sponsors?|sponsored|outbrain|taboola"
    r"|popular|trending|donate|donation|login|popup|breadcrumbs?|footer)-"
)
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z]+")
_may_hold_article = XPath(
    "boolean(descendant-or-self::*[self::h1 or self::main or self::article or @itemprop='articleBody'])"
    " or count(descendant::p[string-length(normalize-space()) >= 80]) > 1"
)


def without_boxes(tree: HtmlElement) -> HtmlElement:
    """A copy of a page without its boxes.

    A box is a small element whose class or id has a word such as `newsletter` or `related`, and that holds neither the page's
    headline, nor what is marked as the article, nor two paragraphs of prose.
    """
    pruned = copy(tree)
    for box in list(_boxes(pruned)):
        if box.getparent() is not None:
            box.drop_tree()
    return pruned


def _boxes(tree: HtmlElement) -> Iterator[HtmlElement]:
    return (
        element
        for element in tree.iter(_ELEMENTS)
        if _is_named_so(element) and _is_small(element) and not _may_hold_article(element)
    )


def _is_named_so(element: HtmlElement) -> bool:
    """Whether class or id has a word that names a box."""
    names = f"{element.get('class', '')} {element.get('id', '')}"[:_LONGEST_NAME]
    return _NAMES.search(f"-{_WORD_START.sub('-', names).lower()}-") is not None


def _is_small(element: HtmlElement) -> bool:
    """Whether an element has little text, white space apart."""
    length = 0
    for piece in element.itertext():
        length += len(piece.strip())
        if length > LONGEST:
            return False
    return True
