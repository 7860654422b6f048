"""Hits as RIS, for programs that manage references (Zotero, EndNote, Citavi)."""

from collections.abc import Iterable, Iterator

from results.parts import Hit
from stream.display import one_line, without_secrets
from stream.links import web_address

_LONGEST = 2_000


def records(hits: Iterable[Hit]) -> Iterator[bytes]:
    """A record of type NEWS an article."""
    for hit in hits:
        lines = [f"{tag}  - {text}" for tag, text in _fields(hit) if text]
        yield "\r\n".join(["TY  - NEWS", *lines, "ER  - ", "", ""]).encode()


def _fields(hit: Hit) -> Iterator[tuple[str, str]]:
    head = hit.article
    yield "TI", _line(head.title)
    yield from (("AU", _line(author)) for author in head.authors or ())
    yield "T2", _line(head.source)
    if head.published:
        yield "PY", f"{head.published:%Y}"
        yield "DA", f"{head.published:%Y/%m/%d}"
    yield "Y2", f"{head.seen:%Y/%m/%d}"
    yield "UR", web_address(without_secrets(head.url))
    yield "LA", head.language or ""
    yield from (("KW", _line(topic.name)) for topic in head.topics or ())
    yield "AB", _line(hit.snippet.text) if hit.snippet else ""
    yield "ID", head.id


def _line(text: str) -> str:
    return one_line(without_secrets(text), _LONGEST)
