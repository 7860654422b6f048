"""Classifies the page that a text comes from: an article, a teaser, a live blog and so on, or not an article at all.

Pure functions of the page's metadata (JSON-LD, meta elements), of marker phrases in the languages of the feeds
(data/markers.toml), and of the amount of text.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice

from lxml.html import HtmlElement

from ingest.page.json_ld import JsonLd
from stream.messages import ContentStatus

_WHOLE_PAGE = 400
_FEW_WORDS = 130  # words of a page that is a demand, an error or a consent page rather than an article
_HARDLY_ANY = 25
FEW_WORDS = 220
"""Words that a paywall shows. A longer text is judged without the page's other words."""
_DECLARED_TEASER_WORDS = 400  # words, if the page itself says that it is not free
_CAPTIONED_WORDS = 250  # words of a gallery's or a video's description
_CONSENT_MARKS = 2
_MOST_TEXTS = 20_000
_LOOKED_AT = 100_000  # characters of a page
_SPACE = re.compile(r"\s+")
_CODE_404 = re.compile(r"^\W*404\W*(?:$|[|:–-])")


@dataclass(frozen=True)
class Markers:
    """Words and parts of addresses that identify kinds of pages, by kind, in lower case."""

    words: Mapping[str, tuple[str, ...]]
    title: Mapping[str, tuple[str, ...]]
    path: Mapping[str, tuple[str, ...]]


def load_markers(data: str) -> Markers:
    """The markers of a file such as data/markers.toml."""
    parts = {
        part: {kind: tuple(marks) for kind, marks in kinds.items()}
        for part, kinds in tomllib.loads(data).items()
    }
    return Markers(parts["words"], parts["title"], parts["path"])


MARKERS = load_markers(files("ingest.page").joinpath("data/markers.toml").read_text("utf-8"))
"""The markers that come with wirewatch."""


@dataclass(frozen=True)
class Seen:
    """What is known about a page.

    Attributes:
        url: of the page.
        title: the article's headline.
        window: the window's title.
        text: the article's text.
        words: how many words it has.
        visible: all text of the page, if the article has few words; else ''.
        og_type: the meta element og:type.
        tier: the meta element article:content_tier.
        json_ld: the page's JSON-LD.
    """

    url: str
    title: str
    window: str
    text: str
    words: int
    visible: str
    og_type: str
    tier: str
    json_ld: JsonLd


def visible_text(tree: HtmlElement) -> str:
    """The text of a page; of a long page, the beginning."""
    return " ".join(islice(_visible(tree), _MOST_TEXTS))


def _visible(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter():
        if (
            isinstance(element.tag, str)
            and element.tag not in ("script", "style", "head", "title")
            and element.text
        ):
            yield element.text
        if element.tail:
            yield element.tail


def no_article(seen: Seen, markers: Markers = MARKERS) -> str:
    """Why the page can't contain an article, as the end of a sentence; '' if it can."""
    if seen.words > _FEW_WORDS:
        return ""
    titles = _plain(f"{seen.title} \n {seen.window}")
    if mark := _mark(titles, markers.words["missing"]):
        return f"is an error page served with a success status: {mark!r}"
    if any(_CODE_404.match(_plain(title)) for title in (seen.title, seen.window)):
        return "is an error page served with a success status: '404'"
    plain = _plain(seen.visible[:_LOOKED_AT])
    if seen.words > _HARDLY_ANY or len(plain.split()) > _WHOLE_PAGE:
        plain = _plain(seen.text)  # a noscript line on a complete page is not a demand
    if mark := _mark(plain, markers.words["blocked"]):
        return f"holds no article but a demand to the browser: {mark!r}"
    return ""


def content_status(seen: Seen, markers: Markers = MARKERS) -> ContentStatus:
    """The kind of page that an article was read from."""
    address = seen.url.lower()
    if "LiveBlogPosting" in seen.json_ld.types or _mark(address, markers.path["live"]):
        return "live"
    if _mark(_plain(seen.title), markers.title["live"]):
        return "live"
    plain = _plain(seen.visible[:_LOOKED_AT])
    demanded = (
        plain if seen.words <= _HARDLY_ANY else _plain(seen.text)
    )  # an article's page may have a banner too
    if seen.words <= _FEW_WORDS and _consent_marks(demanded, markers) >= _CONSENT_MARKS:
        return "consent"
    if _is_teaser(seen, plain, markers):
        return "teaser"
    if seen.words <= _CAPTIONED_WORDS:
        return _of_pictures(seen, address, markers)
    return "full"


def _consent_marks(plain: str, markers: Markers) -> int:
    """How many consent markers a text has. A number of partners, for which IAB Europe's TCF 2.2 asks, counts as two marks."""
    partners = markers.words["partners"]
    is_counted = any(_counted(mark).search(plain) for mark in partners)
    return _CONSENT_MARKS * is_counted + _marks(plain, (*markers.words["consent"], *partners))


@lru_cache(64)
def _counted(mark: str) -> re.Pattern[str]:
    """A mark such as `we and our partner` with a number before its last word: `we and our (up to 842) advertising partners`."""
    before, _, last = mark.rpartition(" ")
    return re.compile(rf"{re.escape(before)}[^.!?]{{0,40}}\d[^!?]{{0,40}}\b{re.escape(last)}")


def _is_teaser(seen: Seen, plain: str, markers: Markers) -> bool:
    """Whether the text is only what a paywall shows of an article."""
    is_closed = _is_not_free(seen.json_ld) or seen.tier == "locked"
    if is_closed and seen.words <= _DECLARED_TEASER_WORDS:
        return True
    return seen.words <= FEW_WORDS and _mark(plain, markers.words["paywall"]) != ""


def _is_not_free(json_ld: JsonLd) -> bool:
    """Whether JSON-LD says, in one of the forms that real pages use, that the article is not free to read."""
    declared = [node.get("isAccessibleForFree") for node in (json_ld.article, json_ld.page)]
    return any(
        str(value).lower() in ("false", "http://schema.org/false", "https://schema.org/false")
        for value in declared
    )


def _of_pictures(seen: Seen, address: str, markers: Markers) -> ContentStatus:
    """Whether a page with little text is a gallery or a video."""
    kind = str(seen.json_ld.article.get("@type"))
    if "Gallery" in kind or seen.json_ld.types & {"ImageGallery", "MediaGallery"}:
        return "gallery"
    if _mark(address, markers.path["gallery"]) or "gallery" in seen.og_type:
        return "gallery"
    if "Video" in kind or seen.og_type.startswith("video") or _mark(address, markers.path["video"]):
        return "video"
    return "full"


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.replace("’", "'")).strip().lower()


def _mark(plain: str, marks: tuple[str, ...]) -> str:
    """The first of the marks in the text; '' if there is none."""
    return next((mark for mark in marks if mark in plain), "")


def _marks(plain: str, marks: tuple[str, ...]) -> int:
    """How many of the marks the text has."""
    return sum(mark in plain for mark in marks)
