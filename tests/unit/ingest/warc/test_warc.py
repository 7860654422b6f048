"""Pages are written to WARC files and read from them, also from hostile ones."""

import gzip
import io
import itertools
import os
import socket
import threading
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import zstandard
from warcio.archiveiterator import ArchiveIterator

from ingest.http.response import Response
from ingest.sites import speaks_for
from ingest.warc.captures import Capture, captures
from ingest.warc.folder import WarcFolder
from ingest.warc.settings import Warc
from stream.errors import ConfigError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGENT = "wirewatch/0.3 (news monitor)"
MOST = 10_000


def response(number: int = 1, body: bytes = b"<p>caf\xc3\xa9</p>", **headers: str) -> Response:
    sent = {
        "content-type": "text/html; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Response(
        url=f"https://news.example/{number}",
        status=200,
        headers=sent,
        content_type="text/html",
        charset="utf-8",
        body=body,
        permanent=False,
    )


def folder_in(path: Path, most: int = 10**9) -> WarcFolder:
    return WarcFolder(path, Warc(folder="warc", file_bytes=most), AGENT, lambda: NOON)


def written(path: Path, *pages: Response) -> Path:
    folder = folder_in(path)
    for page in pages:
        folder.keep(page)
    folder.close()
    (file,) = path.glob("*.warc.gz")
    return file


def read(data: bytes, start: int = 0) -> list[Capture]:
    return list(captures(io.BytesIO(data), "a.warc", start, MOST, NOON))


