"""Finds the authors of an article in JSON-LD and meta elements, or else in the byline."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.page.page_text import clean
from ingest.page.titles import is_site_name
from stream.messages import Origin

_META = (
    *("author", "article:author", "og:article:author", "dc.creator", "dcterms.creator", "dc.author"),
    *("parsely-author", "sailthru.author", "byl", "cxenseparse:author"),
)
_LONGEST = 100
_LONGEST_LINE = 300  # characters of text that are searched for a name
_MOST = 10
_MOST_BYLINES = 12
_BY = re.compile(
    r"^(?:(?:(?:posted|written|published|erstellt|geschrieben|eingestellt|veröffentlicht|publié|escrito|publicado|scritto|pubblicato"
    r"|geschreven|skrevet|skriven|napisał[ai]?)\s+)?(?:by|von|par|por|di|door|af|av|przez)|автор|autore?|auteur|author|text"
    r"|words)(?:\s*:\s*|\s+)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:and|und|et|y|e|en|og|och|i|и)\b|[\s,;&·|/]+", re.IGNORECASE)
_LABEL = re.compile(r"^[^:]{2,40}:\s+(?=\w)")  # `Text and interview: `
_POSTED_BY = re.compile(
    r"\b(?:posted|written|published|geschrieben|eingestellt|veröffentlicht|publié|escrito|publicado|scritto|pubblicato"
    r"|geschreven)"
    r"\b(?:[^.!?]|\d\.){0,40}?\s(?:by|von|par|por|da|di|door)\s+([^|@•·/(]{2,60}?)"
    r"(?:\s+(?:under|on|in|at|am|um|le|el|il|op|the|auf|unter)\b.*|\s*[|@•·/(].*|\s+\d.*)?$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s*(?:[|•·/]|\bam \d|\bon \d|\bup?dated\b|\d{1,2}[./: ]|,?\s(?:staff writer|updated)\b|—).*$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"\s*[,/(|–-]\s*(?:dpa|AFP|AP|Reuters|EFE|ANSA|APA|SDA|KNA|epd|Bloomberg|[A-Z]{2,5})\)?$"
)
_NO_NAME = re.compile(
    r"[@/\\<>{}=?!]|https?:|(?:www|\w\.(?:com|de|org|net|fr|at|ch|it))\b"
    r"|^(?:name|author|autor|admin|editor|publisher|redaktion|unknown|anonymous|anonym|staff|by|von|share|kommentare?|comments?"
    r"|more|mehr|auteurs?|autoren|authors|autores|redaction|rédaction|redacción|redazione|redactie|newsdesk|news desk)\b\W*$"
    r"|^(?:redaktion|redacción|rédaction|redazione)\b"
    r"|^(?:veröffentlicht|posted|published|publié|publicado|pubblicato|geplaatst)\b"
    r"|\b(?:says|sagt|schreibt|view|read|alle|all|afficher|profil|profile|foto|photo|designed|gmbh|ltd|inc|e\.\s?v)\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{3}")
_USER_NAME = re.compile(r"[^\W\d][\w.]{2,29}")  # `freeman1984`
_SLUG = re.compile(r"[a-z]+(?:-[a-z]+)+")
_TWICE = re.compile(r"(.{3,50})\s*\1")
_bylines = XPath(
    "//*[@itemprop='author' or contains(concat(' ', @rel, ' '), ' author ') or contains(@class, 'byline')"
    " or contains(@class, 'author') or contains(@class, 'autor')]"
    "[not(ancestor-or-self::*[contains(@class, 'comment') or contains(@id, 'comment') or contains(@class, 'related')"
    " or self::footer[not(ancestor::article)]])]"
)
_short_texts = XPath("//body//text()[string-length(.) < 200 and string-length(.) > 9]")
_MOST_TEXTS = 2_000


class Authors(NamedTuple):
    """Names in order, and where they were read; '' if there are none."""

    names: tuple[str, ...]
    source: Origin


NO_AUTHORS = Authors((), "")


def read_authors(
    tree: HtmlElement, json_ld: Iterable[str], meta: Mapping[str, str], site: str, host: str = ""
) -> Authors:
    """The authors of the article. Addresses, URLs and the outlet itself do not count as authors. A name that may be the
    outlet's, or a user name made from an address, counts only if nothing else is found.

    Args:
        tree: the page.
        json_ld: the names that JSON-LD gives.
        meta: the meta elements' content by their name.
        site: the outlet's name.
        host: the host of the page's URL.
    """
    doubtful = NO_AUTHORS
    for candidates, source in _by_source(tree, json_ld, meta):
        names = _people(candidates, site)
        good = tuple(name for name in names if not _is_doubtful(name, host))
        if good:
            return Authors(good, source)
        if names and not doubtful.names:
            doubtful = Authors(names, source)
    return doubtful


def _by_source(
    tree: HtmlElement, json_ld: Iterable[str], meta: Mapping[str, str]
) -> Iterator[tuple[Iterable[str], Origin]]:
    """The authors named by each source on a page, the most trustworthy source first."""
    yield json_ld, "json-ld"
    for key in _META:
        if key in meta:
            yield [meta[key]], "meta"
    for byline in islice(cast(Iterable[HtmlElement], _bylines(tree)), _MOST_BYLINES):
        yield _in_byline(byline), "text"
    yield _posted_by(tree), "text"


def _in_byline(byline: HtmlElement) -> Iterator[str]:
    """The possible names in a byline: the texts of its links to the authors, or else its own text."""
    links = [byline] if byline.tag == "a" else list(islice(byline.iter("a"), _MOST))
    texts = [text for link in links if (text := clean(link.text_content()))]
    if texts:
        yield from texts if _is_list(byline, texts) else texts[:1]
        return
    own = clean(byline.text_content())[:_LONGEST_LINE]
    posted = _POSTED_BY.search(own)
    yield posted[1] if posted else _ENDS.sub("", _BY.sub("", own))


def _is_list(byline: HtmlElement, texts: list[str]) -> bool:
    """Whether a byline consists only of the links' texts and of separators between names."""
    rest = clean(byline.text_content())
    for text in texts:
        rest = rest.replace(text, " ", 1)
    return len(_BETWEEN.sub("", _BY.sub("", rest.strip() + " "))) == 0


