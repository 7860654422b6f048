"""Reads the pages in WARC files, whoever made them: records that are not pages are counted, and nothing in them is trusted."""

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from ingest.fetching.fetch import page_of
from ingest.http.response import Response, charset, media_type
from ingest.urls import host, normal, without_credentials, without_fragment
from stream.errors import ConfigError, Reject, RetryLater
from stream.messages import Entry, Page

SCHEME = "warc:"
"""How `Entry.feed` of a page from a file begins: its claims are hearsay, and replace nothing from an outlet's own feed."""
_LONGEST_HEADERS = 32_768
_MOST_HEADERS = 128
_LONGEST_NAME = 200
_MOST_ENCODINGS = 3
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*[;\r\n]")
"""The beginning of a chunked body."""


class Capture(msgspec.Struct, frozen=True):
    """What became of one response record."""

    place: int
    """The byte of the file at which it begins; reading can go on after it."""
    page: Page | None
    """None if it is not a readable page."""
    kind: str = ""
    """Why it is not, to count by: `http-404`, `not-html`, `too-large`, `bad-record`, ..."""


def captures(file: BinaryIO, name: str, start: int, most: int, now: datetime) -> Iterator[Capture]:
    """The response records of a WARC file, gzipped or plain, from a given place on.

    Args:
        file: the file.
        name: its name, which the articles will carry.
        start: go on after the capture at this place; 0: at the beginning.
        most: the longest body that is read, in bytes.
        now: the time; a capture from the future gets it as its date.

    Raises ConfigError, with the place, if the file is damaged or is not a WARC file.
    """
    file.seek(start)
    done = start > 0
    records = iter(
        ArchiveIterator(file, WarcRecordType.response, parse_http=False, max_header_len=_LONGEST_HEADERS)
    )
    while True:
        try:
            record = next(records, None)
        except (OSError, ValueError, EOFError) as error:
            raise ConfigError(
                f"{name} is not a WARC file, or is damaged, after byte {start:,}: {error}"
            ) from error
        if record is None:
            return
        if done:
            done = False
            continue
        place = record.stream_pos
        try:
            yield Capture(place, _page(record, name, most, now))
        except (Reject, RetryLater) as error:
            yield Capture(place, None, error.kind)
        except (OSError, ValueError, EOFError, zlib.error):
            yield Capture(place, None, "bad-record")


def _page(record: WarcRecord, name: str, most: int, now: datetime) -> Page:
    url = without_fragment(
        normal(without_credentials(str(record.headers.get("WARC-Target-URI", "")).strip("<>")))
    )
    if record.content_length > most + _LONGEST_HEADERS:
        raise Reject("too-large", url)
    content = record.reader.read(record.content_length)
    if len(content) < record.content_length:
        raise Reject("cut-off", url)
    fetched = min(_time(record), now)
    return page_of(_entry(url, name, fetched), _response(content, url, most), fetched)


def _response(content: bytes, url: str, most: int) -> Response:
    """The HTTP message of a record. It is parsed separately from the file, so that a fault in it hides no other record."""
    message = WarcRecord()
    message.init_headers(WarcRecordType.response)
    message.set_bytes_content(content)
    message.is_http = True
    message.parse_http(max_header_len=_LONGEST_HEADERS)
    fields = message.http_headers
    headers = {str(key).lower(): str(value) for key, value in list(fields.items())[:_MOST_HEADERS]}
    body = _decoded(message.reader.read(most + 1), headers, most)
    if len(body) > most:
        raise Reject("too-large", url)
    declared = headers.get("content-type", "")
    return Response(
        url=url,
        status=int(fields.status_code or 0),
        headers=headers,
        content_type=media_type(declared),
        charset=charset(declared),
        body=body,
        permanent=False,
    )


def _decoded(body: bytes, headers: Mapping[str, str], most: int) -> bytes:
    """A body without transfer and content encodings, cut off after one byte too many.

    Some crawlers store it decoded and keep the header, so it is decoded only if it begins as the encoding does.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower() and _CHUNK.match(body):
        body = ChunkedReader(io.BytesIO(body)).read(most + 1)
    for encoding in reversed(headers.get("content-encoding", "").lower().split(",")[:_MOST_ENCODINGS]):
        match encoding.strip():
            case "gzip" | "x-gzip" if body.startswith(b"\x1f\x8b"):
                body = GzipReader(io.BytesIO(body)).read(most + 1)
            case "br" if not body.lstrip().startswith(b"<"):
                body = BrotliReader(io.BytesIO(body)).read(most + 1)
            case "zstd" if body.startswith(b"\x28\xb5\x2f\xfd"):
                body = ZstdReader(io.BytesIO(body)).read(most + 1)
            case "deflate" if not body.lstrip().startswith(b"<"):
                body = _inflated(body, most)
    return body


def _inflated(body: bytes, most: int) -> bytes:
    """Decompresses zlib's format, or what some servers send: the same without its frame."""
    try:
        return zlib.decompressobj().decompress(body, most + 1)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, most + 1)


def _time(record: WarcRecord) -> datetime:
    time = record.record_date
    if time is None:
        raise ValueError("no WARC-Date")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _entry(url: str, name: str, fetched: datetime) -> Entry:
    """The entry for a page that no feed had."""
    own = host(url)
    return Entry(
        feed=f"{SCHEME}{name[:_LONGEST_NAME]}",
        source=own.removeprefix("www."),
        guid=url,
        url=url,
        backfill=True,
        seen=fetched,
        key=own,
    )


def size_of(path: Path) -> int:
    """The size of a file; raises ConfigError if there is none."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
