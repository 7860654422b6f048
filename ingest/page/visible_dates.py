"""The date that a page shows beside its headline: a <time> element, or a short line such as `Stand: 28.04.2020 18:02 Uhr`.

Only dates near the headline, outside sentences and boxes, count: others belong to events, comments or other articles.
"""

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ingest.dates.days import named_day
from ingest.page.page_text import clean

_BEFORE = 12  # texts before the headline that are looked at
_AFTER = 30
_LONGEST_LINE = 120
_UNSEEN = ("script", "style", "noscript", "template", "option")
_NOT_PUBLISHED = re.compile(
    r"updat|modif|aktualis|geändert|actualizad|mis à jour|обновл|aggiornat|release|termin|event|©"
    r"|copyright|born|comment|visited",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset({"aside", "footer", "nav", "form", "table", "blockquote", "figure"})
_ELSEWHERE_BY_NAME = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|comments?|kommentare?|replies|agenda|events?|calendar|kalender|schedule|footer|copyright"
    r"|colophon|sidebar|aside|trending|popular|most-?read|more-?(?:news|stories)|newsletter|archive)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DEPTH = 12  # ancestors that are looked at
_SENTENCE = re.compile(r"[.!?。！？।][\"'”’»)]?$")
_LABEL = re.compile(
    r"\b(?:publish|posted|printed|veröffentlicht|erstellt|stand|publié|paru|publicad|pubblicat|gepubliceerd|geplaatst|opublikowan"
    r"|опубликован|опубліковано|дата|yayın|نشر|発行|公開|发布|發布)",
    re.IGNORECASE,
)
_LABEL_WORDS = 2  # beside the day, of a line that ends as a sentence does


def visible_date(tree: HtmlElement) -> str:
    """The day beside the headline as an ISO date; '' if there is none, or if it is ambiguous."""
    headline = next((one for one in tree.iter("h1") if len(clean(one.text_content())) > 10), None)
    if headline is None:
        return ""
    around = frozenset(headline.iterancestors())
    before = islice(_texts(_before(headline), around), _BEFORE)
    after = islice(_texts(_behind(headline), around), _AFTER)
    for text in (*after, *before):
        if len(text) > _LONGEST_LINE or _NOT_PUBLISHED.search(text) or _is_sentence(text):
            continue
        if day := written_day(text):
            return day
    return ""


def _is_sentence(text: str) -> bool:
    """Whether a line is a sentence that has a day in it, rather than a day with a label."""
    words = [word for word in text.split() if word.isalpha()]
    return bool(_SENTENCE.search(text)) and len(words) > _LABEL_WORDS + 1 and not _LABEL.search(text)


def _is_elsewhere(element: HtmlElement, around: frozenset[HtmlElement]) -> bool:
    """Whether an element is in an unrelated part of the page; elements `around` the headline never are."""
    return any(
        one.tag in _ELSEWHERE
        or _ELSEWHERE_BY_NAME.search(f"{one.get('class', '')} {one.get('id', '')}"[:300])
        for one in (element, *islice(element.iterancestors(), _DEPTH))
        if one not in around
    )


def written_day(text: str) -> str:
    """The first day that a line names, as an ISO date; '' if there is none, or if it is ambiguous (`03/04/2020`)."""
    day = named_day(text)
    return "{:04}-{:02}-{:02}".format(*day) if day else ""


def _behind(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element, and all elements behind it, in the order of the page."""
    root = element.getroottree().getroot()
    seen = False
    for one in root.iter():
        seen = seen or one is element
        if seen:
            yield one


def _before(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements before it, the nearest first: its ancestors' earlier siblings, and what is in them."""
    for ancestor in (element, *islice(element.iterancestors(), 3)):
        for sibling in islice(ancestor.itersiblings(preceding=True), 4):
            yield from islice(sibling.iter(), 20)


def _texts(elements: Iterator[HtmlElement], around: frozenset[HtmlElement]) -> Iterator[str]:
    """The texts of elements; of a <time>, first what it says to machines."""
    for element in elements:
        if not isinstance(element.tag, str) or element.tag in _UNSEEN or _is_elsewhere(element, around):
            continue
        if element.tag == "time" and (machine := element.get("datetime", "").strip()):
            yield machine[:10]
        for text in (element.text, element.tail):
            if text and (line := clean(text)):
                yield line
