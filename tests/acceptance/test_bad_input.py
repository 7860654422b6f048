"""Every bad feed and bad page at once: each is named with its reason, and the good ones get through."""

import gzip
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from acceptance.command import Wirewatch

GOOD_TEXT = " ".join(
    f"The harbour board met for the {n}th time and spoke of the new ferry at length." for n in range(12)
)
GOOD_PAGE = f"<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1><p>{GOOD_TEXT}</p></article></body></html>"


def rss(*paths: str) -> bytes:
    items = "".join(
        f"<item><title>{path}</title><link>BASE/{path}</link><guid>{path}</guid></item>" for path in paths
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    )


PAGES: dict[str, tuple[str, bytes]] = {
    "good": ("text/html", GOOD_PAGE.encode()),
    "also-good": ("text/html", GOOD_PAGE.replace("ferry", "lighthouse").encode()),
    "from-truncated": ("text/html", GOOD_PAGE.replace("ferry", "pier").encode()),
    "from-wrongly-declared": ("text/html", GOOD_PAGE.replace("ferry", "buoy").encode()),
    "pdf": ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj"),
    "pdf-as-html": ("text/html", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj"),
    "binary": ("text/html", bytes(range(256)) * 40),
    "empty": ("text/html", b""),
    "deep": ("text/html", b"<html><body>" + b"<div>" * 2_000_000),
    "links": ("text/html", b"<html><body>" + b"<p><a href='/x'>x</a>" * 100_000),
    "no-text": ("text/html", b"<html><body><script>var a = 1</script><img src='x.png'></body></html>"),
    "huge": ("text/html", b"<p>" + b"x" * 12_000_000),
}
FEEDS: dict[str, tuple[str, bytes]] = {
    "all-pages.xml": ("application/rss+xml", rss(*(path for path in PAGES if not path.startswith("from-")))),
    "html.xml": ("text/html", GOOD_PAGE.encode()),
    "empty.xml": ("application/rss+xml", b""),
    "truncated.xml": ("application/rss+xml", rss("from-truncated", "never")[:-90]),
    "50mb.xml": ("application/rss+xml", b"<rss><channel>" + b"<item/>" * 7_500_000),
    "wrongly-declared.xml": ("image/png", rss("from-wrongly-declared")),
    "noise.xml": ("application/rss+xml", bytes(range(256)) * 100),
}


@dataclass
class Served:
    port: int
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def hostile() -> Iterator[Served]:
    bomb = gzip.compress(b"<rss>" + b" " * 200_000_000)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            headers = {}
            if name == "bomb.xml":
                kind, body = "application/rss+xml", bomb
                headers["Content-Encoding"] = "gzip"
            elif name in FEEDS or name in PAGES:
                kind, body = {**FEEDS, **PAGES}[name]
                body = body.replace(b"BASE", f"http://127.0.0.1:{self.server.server_port}".encode())  # type: ignore[attr-defined]
            else:
                kind, body = "text/html", b""
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for header, value in headers.items():
                self.send_header(header, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # the client has had enough

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(server.server_port)
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_bad_is_named_and_the_good_gets_through(hostile: Served, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{hostile.port}"
    outlines = "".join(
        f'<outline type="rss" text="{name}" xmlUrl="{base}/{name}"/>' for name in [*FEEDS, "bomb.xml"]
    )
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    (tmp_path / "wirewatch.toml").write_text(
        "[fetch]\ngap_seconds = 0\ntimeout_seconds = 300\nallow_private = ['127.0.0.0/8']\n"
        "[poll]\nparse_timeout_seconds = 300\n[extract]\ntimeout_seconds = 300\n"  # a busy machine is no fault
    )
    wirewatch = Wirewatch(tmp_path / "data", tmp_path / "wirewatch.toml", tmp_path / "feeds.opml")
    said = wirewatch.run("run", "--once")
    assert "Traceback" not in said.stderr

    assert {hit["url"] for hit in wirewatch.search()} == {
        f"{base}/{path}" for path in ("good", "also-good", "from-truncated", "from-wrongly-declared")
    }
    rows = wirewatch.lines("quarantine", "list")
    assert {row["subject"].removeprefix(f"{base}/"): row["kind"] for row in rows} == {
        "pdf": "not-html",
        "pdf-as-html": "not-html",
        "binary": "not-html",
        "empty": "empty-page",
        "deep": "too-large",
        "links": "too-complex",
        "no-text": "no-text",
        "huge": "too-large",
    }
    failing = {
        url.removeprefix(f"{base}/"): reason for url, reason in wirewatch.status()["feeds_failing"].items()
    }
    assert {name: reason.split(":")[0] for name, reason in failing.items()} == {
        "html.xml": "feed-is-html",
        "empty.xml": "feed-empty",
        "50mb.xml": "too-large",
        "bomb.xml": "too-large",
        "noise.xml": "feed-unreadable",
    }
    assert "50mb.xml" in said.stdout, "the summary names the feeds that failed"
