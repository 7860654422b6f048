"""The WARC/1.1 records that a fetched page becomes: a response, and metadata that name the article. Pure.

The body is stored as it was read, without transfer and content encodings. As crawlers do, the headers that no longer fit
are kept under another name (`X-Crawler-Content-Encoding`), and Content-Length is that of the stored body.
"""

import io
import uuid
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from ingest.http.response import Response
from stream.messages import article_id

_LEVEL = 1
"""gzip's level: higher ones cost more than the disk space that they save (bench/warc.py)."""
_CHANGED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_FIELDS = "application/warc-fields"


def of_page(response: Response, fetched: datetime) -> bytes:
    """A response record and its metadata record, each a gzip member of its own."""
    page, about = _id(), _id()
    content = _http(response) + response.body
    record = _record(WarcRecordType.response, page, fetched, content, {"WARC-Target-URI": response.url})
    record.is_http = True
    fields = _fields({"wirewatch-article": article_id(response.url), "fetchedBy": "wirewatch"})
    linked = {"WARC-Target-URI": response.url, "WARC-Concurrent-To": f"<{page}>", "Content-Type": _FIELDS}
    return _packed(record) + _packed(_record(WarcRecordType.metadata, about, fetched, fields, linked))


def of_file(name: str, user_agent: str, began: datetime) -> bytes:
    """The record that a file begins with."""
    fields = _fields(
        {
            "software": user_agent.partition(" ")[0],
            "format": "WARC File Format 1.1",
            "http-header-user-agent": user_agent,
        }
    )
    headers = {"WARC-Filename": name, "Content-Type": _FIELDS}
    return _packed(_record(WarcRecordType.warcinfo, _id(), began, fields, headers))


def _record(
    kind: WarcRecordType, record_id: str, time: datetime, content: bytes, headers: Mapping[str, str]
) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind, record_id.encode())
    record.record_date = time
    for name, value in headers.items():
        record.headers[name] = value
    record.set_bytes_content(content)
    return record


def _packed(record: WarcRecord) -> bytes:
    out = io.BytesIO()
    writer = GzipWriter(out, compression_level=_LEVEL)
    record.write(writer, checksum_data=True)
    writer.finish()
    return out.getvalue()


def _http(response: Response) -> bytes:
    """The status line and the headers; a line break in a value, which would begin another header, becomes a space."""
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    for name, value in response.headers.items():
        kept = f"x-crawler-{name}" if name in _CHANGED else name
        lines.append(f"{_one_line(kept)}: {_one_line(value)}")
    lines.append(f"content-length: {len(response.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _fields(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()


def _id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