def record(content: bytes, url: str = "https://news.example/1", **headers: str) -> bytes:
    """A response record; `headers` replace the usual ones."""
    named = {
        "WARC-Type": "response",
        "WARC-Target-URI": url,
        "WARC-Date": "2026-02-01T12:00:00Z",
        "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-000000000001>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(content)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + content + b"\r\n\r\n"


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    named: Mapping[str, str] = {"Content-Type": "text/html"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def test_another_reader_finds_pages_and_headers_as_they_were(tmp_path: Path) -> None:
    file = written(tmp_path, response(1, content_encoding="gzip", x_odd="a\r\nWARC: b"), response(2))
    with file.open("rb") as opened:
        found = [
            (
                one.rec_type,
                one.rec_headers.get_header("WARC-Target-URI"),
                one.http_headers,
                one.content_stream().read(),
            )
            for one in ArchiveIterator(opened, check_digests="raise")
        ]
    assert [kind for kind, *_ in found] == ["warcinfo", "response", "metadata", "response", "metadata"]
    assert b"http-header-user-agent: wirewatch/0.3" in found[0][3]
    _, url, headers, body = found[1]
    assert (url, body) == ("https://news.example/1", "<p>café</p>".encode())
    assert headers.get_statuscode() == "200"
    assert headers.get_header("x-crawler-content-encoding") == "gzip"
    assert headers.get_header("content-encoding") is None
    assert headers.get_header("content-length") == str(len(body))
    assert headers.get_header("x-odd") == "a WARC: b"
    assert headers.get_header("warc") is None


def test_a_full_file_is_finished_and_another_begun(tmp_path: Path) -> None:
    folder = folder_in(tmp_path, most=1)
    for number in range(3):
        folder.keep(response(number))
    assert len(list(tmp_path.glob("*.warc.gz"))) == 3
    assert list(tmp_path.glob("*.open")) == []
    folder.close()


def test_threads_write_whole_records(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    threads = [threading.Thread(target=folder.keep, args=(response(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    folder.close()
    (file,) = tmp_path.glob("*.warc.gz")
    assert {one.page.url for one in read(file.read_bytes()) if one.page} == {
        f"https://news.example/{number}" for number in range(20)
    }


def test_what_a_killed_process_left_is_finished_by_the_next(tmp_path: Path) -> None:
    for pid in (2**22 + 1, os.getppid()):
        (tmp_path / f"wirewatch-1-00001-{socket.gethostname()}-{pid}.warc.gz.open").touch()
    written_beside = folder_in(tmp_path)
    written_beside.keep(response())
    written_beside.close()
    left = [one.name for one in tmp_path.glob("*.open")]
    assert left == [f"wirewatch-1-00001-{socket.gethostname()}-{os.getppid()}.warc.gz.open"]


def test_a_folder_that_can_not_be_written_holds_nothing_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    folder = folder_in(tmp_path / "file" / "warc")
    for _ in range(2):
        folder.keep(response())
    folder.close()
    assert capsys.readouterr().out.count("can't be written to WARC") == 1


def test_what_was_written_is_read_and_reading_goes_on_after_any_place(tmp_path: Path) -> None:
    data = written(tmp_path, *(response(number) for number in range(4))).read_bytes()
    every = read(data)
    assert [one.page and one.page.url for one in every] == [
        f"https://news.example/{number}" for number in range(4)
    ]
    for number, one in enumerate(every):
        assert read(data, one.place) == every[number + 1 :]
    page = every[0].page
    assert page
    assert (page.fetched, page.entry.seen, page.entry.backfill) == (NOON, NOON, True)
    assert page.body == "<p>café</p>".encode()


def test_a_page_from_a_file_is_hearsay() -> None:
    (one,) = read(record(http(b"<p>text</p>")))
    assert one.page
    assert one.page.entry.feed == "warc:a.warc"
    assert one.page.entry.source == "news.example"
    assert not speaks_for(one.page.entry, one.page.url)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_files_by_other_programs(pack: type[bytes]) -> None:
    body = "<p>çà</p>".encode("latin-1")
    content = http(gzip.compress(body), Content_Type="text/html; charset=ISO-8859-1", Content_Encoding="gzip")
    (one,) = read(pack(record(content, "<HTTPS://user:secret@News.Example:443/a#part>")))
    assert one.page
    assert (one.page.url, one.page.body, one.page.charset) == ("https://news.example/a", body, "iso-8859-1")
    assert one.page.fetched == datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content_Encoding": "gzip"}, b"<p>decoded before it was stored</p>"),
        ({"Content_Encoding": "br"}, b"<p>decoded before it was stored</p>"),
        ({"Transfer_Encoding": "chunked"}, b"<p>decoded before it was stored</p>"),
        ({"Transfer_Encoding": "chunked"}, b"23\r\n<p>decoded before it was stored</p>\r\n0\r\n\r\n"),
        ({"Content_Encoding": "br"}, brotli.compress(b"<p>decoded before it was stored</p>")),
        ({"Content_Encoding": "deflate"}, zlib.compress(b"<p>decoded before it was stored</p>")),
        ({"Content_Encoding": "deflate"}, zlib.compress(b"<p>decoded before it was stored</p>")[2:-4]),
        ({"Content_Encoding": "zstd"}, zstandard.compress(b"<p>decoded before it was stored</p>")),
        (
            {"Content_Encoding": "gzip, gzip"},
            gzip.compress(gzip.compress(b"<p>decoded before it was stored</p>")),
        ),
    ],
    ids=map(str, itertools.count()),  # compressed bodies hold the time
)
def test_bodies_in_any_encoding(headers: dict[str, str], body: bytes) -> None:
    (one,) = read(record(http(body, **headers)))
    assert one.page
    assert one.page.body == b"<p>decoded before it was stored</p>"


def test_a_date_from_the_future_is_now() -> None:
    (one,) = read(record(http(b"<p>x</p>"), WARC_Date=(NOON + timedelta(days=9)).isoformat()))
    assert one.page
    assert one.page.fetched == NOON


@pytest.mark.parametrize(
    ("content", "headers", "kind"),
    [
        (http(b"gone", "404 Not Found"), {}, "http-404"),
        (http(b"later", "503 Busy"), {}, "http-503"),
        (http(b"%PDF-1.4"), {}, "not-html"),
        (http(b"{}", Content_Type="application/json"), {}, "not-html"),
        (http(b" "), {}, "empty-page"),
        (http(b"x" * (MOST + 1)), {}, "too-large"),
        (http(gzip.compress(b"x" * 50_000_000), Content_Encoding="gzip"), {}, "too-large"),
        (http(gzip.compress(b"x" * 500)[:30] + b"x" * 50, Content_Encoding="gzip"), {}, "bad-record"),
        (b"no http", {}, "bad-record"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, {}, "bad-record"),
        (http(b"<p>x</p>"), {"WARC_Target_URI": "file:///etc/passwd"}, "bad-record"),
        (http(b"<p>x</p>"), {"WARC_Target_URI": "javascript:alert(1)"}, "bad-record"),
        (http(b"<p>x</p>"), {"WARC_Target_URI": ""}, "bad-record"),
        (http(b"<p>x</p>"), {"WARC_Date": "yesterday"}, "bad-record"),
    ],
    ids=map(str, itertools.count()),  # compressed bodies hold the time
)
def test_records_that_are_not_pages_are_counted_by_kind_and_hide_no_others(
    content: bytes, headers: dict[str, str], kind: str
) -> None:
    found = read(record(content, **headers) + record(http(b"<p>next</p>"), "https://news.example/next"))
    assert found[0].page is None
    assert found[0].kind == kind or (
        kind == "bad-record" and found[0].kind in ("bad-record", "http-0", "too-large")
    )
    assert found[1].page
    assert found[1].page.url == "https://news.example/next"


@pytest.mark.parametrize(
    "data",
    [
        b"no warc at all" * 100,
        gzip.compress(b"\0" * 30_000_000),
        gzip.compress(b"WARC/1.0\r\nX: " + b"a" * 30_000_000),
        gzip.compress(b"WARC/1.0\r\n" + b"X: a\r\n" * 3_000_000),
    ],
    ids=["text", "zeros", "long header", "many headers"],
)
def test_anything_but_a_warc_file_is_named_with_the_place(data: bytes) -> None:
    good = record(http(b"<p>x</p>"))
    if data.startswith(b"\x1f\x8b"):
        good = gzip.compress(good)
    found = captures(io.BytesIO(good + data), "a.warc", 0, MOST, NOON)
    assert next(found).page
    with pytest.raises(ConfigError, match=r"a\.warc is not a WARC file, or is damaged, after byte 0"):
        list(found)


def test_a_file_that_ends_within_a_record_has_those_before_it() -> None:
    data = record(http(b"<p>x</p>")) + record(http(b"<p>yyyyyyyyyyyyyyyy</p>"))[:-12]
    found = read(data)
    assert found[0].page
    assert [(one.page, one.kind) for one in found[1:]] == [(None, "cut-off")]
