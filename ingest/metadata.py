"""What a page says of itself: schema.org in JSON-LD, OpenGraph and other meta elements, links.

An own reading, of the tree that the text is read from: trafilatura's costs as much again as the text, and its titles are
right on fewer pages.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lxml.html import HtmlElement

from ingest.dates import Dated
from ingest.urls import canonical, host, join

_ARTICLE = re.compile(r"Article|BlogPosting|Report$|LiveBlog")
_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "article.published", "publish-date", "publish_date", "publishdate",
    "pubdate", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_AUTHOR_META = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
_SUMMARY_META = ("og:description", "description", "twitter:description", "dc.description")
_IMAGE_META = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_SITE_META = ("og:site_name", "application-name", "dc.publisher")
_LANGUAGE_META = ("content-language", "og:locale", "dc.language", "language")
_LONGEST_JSON = 500_000  # characters of one JSON-LD block
_MOST_NODES = 500  # JSON-LD objects looked at
_MOST_AUTHORS = 10
_MOST_HEADINGS = 20
_LONGEST: Final = {
    "title": 500,
    "author": 100,
    "site": 100,
    "summary": 2000,
}  # characters; longer ones are no such thing
_SPACE = re.compile(r"\s+")
_BYLINE = re.compile(r"^(?:by|von|par|por|di|door|автор:?)\s+", re.IGNORECASE)
_SUFFIX = re.compile(r"\s+[|·•—–-]\s+([^|·•—–]+)$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Metadata:
    """What a page says of itself; '' where it says nothing.

    Attributes:
        title: the headline.
        authors: names of people, in order.
        site_name: the outlet's name.
        summary: its own description, plain text.
        image: absolute URL of the leading picture.
        language: ISO 639-1 code, as declared.
        canonical: canonical URL, if it is on the page's site and not its home page.
        dates: when it says that it was published, the best first.
    """

    title: str
    authors: tuple[str, ...]
    site_name: str
    summary: str
    image: str
    language: str
    canonical: str
    dates: tuple[Dated, ...]


def read_metadata(tree: HtmlElement, url: str, known_title: str = "") -> Metadata:
    """What the page at `url` says of itself.

    Args:
        tree: the parsed page.
        url: where it was fetched; relative links are meant against it.
        known_title: the headline by which the feed announced it; '' if there was none.
    """
    meta = _meta(tree)
    article = _json_ld_article(tree)
    site = _site_name(meta, article)
    return Metadata(
        title=_title(tree, meta, article, known_title, site),
        authors=_authors(meta, article),
        site_name=site,
        summary=_first(meta, _SUMMARY_META, _LONGEST["summary"])
        or _text(article.get("description"), _LONGEST["summary"]),
        image=_absolute(url, _first(meta, _IMAGE_META, 4096) or _url_of(article.get("image"))),
        language=_language(tree, meta),
        canonical=_canonical(tree, meta, url),
        dates=tuple(_dates(tree, meta, article)),
    )


def same_site(one: str, other: str) -> bool:
    """Whether two http(s) URLs are of one site: equal hosts, or one below the other, `www.` and the like left out."""
    a, b = (re.sub(r"^(?:www|m|amp|mobile)\.", "", host(url)) for url in (one, other))
    return a == b or ("." in b and a.endswith(f".{b}")) or ("." in a and b.endswith(f".{a}"))


def _meta(tree: HtmlElement) -> dict[str, str]:
    """The first content of each meta element, by its name in lower case."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = _clean(element.get("content", ""))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.strip().lower(), content)
    return found


def _json_ld_article(tree: HtmlElement) -> Mapping[str, Any]:
    """The first JSON-LD object of an article type; empty if there is none."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", "") or not script.text or len(script.text) > _LONGEST_JSON:
            continue
        try:
            data = json.loads(script.text, strict=False)  # real pages have raw line breaks in strings
        except (ValueError, RecursionError):
            continue
        for node in _objects(data):
            if any(_ARTICLE.search(kind) for kind in _strings(node.get("@type"))):
                return node
    return {}


def _objects(data: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON-LD document: itself, or those in its lists and @graph."""
    waiting = [data]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node]
        elif isinstance(node, list):
            waiting += node[:_MOST_NODES]


