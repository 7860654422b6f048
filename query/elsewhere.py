"""The names that other query languages give to our fields."""

from collections.abc import Mapping

from query.tree import Field

FIELDS: Mapping[str, Field] = {
    "title": "title", "ti": "title", "headline": "title", "hl": "title", "hd": "title", "hlead": "title", "intitle": "title",
    "allintitle": "title",
    "text": "text", "body": "text", "td": "text", "hlp": "text", "lp": "text", "lead": "text", "intext": "text",
    "allintext": "text",
    "author": "author", "by": "author", "byline": "author", "au": "author", "inauthor": "author",
    "url": "url", "inurl": "url", "allinurl": "url", "site": "url", "domain": "url", "link": "url",
    "source": "source", "sn": "source", "rst": "source", "publication": "source", "pub": "source", "source_name": "source",
    "lang": "lang", "la": "lang", "language": "lang", "ln": "lang",
    "topic": "topic", "topics": "topic", "ns": "topic", "subject": "topic",
    "entity": "entity", "entities": "entity", "entity_names": "entity", "company": "entity", "co": "entity", "fds": "entity",
    "story": "story", "event": "story", "cluster": "story",
    "published": "published", "date": "published", "pd": "published", "@timestamp": "published", "before": "published",
    "after": "published",
}  # fmt: skip
"""Their names in lower case, and the field that comes closest."""


def named_here(name: str) -> str:
    """The end of a sentence that says what to write for another language's field; '' if there is no counterpart."""
    field = FIELDS.get(name.lower())
    match name.lower():
        case "before":
            return "write published:<2016-03-14"
        case "after":
            return "write published:>=2016-03-14"
        case _:
            return f"write {field}:" if field and field != name else ""
