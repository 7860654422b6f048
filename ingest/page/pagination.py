"""Finds the link to the next page of an article that spans several pages.

A link counts only if its address is the first page's with the next number, because `rel="next"` may lead to the next article
of a blog: `/talks` and `/talks/2`, `/talks?page=2`, `/talks-2.html`, `/talks/seite-3`.
"""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.page.page_text import clean
from ingest.urls import canonical, join

LOOKED_AT = 2_000_000
"""Bytes of a page that are searched for its next page."""
_MOST_TAGS = 20
_MOST_LINKS = 3_000
_TAG = re.compile(rb"<(?:a|link)\s[^<>]{0,2000}>", re.IGNORECASE)
_REL_NEXT = re.compile(rb"\srel\s*=\s*[\"']?[^\"'<>]{0,40}?\bnext\b", re.IGNORECASE)
_HREF = re.compile(rb"\shref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
_IN_QUERY = re.compile(
    r"(?:page|paged|pg|seite|pagina|pagenumber|pageno|strona|sida|side)=(\d{1,2})", re.IGNORECASE
)
_IN_PATH = re.compile(
    r"^(.*?[^/])(?:/|[-_.,])(?:(?:page|seite|pagina|strona|p|s)[-_/=]?)?(\d{1,2})(\.\w{1,5})?$", re.IGNORECASE
)
_TO_NEXT = re.compile(
    r"(?:next page|page suivante|nächste seite|página siguiente|siguiente página|pagina successiva|próxima página"
    r"|volgende pagina"
    r"|następna strona|следующая страница|наступна сторінка|下一页|下一頁|次のページ|الصفحة التالية)\W*",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"comment|kommentar|related|archive|reviews?", re.IGNORECASE)
_DEPTH = 8  # ancestors examined


def next_page(body: bytes, url: str, first: str, number: int) -> str:
    """The canonical URL of an article's next page, as a page's `rel="next"` names it; '' if none does. Takes linear time.

    Args:
        body: the page.
        url: where it was fetched.
        first: where the article's first page was fetched.
        number: the page's number; 1 is the first.
    """
    if b"next" not in body[:LOOKED_AT].lower():
        return ""
    tags = (found[0] for found in _TAG.finditer(body[:LOOKED_AT]))
    for tag in islice((tag for tag in tags if _REL_NEXT.search(tag)), _MOST_TAGS):
        href = _HREF.search(tag)
        link = next(group for group in href.groups() if group is not None) if href else b""
        if found := _next(link.decode("ascii", "ignore").replace("&amp;", "&"), url, first, number):
            return found
    return ""


def has_next(tree: HtmlElement, url: str, first: str, number: int) -> bool:
    """Whether a page links to the next page of its article: by `rel="next"`, a page number, or words such as `Next page`;
    links in comments and lists don't count. The arguments are those of `next_page`."""
    return any(_next(link, url, first, number) for link in _likely(tree))


def _likely(tree: HtmlElement) -> Iterator[str]:
    for element in islice(tree.iter("a", "link"), _MOST_LINKS):
        is_next = "next" in element.get("rel", "").lower().split()
        text = clean(element.text_content())[:60] if element.tag == "a" else ""
        is_number = text.isdigit() and len(text) <= 2
        if (is_next or is_number or _TO_NEXT.fullmatch(text)) and not _is_elsewhere(element):
            yield element.get("href", "")


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether an element is in a part of the page that has pages of its own."""
    around = (element, *islice(element.iterancestors(), _DEPTH))
    return any(
        one.tag not in ("body", "html")
        and _ELSEWHERE.search(f"{one.get('class', '')} {one.get('id', '')}"[:300])
        for one in around
    )


def _next(link: str, url: str, first: str, number: int) -> str:
    """The URL of a link, if it is that of the page after the given one; otherwise ''."""
    try:
        found, begin = canonical(join(url, link)) if link.strip() else "", canonical(first)
    except ValueError:
        return ""
    if not found or urlsplit(found).netloc != urlsplit(begin).netloc:
        return ""
    bases = {base for base, count in _numbered(begin) if count == 1}
    return found if any(base in bases and count == number + 1 for base, count in _numbered(found)) else ""


def _numbered(url: str) -> Iterator[tuple[str, int]]:
    """Each reading of a URL as a numbered page: what it is a page of, and its number."""
    parts = urlsplit(url)
    path, query = parts.path.rstrip("/"), parts.query.split("&")
    yield _base(path, query), 1
    for one in query:
        if found := _IN_QUERY.fullmatch(one):
            yield _base(path, [other for other in query if other != one]), int(found[1])
    if found := _IN_PATH.fullmatch(path):
        yield _base(f"{found[1]}{found[3] or ''}", query), int(found[2])


def _base(path: str, query: list[str]) -> str:
    return f"{path}?{'&'.join(filter(None, query))}"