def _strings(value: object) -> list[str]:
    """A JSON value that is a string, or a list of them, as a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _names(value: object) -> list[str]:
    """The names in a JSON-LD value: strings, objects with a name, or lists of these."""
    names: list[str] = []
    for item in (value if isinstance(value, list) else [value])[:_MOST_AUTHORS]:
        name = item.get("name") if isinstance(item, dict) else item
        names += _strings(name)
    return names


def _url_of(value: object) -> str:
    """The first URL in a JSON-LD image: a string, an object with a url, or a list of these."""
    first = value[0] if isinstance(value, list) and value else value
    return _text(first.get("url") if isinstance(first, dict) else first, 4096)


def _title(
    tree: HtmlElement, meta: Mapping[str, str], article: Mapping[str, Any], known: str, site: str
) -> str:
    """The h1 if another source has it too, else what JSON-LD, the meta elements, the h1, the title element or the feed say."""
    limit = _LONGEST["title"]
    headings = [
        text
        for element in islice(tree.iter("h1"), _MOST_HEADINGS)
        if (text := _text(element.text_content(), limit))
    ]
    told = [
        _text(article.get("headline"), limit),
        _first(meta, ("og:title", "twitter:title", "dc.title"), limit),
        known,
    ]
    told = [_without_site(title, site) for title in told if title]
    for heading in headings:
        if any(_contained(heading, title) for title in told):
            return heading
    element = tree.find(".//title")
    window = _text(element.text_content(), limit) if element is not None else ""
    return next(iter([*told[:1], *(headings if len(headings) == 1 else []), _without_site(window, site)]), "")


def _contained(heading: str, title: str) -> bool:
    """Whether the words of one stand in the other, and are the greater part of it."""
    short, long = sorted((" ".join(_WORD.findall(text.casefold())) for text in (heading, title)), key=len)
    return bool(short) and short in long and len(short) * 2 >= len(long)


def _without_site(title: str, site: str) -> str:
    """A title without ' - Name of the site' at its end."""
    found = _SUFFIX.search(title)
    return title[: found.start()] if found and site and found[1].casefold() == site.casefold() else title


def _authors(meta: Mapping[str, str], article: Mapping[str, Any]) -> tuple[str, ...]:
    """Who wrote it, from JSON-LD, else from the meta elements; addresses and URLs are no names."""
    for names in (_names(article.get("author")), [meta.get(key, "") for key in _AUTHOR_META]):
        people = (_BYLINE.sub("", _text(name, _LONGEST["author"])) for name in names)
        if kept := tuple(
            dict.fromkeys(name for name in people if name and "@" not in name and "/" not in name)
        ):
            return kept
    return ()


def _site_name(meta: Mapping[str, str], article: Mapping[str, Any]) -> str:
    """The outlet's name."""
    publisher = next(iter(_names(article.get("publisher"))), "")
    return _first(meta, _SITE_META, _LONGEST["site"]) or _text(publisher, _LONGEST["site"])


def _dates(tree: HtmlElement, meta: Mapping[str, str], article: Mapping[str, Any]) -> Iterator[Dated]:
    """The dates of publishing that are marked as such: JSON-LD first, then meta elements and microdata."""
    for key in ("datePublished", "dateCreated"):
        yield from (Dated(value, "json-ld") for value in _strings(article.get(key)))
    yield from (Dated(meta[key], "meta") for key in _PUBLISHED_META if key in meta)
    marked = tree.xpath('//*[@itemprop="datePublished" or (self::time and @pubdate)][1]')
    yield from (
        Dated(element.get("content") or element.get("datetime") or "", "meta") for element in marked[:1]
    )


def _language(tree: HtmlElement, meta: Mapping[str, str]) -> str:
    """The declared language as an ISO 639-1 code."""
    for tag in (tree.get("lang"), tree.get("xml:lang"), *(meta.get(key) for key in _LANGUAGE_META)):
        if code := primary_language(tag or ""):
            return code
    return ""


def primary_language(tag: str) -> str:
    """The ISO 639-1 code that a language tag (BCP 47, or as real pages write it: `en_US`) begins with; '' if it has none."""
    primary = re.split(r"[-_,; ]", tag.strip().lower(), maxsplit=1)[0]
    return primary if re.fullmatch(r"[a-z]{2}", primary) else ""


def _canonical(tree: HtmlElement, meta: Mapping[str, str], url: str) -> str:
    """The URL that the page names as its own, if it can be: on the same site, and not the home page."""
    links = [
        link.get("href", "")
        for link in tree.iter("link")
        if "canonical" in link.get("rel", "").lower().split()
    ]
    for link in (*links[:1], meta.get("og:url", "")):
        if (own := _absolute(url, link)) and same_site(own, url) and not _is_home(own):
            return own
    return ""


def _is_home(url: str) -> bool:
    """Whether a canonical URL is a site's front page, such as https://example.org/ or https://example.org/en/."""
    path = url.split("/", 3)[3]
    return (
        not path
        or re.fullmatch(r"(?:[a-z]{2}(?:[-_][a-z]{2})?|home|index\.\w+)/?", path, re.IGNORECASE) is not None
    )


def _absolute(base: str, link: str) -> str:
    """The canonical spelling of a link; '' if it is no http(s) URL."""
    try:
        return canonical(join(base, link)) if link.strip() else ""
    except ValueError:
        return ""


def _first(meta: Mapping[str, str], keys: tuple[str, ...], longest: int) -> str:
    """The content of the first of the meta elements that is there."""
    return next((meta[key][:longest] for key in keys if key in meta), "")


def _text(value: object, longest: int) -> str:
    """A JSON value as one line of plain text; '' if it is no string, or too long to be what it should be."""
    text = _clean(html.unescape(value)) if isinstance(value, str) else ""
    return text if len(text) <= longest else ""


def _clean(text: str) -> str:
    """Text with its white space and stray markup taken out."""
    return _SPACE.sub(" ", re.sub(r"<[^<>]{1,200}>", "", text) if "<" in text else text).strip()