def _posted_by(tree: HtmlElement) -> Iterator[str]:
    """The name in the first line of the form `Posted by Ann Writer under Politics`."""
    for text in islice(cast(Iterable[str], _short_texts(tree)), _MOST_TEXTS):
        line = clean(text)
        if (found := _POSTED_BY.search(line)) and len(line) < _LONGEST and found.start() < 3:
            yield found[1]
            return


def _people(candidates: Iterable[str], site: str) -> tuple[str, ...]:
    """The candidates that are authors' names, each once."""
    outlet = site.casefold()
    names = (_name(candidate, outlet) for candidate in islice(candidates, _MOST))
    good = (name for name in names if 1 < len(name) <= _LONGEST and _is_name(name))
    return tuple(dict.fromkeys(name for name in good if name.casefold() != outlet))


def _name(candidate: str, outlet: str) -> str:
    """A candidate without what precedes or follows a name: `By`, a label, the outlet, an agency."""
    name = _BY.sub("", _LABEL.sub("", clean(candidate)[:_LONGEST_LINE]))
    if outlet:
        name = re.sub(
            rf"^{re.escape(outlet)}\s*[|–-]\s*|\s*[|–-]\s*{re.escape(outlet)}$", "", name, flags=re.IGNORECASE
        )
    if twice := _TWICE.fullmatch(name):
        name = twice[1]
    return _AGENCY.sub("", name).strip(" ,;:-–")


def _is_name(name: str) -> bool:
    return not _NO_NAME.search(name) and (not _DIGITS.search(name) or _USER_NAME.fullmatch(name) is not None)


def _is_doubtful(name: str, host: str) -> bool:
    """Whether a name may be the outlet's, judging by the host, or is made from an address."""
    return bool(_SLUG.fullmatch(name)) or is_site_name(name, host)
