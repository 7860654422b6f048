"""Finds the text of an article: which of a page's paragraphs belong to it.

The page, without its boxes, goes through trafilatura's fast mode. If that covers little of the page's prose, the thorough mode
gives a second opinion, and if hardly anything is found, the page is read again with its boxes. The lead, which is often
outside the body, is put in front, and furniture lines are removed. From this first reading, the model of blocks drops lines,
and it adds paragraphs that were left out. Measured by bench/extraction.py.
"""

from copy import copy
from typing import NamedTuple

import trafilatura
from lxml.html import HtmlElement
from trafilatura.metadata import Document

from ingest.page.block_model import default_model
from ingest.page.boxes import without_boxes
from ingest.page.chosen_lines import with_chosen_lines
from ingest.page.furniture import without_furniture
from ingest.page.lead import with_lead

PROSE = 80
"""Minimum characters of a paragraph to count as prose, not as a caption or label."""
_COVERED = 0.25
"""Share of the page's prose below which the fast result is doubted. Above it, the model of blocks adds what is missing: 0.6
gave texts no better, at more CPU."""
_SHORT = 200
"""Characters below which a text is hardly an article."""


class MainText(NamedTuple):
    """An article's text, and what it was read from.

    Attributes:
        text: one paragraph per line; '' if there is none.
        page: the page without its boxes.
    """

    text: str
    page: HtmlElement


def main_text(tree: HtmlElement, url: str, title: str, description: str) -> MainText:
    """The article's text.

    Args:
        tree: the page; it is left as it is.
        url: where it was fetched.
        title: the article's headline.
        description: what the page's meta elements say of the article.
    """
    text, page = first_reading(tree, url, title, description)
    return MainText(with_chosen_lines(text, page, title, description, default_model()), page)


def first_reading(tree: HtmlElement, url: str, title: str, description: str) -> MainText:
    """The article's text by trafilatura and by rules alone; takes the arguments of `main_text`."""
    page = without_boxes(tree)
    text = without_furniture(_read(page, url, fast=True), title)
    if len(text) < _COVERED * _prose(page):
        text = without_furniture(_read(page, url, fast=False), title) or text
    if len(text) < _SHORT:
        whole = _without_headed_asides(tree)
        text = max(text, without_furniture(_read(whole, url, fast=False), title), key=_weight)
    return MainText(with_lead(text, page, description) if text else "", page)


def _read(tree: HtmlElement, url: str, *, fast: bool) -> str:
    """The main text by trafilatura, one paragraph per line, without readers' comments; '' if it finds none."""
    document = trafilatura.bare_extraction(tree, url=url, include_comments=False, fast=fast)
    return (document.text or "") if isinstance(document, Document) else ""


def _without_headed_asides(tree: HtmlElement) -> HtmlElement:
    """The page with each `aside` that holds the headline and prose turned into an `article`; the page itself if there is
    none."""
    if not any(_is_headed(aside) for aside in tree.iter("aside")):
        return tree
    page = copy(tree)
    for aside in [one for one in page.iter("aside") if _is_headed(one)]:
        aside.tag = "article"
    return page


def _is_headed(aside: HtmlElement) -> bool:
    return aside.find(".//h1") is not None and _prose(aside) >= _SHORT


def _prose(tree: HtmlElement) -> int:
    """How many characters of prose a page has."""
    lengths = (len(paragraph.text_content().strip()) for paragraph in tree.iter("p"))
    return sum(length for length in lengths if length >= PROSE)


def _weight(text: str) -> int:
    """How many characters of prose a text has."""
    return sum(len(line) for line in text.split("\n") if len(line) >= PROSE)
