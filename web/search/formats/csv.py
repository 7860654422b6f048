"""Hits as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator

from results.parts import Hit
from stream.display import visible, without_secrets

COLUMNS = ("id", "published", "seen", "source", "title", "url", "language", "topics", "authors", "story")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell."""


def rows(hits: Iterable[Hit]) -> Iterator[bytes]:
    """The heading, then a row an article."""
    yield _row(COLUMNS)
    for hit in hits:
        head = hit.article
        yield _row(
            (
                head.id,
                head.published.isoformat() if head.published else "",
                head.seen.isoformat(),
                head.source,
                head.title,
                head.url,
                head.language or "",
                "; ".join(topic.id for topic in head.topics or ()),
                "; ".join(head.authors or ()),
                head.story or "",
            )
        )


def _row(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    shown = (visible(without_secrets(cell)) for cell in cells)
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in shown])
    return line.getvalue().encode()
