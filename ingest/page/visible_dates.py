"""The date that a page shows beside its headline: a <time> element, or a short line such as `Stand: 28.04.2020 18:02 Uhr`.

Only dates near the headline, outside sentences and boxes, count: others belong to events, comments or other articles. If there
is none, a label such as `Published on` counts in a box of the article's own, too: its footer, or an aside.
"""

import re
from collections.abc import Iterator
from itertools import chain, islice

from lxml.html import HtmlElement

from ingest.dates.days import named_day
from ingest.page.page_text import clean
from ingest.page.titles import same_headline

_BEFORE = 12  # texts examined before the headline
_AFTER = 30
_LONGEST_LINE = 120
_LONGEST_LABELLED = 60
_MOST_HEADINGS = 60
_MOST_TEXTS = 4_000
_UNSEEN = ("script", "style", "noscript", "template", "option")
_NOT_PUBLISHED = re.compile(
    r"updat|modif|aktuali[sz]|geändert|actualiza|actualitza|atualiza|mis à jour|обновл|измен|оновл|змінен|aggiornat"
    r"|bijgewerkt|gewijzigd|uppdater|opdater|oppdater|güncelle|تحديث|تعديل|עודכן|به‌?روز|更新|수정"
    r"|release|termin|event|©|copyright|born|comment|visited|verifi|review|bewert",
    re.IGNORECASE,
)
_ELSEWHERE = frozenset({"aside", "footer", "nav", "form", "table", "blockquote", "figure"})
_ELSEWHERE_BY_NAME = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|comments?|kommentare?|replies|agenda|events?|calendar|kalender|schedule|footer|copyright"
    r"|reviews?|ratings?|bewertung(?:en)?|colophon|sidebar|aside|trending|popular|most-?read|more-?(?:news|stories)|newsletter|archive)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ICONS = frozenset({"i", "svg", "time"})  # named after what they show, such as `icon-calendar`
_DEPTH = 12  # ancestors examined
_SENTENCE = re.compile(r"[.!?。！？।][\"'”’»)]?$")
_LABEL = re.compile(
    r"\b(?:publish|posted|printed|veröffentlicht|erschienen|erstellt|stand\b|publié|paru|mise? en ligne|publicad|postado"
    r"|pubblicat|gepubliceerd|geplaatst|opublikowan|data publikacji|опубликован|опубліковано|дата|yayın|نشر|انتشار|פורסם"
    r"|publikov|publicerad|publisert|udgivet|julkaistu|publicat|megjelent|közzétéve|diterbitkan|δημοσ|प्रकाशित"
    r"|発行|公開|发布|發布|입력|등록)",
    re.IGNORECASE,
)
_LABEL_WORDS = 2  # words beside the day, in a line that ends like a sentence


def visible_date(tree: HtmlElement, title: str = "", language: str = "") -> str:
    """The day beside the headline as an ISO date, or else the only day after a label such as `Published on`; '' if there is
    none, or if it is ambiguous.

    Args:
        tree: the page.
        title: the article's headline, as it was read from the page; '' if unknown.
        language: of the page (ISO 639-1); '' if unknown.
    """
    headline = _headline(tree, title)
    return (
        _beside(headline, language)
        or _labelled(tree.iter(), frozenset(), language)
        or _beside(_unmarked(tree, title), language)
        or _in_own_boxes(headline, language)
    )


def _headline(tree: HtmlElement, title: str) -> HtmlElement | None:
    """The heading with the headline, or else the first heading of the highest level."""
    headings = list(islice(tree.iter("h1", "h2", "h3"), _MOST_HEADINGS))
    same = (one for one in headings if title and same_headline(clean(one.text_content()), title))
    first = (one for one in headings if one.tag == "h1" and len(clean(one.text_content())) > 10)
    return next(chain(same, first), None)


def _unmarked(tree: HtmlElement, title: str) -> HtmlElement | None:
    """The first element that has the headline as its text without being a heading."""
    texts = islice(tree.iter("p", "div", "span", "td", "strong", "b", "font"), _MOST_TEXTS)
    return next((one for one in texts if title and same_headline(clean(one.text or ""), title)), None)


