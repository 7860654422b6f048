"""Writes the pages that the log still holds to a WARC file."""

import importlib.metadata
import os
from collections.abc import Callable, Iterator, Set
from datetime import datetime
from pathlib import Path

from ingest.http.response import Response
from ingest.urls import canonical
from ingest.warc.records import of_file, of_page
from stream.errors import ConfigError
from stream.log.base import Log
from stream.messages import Page, article_id, decode
from wirewatch.topics import PAGES, WARC_EXPORTER

_AT_ONCE = 50
_READ_SECONDS = 15.0
"""Without a message for so long, it is asked whether there is one left: a topic may have been trimmed."""


def export(
    log: Log,
    file: Path,
    since: datetime | None,
    wanted: Set[str] | None,
    tell: Callable[[int, int], None],
    now: datetime,
) -> int:
    """Write pages to a new file, which takes its name when it is complete; returns how many.

    Args:
        log: where they are.
        file: it must not exist.
        since: only pages fetched since then; None: all.
        wanted: only the pages of articles with these ids; None: all.
        tell: is told how many messages are done, of how many.
        now: the file's date.

    Raises ConfigError if the file exists, or if another export reads the log: each would have a share of the pages alone.
    """
    if file.exists():
        raise ConfigError(f"{file} exists already; an export never replaces a file")
    partial, written = file.with_name(f".{file.name}.part"), 0
    agent = f"wirewatch/{importlib.metadata.version('wirewatch')}"
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(of_file(file.name, agent, now))
            for page in _pages(log, tell):
                if _is_wanted(page, since, wanted):
                    out.write(of_page(_response(page), page.fetched))
                    written += 1
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)
    return written


def _pages(log: Log, tell: Callable[[int, int], None]) -> Iterator[Page]:
    """The pages of the log, oldest first within a partition, up to those that are there now."""
    ends = log.ends(PAGES.name)
    left = {number for number, end in ends.items() if end}
    total, done, read = log.progress(WARC_EXPORTER, PAGES.name).lag, 0, 0
    with log.consumer(WARC_EXPORTER, PAGES.name) as consumer:
        while left:
            records = consumer.poll(_AT_ONCE, _READ_SECONDS)
            if consumer.assigned() != ends.keys():
                raise ConfigError("another `wirewatch warc export` reads this log: wait until it has ended")
            read += len(records)
            if not records and log.progress(WARC_EXPORTER, PAGES.name).lag <= read:
                return
            for record in records:
                if record.offset < ends[record.partition]:
                    done += 1
                    yield decode(record.value, Page)
                if record.offset >= ends[record.partition] - 1:
                    left.discard(record.partition)
            tell(done, total)


def _is_wanted(page: Page, since: datetime | None, wanted: Set[str] | None) -> bool:
    if page.instead_of or page.withdrawn or (since and page.fetched < since):
        return False  # the first two are no page of a server
    return wanted is None or bool(wanted & {page.key, article_id(canonical(page.url))})


def _response(page: Page) -> Response:
    """The response, with the few headers that the log keeps."""
    kind = f"{page.content_type}; charset={page.charset}" if page.charset else page.content_type
    headers = {"content-type": kind, "etag": page.etag, "last-modified": page.last_modified}
    return Response(
        url=page.url,
        status=200,
        headers={name: value for name, value in headers.items() if value},
        content_type=page.content_type,
        charset=page.charset,
        body=page.body,
        permanent=False,
    )
