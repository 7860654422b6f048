"""A page's metadata: schema.org in JSON-LD, OpenGraph and other meta elements, links.

We read it ourselves, from the same tree as the text: trafilatura's metadata takes as long as its text, and its titles are
right on fewer pages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from ingest.page.authors import NO_AUTHORS, Authors, read_authors
from ingest.page.dates import Dated
from ingest.page.json_ld import NO_JSON_LD, JsonLd, Node, Own, names, read_json_ld, strings, url_of
from ingest.page.page_text import LONGEST_TITLE, clean, one_line
from ingest.page.titles import NO_TITLE, Title, read_title
from ingest.sites import same_site
from ingest.urls import canonical, host, join

_MOST_HEADINGS = 5
_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "article.published", "publish-date", "publish_date", "publishdate",
    "pubdate", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
)
_SECTION_META = (
    "article:section",
    "og:article:section",
    "parsely-section",
    "sailthru.section",
    "cxenseparse:section",
    "section",
)
_SUMMARY_META = ("og:description", "description", "twitter:description", "dc.description")
_IMAGE_META = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_SITE_META = ("og:site_name", "application-name", "dc.publisher")
_LANGUAGE_META = ("content-language", "og:locale", "dc.language", "language")
_LONGEST: Final = {
    "site": 100,
    "section": 100,
    "summary": 2000,
}  # characters; a longer text is no such thing


@dataclass(frozen=True)
class Metadata:
    """A page's metadata; empty where it has none.

    Attributes:
        title: the headline, and where it was read.
        authors: names of people, in order, and where they were read.
        site_name: the outlet's name.
        section: the outlet's section.
        summary: its own description, plain text.
        image: absolute URL of the leading picture.
        language: ISO 639-1 code, as declared.
        canonical: canonical URL, if it is on the page's site and not its home page.
        dates: the publication dates that it gives, the best first.
        modified: the dates of its last change that it gives, the best first.
        json_ld: what the rest was read from.
        meta: the meta elements' content by their name in lower case.
    """

    title: Title = NO_TITLE
    authors: Authors = NO_AUTHORS
    site_name: str = ""
    section: str = ""
    summary: str = ""
    image: str = ""
    language: str = ""
    canonical: str = ""
    dates: tuple[Dated, ...] = ()
    modified: tuple[Dated, ...] = ()
    json_ld: JsonLd = NO_JSON_LD
    meta: Mapping[str, str] = field(default_factory=dict)


def read_metadata(tree: HtmlElement, url: str, known_title: str = "") -> Metadata:
    """The metadata of the page at `url`.

    Args:
        tree: the parsed page.
        url: where it was fetched; relative links are resolved against it.
        known_title: the headline by which the feed announced it; '' if there was none.
    """
    meta = _meta(tree)
    found = read_json_ld(tree, _own(tree, meta, url, known_title))
    article = found.article
    site = _site_name(meta, found)
    return Metadata(
        title=read_title(
            tree,
            one_line(article.get("headline"), LONGEST_TITLE),
            _first(meta, ("og:title", "twitter:title", "dc.title"), LONGEST_TITLE),
            known_title,
            site,
            host(url),
        ),
        authors=read_authors(tree, _authors(found), meta, site, host(url)),
        site_name=site,
        section=_section(meta, article),
        summary=_first(meta, _SUMMARY_META, _LONGEST["summary"])
        or one_line(article.get("description"), _LONGEST["summary"]),
        image=_absolute(url, _first(meta, _IMAGE_META, 4096) or url_of(article.get("image"))[:4096]),
        language=_language(tree, meta),
        canonical=_canonical(tree, meta, url),
        dates=tuple(_published(tree, meta, found)),
        modified=tuple(_modified(meta, found)),
        json_ld=found,
        meta=meta,
    )


def _authors(found: JsonLd) -> list[str]:
    """The authors in JSON-LD, of the article or else of its page."""
    told = (names(node.get("author"), found.by_id) for node in (found.article, found.page))
    return next(filter(None, told), [])


def _own(tree: HtmlElement, meta: Mapping[str, str], url: str, known_title: str) -> Own:
    """What identifies the page's own article among others that it describes."""
    headings = (clean(one.text_content()) for one in islice(tree.iter("h1"), _MOST_HEADINGS))
    told = (meta.get("og:title", ""), clean(tree.findtext(".//title") or ""), known_title, *headings)
    return Own(
        url,
        tuple(address for address in (*_canonical_links(tree), meta.get("og:url", "")) if address),
        tuple(title for title in dict.fromkeys(told) if 0 < len(title) <= LONGEST_TITLE),
    )


