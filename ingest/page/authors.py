"""Finds the authors of an article: from JSON-LD and meta elements, or else the byline."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.page.page_text import clean
from stream.messages import Origin

_META = (
    *("author", "article:author", "og:article:author", "dc.creator", "dcterms.creator", "dc.author"),
    *("parsely-author", "sailthru.author", "byl", "cxenseparse:author"),
)
_LONGEST = 100
_MOST = 10
_MOST_BYLINES = 12
_BY = re.compile(
    r"^(?:(?:posted |written |published |erstellt |geschrieben )?(?:by|von)|par|por|di|door|af|av|автор|autore?|auteur|author"
    r"|text|publié par)(?:\s*:\s*|\s+)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\s*(?:[|•·/]|\bam \d|\bon \d|\bup?dated\b|\d{1,2}[./: ]|,?\s(?:staff writer|updated)\b|—).*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"[@/\\<>{}=?!]|https?:|\.(?:com|de|org|net|fr|at|ch|it)$|\d{3}|^(?:name|author|autor|admin|editor|publisher|redaktion|unknown"
    r"|anonymous|anonym|staff|by|von|share|kommentare?|comments?|more|mehr)\b\W*$"
    r"|\b(?:says|sagt|schreibt|view|read|alle|all|afficher|profil|profile|foto|photo)\b",
    re.IGNORECASE,
)
_bylines = XPath(
    "//*[@itemprop='author' or contains(concat(' ', @rel, ' '), ' author ') or contains(@class, 'byline')"
    " or contains(@class, 'author') or contains(@class, 'autor')]"
    "[not(ancestor-or-self::*[contains(@class, 'comment') or contains(@id, 'comment') or contains(@class, 'related')"
    " or self::footer])]"
)


class Authors(NamedTuple):
    """Names in order, and where they were read; '' where there are none."""

    names: tuple[str, ...]
    source: Origin


NO_AUTHORS = Authors((), "")


def read_authors(tree: HtmlElement, json_ld: Iterable[str], meta: Mapping[str, str], site: str) -> Authors:
    """The authors of the article. Addresses, URLs and the outlet itself do not count as authors.

    Args:
        tree: the page.
        json_ld: the names that JSON-LD gives.
        meta: the meta elements' content by their name.
        site: the outlet's name.
    """
    if names := _people(json_ld, site):
        return Authors(names, "json-ld")
    for key in _META:
        if names := _people([meta.get(key, "")], site):
            return Authors(names, "meta")
    for byline in islice(cast(Iterable[HtmlElement], _bylines(tree)), _MOST_BYLINES):
        if names := _people(_in_byline(byline), site):
            return Authors(names, "text")
    return Authors((), "")


def _in_byline(byline: HtmlElement) -> Iterator[str]:
    """What may be the name in a byline: the text of its link to the author, else its own."""
    link = byline if byline.tag == "a" else next(byline.iter("a"), None)
    if link is not None and (text := clean(link.text_content())):
        yield text
    else:
        yield _ENDS.sub("", _BY.sub("", clean(byline.text_content())))


def _people(candidates: Iterable[str], site: str) -> tuple[str, ...]:
    """The candidates that are names of authors, each once."""
    outlet = site.casefold()
    names = (_BY.sub("", clean(candidate)).strip(" ,;:-–") for candidate in islice(candidates, _MOST))
    good = (name for name in names if 1 < len(name) <= _LONGEST and not _NO_NAME.search(name))
    return tuple(dict.fromkeys(name for name in good if name.casefold() != outlet))
