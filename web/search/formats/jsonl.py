"""Hits as JSON lines: `wirewatch/hit` documents."""

from collections.abc import Iterable, Iterator

from results.parts import Hit
from stream.display import to_json


def lines(hits: Iterable[Hit]) -> Iterator[bytes]:
    """A line an article."""
    for hit in hits:
        yield to_json(hit).encode() + b"\n"