def _meta(tree: HtmlElement) -> dict[str, str]:
    """The first content of each meta element, by its name in lower case."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = clean(element.get("content", ""))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.strip().lower(), content)
    return found


def _site_name(meta: Mapping[str, str], found: JsonLd) -> str:
    """The outlet's name."""
    publisher = next(iter(names(found.article.get("publisher"), found.by_id)), "")
    return _first(meta, _SITE_META, _LONGEST["site"]) or one_line(publisher, _LONGEST["site"])


def _section(meta: Mapping[str, str], article: Node) -> str:
    """The part of the outlet, as JSON-LD or a meta element names it."""
    told = next(iter(strings(article.get("articleSection"))), "")
    named = one_line(told, _LONGEST["section"]) or _first(meta, _SECTION_META, _LONGEST["section"])
    return "" if "/" in named and "http" in named else named


def _published(tree: HtmlElement, meta: Mapping[str, str], found: JsonLd) -> Iterator[Dated]:
    """The dates marked up as dates of publication: JSON-LD first, then meta elements and microdata."""
    for node in (found.article, found.page):
        for key in ("datePublished", "dateCreated"):
            yield from (Dated(value, "json-ld") for value in strings(node.get(key)))
    yield from (Dated(meta[key], "meta") for key in _PUBLISHED_META if key in meta)
    marked = tree.xpath('//*[@itemprop="datePublished" or (self::time and @pubdate)][1]')
    yield from (
        Dated(element.get("content") or element.get("datetime") or "", "meta") for element in marked[:1]
    )


def _modified(meta: Mapping[str, str], found: JsonLd) -> Iterator[Dated]:
    """The dates marked up as dates of the last change."""
    for node in (found.article, found.page):
        yield from (Dated(value, "json-ld") for value in strings(node.get("dateModified")))
    yield from (Dated(meta[key], "meta") for key in _MODIFIED_META if key in meta)


def _language(tree: HtmlElement, meta: Mapping[str, str]) -> str:
    """The declared language as an ISO 639-1 code."""
    for tag in (tree.get("lang"), tree.get("xml:lang"), *(meta.get(key) for key in _LANGUAGE_META)):
        if code := primary_language(tag or ""):
            return code
    return ""


def primary_language(tag: str) -> str:
    """The ISO 639-1 code at the beginning of a language tag (BCP 47, or as real pages write it: `en_US`); '' if it has none."""
    primary = re.split(r"[-_,; ]", tag.strip().lower(), maxsplit=1)[0]
    return primary if re.fullmatch(r"[a-z]{2}", primary) else ""


def _canonical(tree: HtmlElement, meta: Mapping[str, str], url: str) -> str:
    """The URL that the page names as its own, if plausible: on the same site, and not the home page."""
    for link in (*_canonical_links(tree)[:1], meta.get("og:url", "")):
        if (own := _absolute(url, link)) and same_site(own, url) and not _is_home(own):
            return own
    return ""


def _canonical_links(tree: HtmlElement) -> list[str]:
    links = (link for link in tree.iter("link") if "canonical" in link.get("rel", "").lower().split())
    return [link.get("href", "") for link in islice(links, _MOST_HEADINGS)]


def _is_home(url: str) -> bool:
    """Whether a canonical URL is a site's front page, such as https://example.org/ or https://example.org/en/."""
    path = url.split("/", 3)[3]
    return (
        not path
        or re.fullmatch(r"(?:[a-z]{2}(?:[-_][a-z]{2})?|home|index\.\w+)/?", path, re.IGNORECASE) is not None
    )


def _absolute(base: str, link: str) -> str:
    """The canonical spelling of a link; '' if it is not an http(s) URL."""
    try:
        return canonical(join(base, link)) if link.strip() else ""
    except ValueError:
        return ""


def _first(meta: Mapping[str, str], keys: tuple[str, ...], longest: int) -> str:
    """The content of the first of these meta elements that the page has."""
    return next((meta[key][:longest] for key in keys if key in meta), "")
