"""The pages that an article links to."""

from itertools import islice

from lxml.html import HtmlElement

from ingest.urls import canonical, join

MOST_LINKS = 100
"""Links per article; a page with more is a list."""
_LONGEST_TEXT = 200_000  # characters of text that are searched for links
_MOST_LOOKED_AT = 2000  # anchors examined per page


def links_out(page: HtmlElement, text: str, url: str) -> tuple[str, ...]:
    """The http(s) URLs that the article's own lines link to, canonical, in order, each once; without the page itself.

    Args:
        page: the page without its boxes.
        text: the article's text: an anchor counts if its words occur in it.
        url: the page's URL.
    """
    held = text[:_LONGEST_TEXT]
    found: dict[str, None] = {}
    for anchor in islice(page.iter("a"), _MOST_LOOKED_AT):
        href = anchor.get("href", "").strip()
        words = " ".join(anchor.text_content().split()) if href and not href.startswith("#") else ""
        if words and words in held and (link := _absolute(url, href)) and link != url:
            found.setdefault(link)
            if len(found) == MOST_LINKS:
                break
    return tuple(found)


def _absolute(base: str, link: str) -> str:
    """The canonical spelling of a link; '' if it is not an http(s) URL."""
    try:
        return canonical(join(base, link))
    except ValueError:
        return ""
