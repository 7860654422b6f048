"""What a page says of itself in JSON-LD (https://schema.org): the object of its article, and who is named in it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml.html import HtmlElement

_ARTICLE = re.compile(r"Article|BlogPosting|Report$|LiveBlog|VideoObject|Recipe|ImageGallery|MediaGallery")
_PAGE = re.compile(r"WebPage|ItemPage")
_LONGEST_JSON = 500_000  # characters of one block
_MOST_NODES = 500  # objects looked at
_MOST_NAMES = 10
_INSIDE = ("@graph", "mainEntity", "mainEntityOfPage")

Node = Mapping[str, Any]


class JsonLd(NamedTuple):
    """What was found.

    Attributes:
        article: the first object of an article's type, rather a text's than a video's; empty if there is none.
        page: the first object that describes the page itself; empty if there is none.
        by_id: the objects that others refer to.
        types: the types of all objects.
    """

    article: Node
    page: Node
    by_id: Mapping[str, Node]
    types: frozenset[str]


NO_JSON_LD = JsonLd({}, {}, {}, frozenset())


def read_json_ld(tree: HtmlElement) -> JsonLd:
    """The JSON-LD of a page; broken blocks are left out, as browsers and search engines do."""
    nodes = list(_nodes(tree))
    kinds = [strings(node.get("@type")) for node in nodes]
    articles = [node for node, kind in zip(nodes, kinds, strict=True) if any(map(_ARTICLE.search, kind))]
    texts = [node for node in articles if not any("Video" in kind for kind in strings(node.get("@type")))]
    pages = [node for node, kind in zip(nodes, kinds, strict=True) if any(map(_PAGE.search, kind))]
    return JsonLd(
        article=next(iter([*texts, *articles]), {}),
        page=next(iter(pages), {}),
        by_id={node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node},
        types=frozenset(one for kind in kinds for one in kind),
    )


def _nodes(tree: HtmlElement) -> Iterator[Node]:
    """The objects of all blocks."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", "") or not script.text or len(script.text) > _LONGEST_JSON:
            continue
        try:
            data = json.loads(script.text, strict=False)  # real pages have raw line breaks in strings
        except (ValueError, RecursionError):
            continue
        yield from _objects(data)


def _objects(data: object) -> Iterator[Node]:
    """The objects of a JSON-LD document: itself, or those in its lists and @graph."""
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
    """A JSON value that is a string, or a list of them, as a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def names(value: object, by_id: Mapping[str, Node]) -> list[str]:
    """The names in a JSON-LD value: strings, objects with a name, references to such objects, or lists of these."""
    found: list[str] = []
    for item in (value if isinstance(value, list) else [value])[:_MOST_NAMES]:
        if isinstance(item, dict) and "name" not in item and isinstance(item.get("@id"), str):
            item = by_id.get(item["@id"], {})  # noqa: PLW2901 - the same thing, said elsewhere
        found += strings(item.get("name") if isinstance(item, dict) else item)
    return found


def url_of(value: object) -> str:
    """The first URL in a JSON-LD image: a string, an object with a url, or a list of these; '' if there is none."""
    first = value[0] if isinstance(value, list) and value else value
    url = first.get("url") if isinstance(first, dict) else first
    return url if isinstance(url, str) else ""
