"""Reads a page's JSON-LD (https://schema.org): the object for its article, and the names in it.

A page may also describe other articles: related ones, lists, or parts of itself. Its own is the object with its URL or its
headline; an object with another URL and another headline never counts as its own.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from ingest.page.json_ld_text import documents
from ingest.page.page_text import LONGEST_TITLE, one_line
from ingest.page.titles import same_headline
from ingest.urls import canonical, join

_ARTICLE = re.compile(r"Article|BlogPosting|Report$|LiveBlog|VideoObject|Recipe|ImageGallery|MediaGallery")
_VIDEO = re.compile(r"Video")
_PAGE = re.compile(r"WebPage|ItemPage")
_LONGEST_JSON = 500_000  # characters of one block
_MOST_NODES = 500  # objects examined
_MOST_NAMES = 10
_MOST_ADDRESSES = 10
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
_SAME_PLACE = re.compile(r"^https?://(?:www\.|m\.|mobile\.|amp\.)*|/?(?:amp/?)?$")

Node = Mapping[str, Any]


class Own(NamedTuple):
    """Identifies a page's own article among others.

    Attributes:
        url: where the page was fetched; relative addresses are resolved against it.
        addresses: other addresses that it gives for itself.
        titles: its possible titles.
    """

    url: str
    addresses: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


class JsonLd(NamedTuple):
    """What was found.

    Attributes:
        article: the first object of an article's type, preferably a text's to a video's; empty if there is none.
        page: the first object that describes the page itself; empty if there is none.
        by_id: the objects that others refer to.
        types: the types of all objects.
    """

    article: Node
    page: Node
    by_id: Mapping[str, Node]
    types: frozenset[str]


NO_JSON_LD = JsonLd({}, {}, {}, frozenset())


def read_json_ld(tree: HtmlElement, own: Own) -> JsonLd:
    """The JSON-LD of a page for its own article; unreadable parts are left out, as browsers and search engines do."""
    places = frozenset(_places(own.url, (own.url, *own.addresses)))
    found = list(_nodes(tree))
    ranked = [(node, rank) for node in found if (rank := _rank(node, own, places)) >= 0]
    articles = [(node, rank) for node, rank in ranked if _is_of(node, _ARTICLE)]
    texts = [(node, rank) for node, rank in articles if not _is_of(node, _VIDEO)]
    pages = [(node, rank) for node, rank in ranked if _is_of(node, _PAGE)]
    return JsonLd(
        article=_best(texts or articles),
        page=_best(pages),
        by_id={node["@id"]: node for node in found if isinstance(node.get("@id"), str) and _name_of(node)},
        types=frozenset(kind for node, _ in ranked for kind in strings(node.get("@type"))),
    )


def _is_of(node: Node, kind: re.Pattern[str]) -> bool:
    return any(map(kind.search, strings(node.get("@type"))))


def _best(ranked: Iterable[tuple[Node, int]]) -> Node:
    """The first object with the highest rank; an empty one if there is none."""
    return max(ranked, key=lambda one: one[1], default=({}, 0))[0]


def _rank(node: Node, own: Own, places: frozenset[str]) -> int:
    """How surely an object is the page's: by address and headline 3, by address 2, by headline 1; unknown 0; another's -1."""
    at = set(_places(own.url, _addresses(node)))
    headline = one_line(node.get("headline") or node.get("name"), LONGEST_TITLE)
    is_named_so = bool(headline) and any(same_headline(headline, title) for title in own.titles)
    if at and not at & places and not is_named_so:
        return -1
    return 2 * bool(at & places) + is_named_so


def _addresses(node: Node) -> list[str]:
    """The addresses that an object gives for itself or its page."""
    page = node.get("mainEntityOfPage")
    inner = [page.get("@id"), page.get("url")] if isinstance(page, dict) else [page]
    return strings([node.get("url"), node.get("@id"), *inner])[:_MOST_ADDRESSES]


def _places(base: str, addresses: Iterable[str]) -> Iterator[str]:
    """Addresses reduced to what identifies a page. A front page says nothing: many objects name it by mistake."""
    for address in addresses:
        try:
            place = _SAME_PLACE.sub("", canonical(join(base, address)))
        except ValueError:
            continue
        if "/" in place:
            yield place


def _nodes(tree: HtmlElement) -> Iterator[Node]:
    """The objects of all blocks."""
    for script in tree.iter("script"):
        if "ld+json" in script.get("type", "") and script.text and len(script.text) <= _LONGEST_JSON:
            for document in documents(script.text):
                yield from _objects(document)


def _objects(data: object) -> Iterator[Node]:
    """The objects of a JSON-LD document: the document itself, or those in its lists and @graph."""
    waiting = [data]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            waiting += [node[key] for key in _INSIDE if key in node]
        elif isinstance(node, list):
            waiting += node[:_MOST_NODES]


def strings(value: object) -> list[str]:
    """A JSON value that is a string or a list of strings, as a list; HTML entities, which many sites write there, are
    decoded."""
    several = value if isinstance(value, list) else [value]
    return [html.unescape(item) if "&" in item else item for item in several if isinstance(item, str)]


def names(value: object, by_id: Mapping[str, Node]) -> list[str]:
    """The names in a JSON-LD value: strings, objects with a name, references to such objects, or lists of these."""
    found: list[str] = []
    for item in (value if isinstance(value, list) else [value])[:_MOST_NAMES]:
        if isinstance(item, dict) and not _name_of(item) and isinstance(item.get("@id"), str):
            item = by_id.get(item["@id"], {})  # noqa: PLW2901 - the same thing, said elsewhere
        found += strings(_name_of(item) if isinstance(item, dict) else item)
    return [name for name in found if name.strip()]


def _name_of(node: Node) -> object:
    """The name of a person or an organisation, given whole or in parts."""
    parts = (node.get(part) for part in ("givenName", "additionalName", "familyName"))
    return node.get("name") or " ".join(part.strip() for part in parts if isinstance(part, str))


def url_of(value: object) -> str:
    """The first URL in a JSON-LD image: a string, an object with a url, or a list of these; '' if there is none."""
    first = value[0] if isinstance(value, list) and value else value
    url = first.get("url") if isinstance(first, dict) else first
    return url if isinstance(url, str) else ""
