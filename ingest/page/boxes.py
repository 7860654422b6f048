"""Removes boxes that are not part of the article, recognised by their class or id: newsletters, cookies, sharing.

trafilatura removes most of them, but not all, and none when it falls back to reading a page without its rules.
"""

import re
from collections.abc import Iterator
from copy import copy
from functools import lru_cache

from lxml.etree import XPath, iterwalk, strip_elements
from lxml.html import HtmlElement

LONGEST = 700
"""Maximum characters in a box; longer text may be an article in an oddly named container."""
_LONGEST_NAME = 500
_ELEMENTS = (
    *("div", "section", "aside", "form", "ul", "ol", "dl", "p", "nav", "footer", "figure"),
    *(
        "span",
        "small",
        "blockquote",
        "figcaption",
        "template",
        "button",
        "label",
        "address",
        "h2",
        "h3",
        "h4",
    ),
)
_TEXTLESS = (
    *(
        "style",
        "svg",
        "iframe",
        "select",
        "object",
        "noscript",
        "meta",
        "link",
        "img",
        "picture",
        "source",
        "video",
        "audio",
    ),
    *("canvas", "input", "map", "embed"),
)
_ALWAYS = frozenset({"aside", "footer", "form", "nav", "figcaption", "template", "button", "label"})
"""Elements that are always boxes, whatever their names."""
_NAMES = re.compile(
    r"-(?:newsletters?|subscribe|subscriptions?|sign-?up|shar(?:e|ing)|sharedaddy|social|related|relatedposts?|up-next"
    r"|next-?(?:post|story|article)|prev-?(?:post|story|article)|read-more|readmore|recommended|recommendations?"
    r"|cookies?|consent|privacy|promos?|promotion|adverts?|advertisement|ads?|anzeige|werbung|publicidad|sponsors?|sponsored"
    r"|outbrain|taboola|popular|trending|most-read|donate|donation|login|popup|popmake|modal|overlay|breadcrumbs?|footer|colophon"
    r"|comments?|commentform|kommentare?|respond|reply|disqus|captions?|copyrights?|credits?|author|authors|bio|biography"
    r"|ratings?|likes?|widgets?|textwidget|sidebar|menu|navigation|navbar|nav|search|cta|call-to-action|nocontent|tags|disclosure"
    r"|disclaimer|instagram-media|fb-post|tiktok-embed|reading-?time|screen-reader-text|sr-only|visually-hidden)-"
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
    _strip_code(pruned)
    for box in list(_boxes(pruned)):
        box.drop_tree()
    return pruned


def _strip_code(tree: HtmlElement) -> None:
    """Take out elements that hold no article text: they would be copied and walked again and again. JSON-LD stays, because it
    may hold an article.
    """
    strip_elements(tree, *_TEXTLESS, with_tail=False)
    for script in list(tree.iter("script")):
        if "json" not in script.get("type", ""):
            script.drop_tree()


def _boxes(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The outermost boxes."""
    walk = iterwalk(tree, events=("start",), tag=_ELEMENTS)
    for _, element in walk:
        if (
            (element.tag in _ALWAYS or _is_named_so(element.get("class", ""), element.get("id", "")))
            and element.getparent() is not None
            and _is_small(element)
            and not _may_hold_article(element)
        ):
            walk.skip_subtree()
            yield element


@lru_cache(maxsize=4096)  # the same names recur on a page, and across a site's pages
def _is_named_so(class_: str, id_: str) -> bool:
    """Whether class or id has a word that names a box."""
    if not class_ and not id_:
        return False
    names = f"{class_} {id_}"[:_LONGEST_NAME]
    return _NAMES.search(f"-{_WORD_START.sub('-', names).lower()}-") is not None


def _is_small(element: HtmlElement) -> bool:
    """Whether an element has little text, not counting white space."""
    length = 0
    for piece in element.itertext():
        length += len(piece.strip())
        if length > LONGEST:
            return False
    return True
