"""The forms by name: those that can be written while the hits are read, however many, and feeds of the newest."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from results.parts import Hit
from web.search.formats import atom, csv, jsonl, markdown, ris, rss
from web.search.formats.about import About

IN_A_FEED = 100
"""Hits."""


class Streamed(msgspec.Struct, frozen=True):
    """A form for all hits: its media type, and what writes them."""

    media_type: str
    write: Callable[[Iterable[Hit]], Iterable[bytes]]


class Feed(msgspec.Struct, frozen=True):
    """A form for the newest hits."""

    media_type: str
    write: Callable[[Iterable[Hit], About], bytes]


STREAMED: Mapping[str, Streamed] = {
    "jsonl": Streamed("application/x-ndjson", jsonl.lines),
    "csv": Streamed("text/csv", csv.rows),
    "md": Streamed("text/markdown", markdown.lines),
    "ris": Streamed("application/x-research-info-systems", ris.records),
}
FEEDS: Mapping[str, Feed] = {
    "atom": Feed("application/atom+xml", atom.feed),
    "rss": Feed("application/rss+xml", rss.feed),
}
