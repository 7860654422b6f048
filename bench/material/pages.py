"""The real pages of ../shared/data, and a loopback server for them, shared by the benches."""

import html
import http.server
import multiprocessing
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "pages.tar.xz"
HOST = "bench.example"
FEED_ITEMS = 100


def pages_or_exit(limit: int) -> list[bytes]:
    """The first pages as served; exits with a message if the data is missing."""
    if not ARCHIVE.exists():
        sys.exit(f"skipped: {ARCHIVE} is not there")
    with tarfile.open(ARCHIVE) as archive:
        # In the archive's own order: going back would unpack all of it again.
        files = (archive.extractfile(member) for member in archive if member.name.endswith(".html"))
        return [file.read() for file in islice(files, limit) if file]


class Site(NamedTuple):
    """A running server."""

    port: int
    pid: int


@contextmanager
def served(pages: list[bytes], articles: int) -> Iterator[Site]:
    """Serve `articles` addresses, which repeat the pages, and feeds that list them.

    The server is a process of its own, so that its CPU is not counted.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs, pages, articles), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield Site(ours.recv(), process.pid)
    finally:
        process.terminate()
        process.join()


def opml(port: int, articles: int) -> bytes:
    """The list of the feeds that `served` serves."""
    feeds = range((articles + FEED_ITEMS - 1) // FEED_ITEMS)
    lines = [f'<outline type="rss" text="Feed {n}" xmlUrl="http://{HOST}:{port}/feed/{n}"/>' for n in feeds]
    return f'<opml version="2.0"><body>{"".join(lines)}</body></opml>'.encode()


def _serve(pipe: Connection, pages: list[bytes], articles: int) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self.send_error(404)
                return
            kind, number = self.path.split("/")[1], int(self.path.split("/")[2])
            feed = kind == "feed"
            body = _feed(self.server.server_port, number, articles) if feed else _page(pages, number)  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml" if feed else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pipe.send(server.server_port)
    server.serve_forever()


def _page(pages: list[bytes], number: int) -> bytes:
    """A page; when it is served again, its paragraphs carry the article's number, so that no two articles are the same."""
    page = pages[number % len(pages)]
    return page if number < len(pages) else page.replace(b"</p>", b" No. %d.</p>" % number)


def _feed(port: int, number: int, articles: int) -> bytes:
    listed = range(number * FEED_ITEMS, min((number + 1) * FEED_ITEMS, articles))
    items = [
        f"<item><title>{html.escape(f'Article {n}')}</title><link>http://{HOST}:{port}/page/{n}</link><guid>{n}</guid></item>"
        for n in listed
    ]
    return (
        f'<rss version="2.0"><channel><title>Feed {number}</title>{"".join(items)}</channel></rss>'.encode()
    )