def _in_own_boxes(headline: HtmlElement | None, language: str) -> str:
    """The only day after a label in the footers and asides of the article that the headline stands in."""
    article = next(headline.iterancestors("article"), None) if headline is not None else None
    if article is None:
        return ""
    own = [
        one
        for one in article.iter("footer", "aside")
        if next(one.iterancestors("article")) is article
        and (one.tag == "footer" or not _is_elsewhere_by_name(one))
    ]
    return _labelled(chain.from_iterable(one.iter() for one in own), frozenset(own), language)


def _labelled(elements: Iterator[HtmlElement], around: frozenset[HtmlElement], language: str) -> str:
    """The only day after a label among some elements, on the same line or the next."""
    days: set[str] = set()
    before = ""
    for text in islice(_texts(elements, around), _MOST_TEXTS):
        line = text if _is_labelled(text) else f"{before} {text}" if _is_labelled(before) else ""
        is_short = 0 < len(line) <= _LONGEST_LABELLED
        if is_short and (day := written_day(_of_publication(line), language)):
            days.add(day)
        before = text
    return days.pop() if len(days) == 1 else ""


def _is_labelled(text: str) -> bool:
    """Whether a text begins with a label, or with one word before it."""
    found = _LABEL.search(text[:_LONGEST_LABELLED])
    return found is not None and not text.startswith("(") and len(text[: found.start()].split()) <= 1


def _beside(headline: HtmlElement | None, language: str) -> str:
    """The day beside the headline; '' without one."""
    if headline is None:
        return ""
    around = frozenset(headline.iterancestors())
    before = islice(_texts(_before(headline), around), _BEFORE)
    after = islice(_texts(_behind(headline), around), _AFTER)
    for text in (*after, *before):
        if len(text) > _LONGEST_LINE or _is_sentence(text) or text.startswith("http"):
            continue
        if day := written_day(_of_publication(text), language):
            return day
    return ""


def _of_publication(text: str) -> str:
    """The part of a line that may say when the page was published: all of it, or what comes before a word such as `updated` if
    that has a label; otherwise ''."""
    changed = _NOT_PUBLISHED.search(text)
    before = text[: changed.start()] if changed else text
    return before if not changed or _LABEL.search(before) else ""


def _is_sentence(text: str) -> bool:
    """Whether a line is a sentence that mentions a day, rather than a day with a label."""
    words = [word for word in text.split() if word.isalpha()]
    return bool(_SENTENCE.search(text)) and len(words) > _LABEL_WORDS + 1 and not _LABEL.search(text)


def _is_elsewhere(element: HtmlElement, around: frozenset[HtmlElement]) -> bool:
    """Whether an element is in an unrelated part of the page; elements `around` the headline never count as such."""
    return any(
        one.tag in _ELSEWHERE or _is_elsewhere_by_name(one)
        for one in (element, *islice(element.iterancestors(), _DEPTH))
        if one not in around and one.tag not in _ICONS
    )


def _is_elsewhere_by_name(element: HtmlElement) -> bool:
    return _ELSEWHERE_BY_NAME.search(f"{element.get('class', '')} {element.get('id', '')}"[:300]) is not None


def written_day(text: str, language: str = "") -> str:
    """The first day that a line in a language names, as an ISO date; '' if there is none, or if it is ambiguous."""
    day = named_day(text, language)
    return "{:04}-{:02}-{:02}".format(*day) if day else ""


def _behind(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and all elements after it, in page order."""
    root = element.getroottree().getroot()
    seen = False
    for one in root.iter():
        seen = seen or one is element
        if seen:
            yield one


def _before(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements before it, nearest first: its ancestors' earlier siblings, and their descendants."""
    for ancestor in (element, *islice(element.iterancestors(), 3)):
        for sibling in islice(ancestor.itersiblings(preceding=True), 4):
            yield from islice(sibling.iter(), 20)


def _texts(elements: Iterator[HtmlElement], around: frozenset[HtmlElement]) -> Iterator[str]:
    """The texts of elements; for a <time>, its datetime attribute first."""
    for element in elements:
        if not isinstance(element.tag, str) or element.tag in _UNSEEN or _is_elsewhere(element, around):
            continue
        if element.tag == "time" and (machine := element.get("datetime", "").strip()):
            yield machine[:10]
        if element.text and (line := clean(element.text)):
            yield line
        if element.tail and (line := clean(element.tail)):
            yield line
