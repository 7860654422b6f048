"""Thousands of old entries don't delay news, which is fetched at once."""

import subprocess
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from acceptance.command import WIREWATCH, Wirewatch, clean_environment
from waiting import wait_until

OLD = 3_000
"""More than the fetch stage takes up (1,000) and more than may wait for it (`log.backlog`)."""
HOSTS = 10
"""Fewer than there are connections: those that hang leave some free."""


class Site(ThreadingHTTPServer):
    """A feed with a long past, whose pages hang until released; and a feed that has news once those are requested."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        self.asked: list[str] = []
        self.released = threading.Event()

    def feed(self, path: str) -> str:
        if path == "/old.xml":
            items = [f"http://old{number % HOSTS}.test:{self.port}/{number}" for number in range(OLD)]
        else:
            items = [f"http://news.test:{self.port}/earlier"]
            items += [f"http://news.test:{self.port}/fresh"] * (len(self.hanging()) == HOSTS)
        dated = formatdate(1_000_000_000)
        listed = "".join(
            f"<item><title>{url}</title><link>{url}</link><pubDate>{dated}</pubDate></item>" for url in items
        )
        return f"<rss version='2.0'><channel><title>{path}</title>{listed}</channel></rss>"

    def hanging(self) -> list[str]:
        return [url for url in self.asked if url.startswith("old")]


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        found = self.server.feed(self.path).encode() if self.path.endswith(".xml") else b""
        if not found and self.path != "/robots.txt":
            self.server.asked.append(self.headers["Host"].split(":")[0] + self.path)
            if self.headers["Host"].startswith("old"):
                self.server.released.wait()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def test_news_is_fetched_before_a_feeds_past_and_the_past_is_fetched_too(
    site: Site, tmp_path: Path, processes: list["subprocess.Popen[bytes]"]
) -> None:
    hosts = ["feeds.test", "news.test", *(f"old{number}.test" for number in range(HOSTS))]
    config, feeds = tmp_path / "wirewatch.toml", tmp_path / "feeds.opml"
    config.write_text(
        "[poll]\nevery_seconds = 1\n"
        "[fetch]\ngap_seconds = 0\ntimeout_seconds = 600\nallow_private = ['127.0.0.0/8']\n[fetch.hosts]\n"
        + "".join(f"'{host}' = '127.0.0.1'\n" for host in hosts)
    )
    feeds.write_text(
        "<opml version='2.0'><body>"
        f"<outline type='rss' xmlUrl='http://feeds.test:{site.port}/old.xml'/>"
        f"<outline type='rss' xmlUrl='http://news.test:{site.port}/news.xml'/></body></opml>"
    )
    wirewatch = Wirewatch(tmp_path / "data", config, feeds)
    with (tmp_path / "said").open("wb") as said:  # more than a pipe holds: each old page is quarantined
        command = [WIREWATCH, "run", *wirewatch.options()]
        processes.append(subprocess.Popen(command, stdout=said, stderr=said, env=clean_environment()))

    wait_until(lambda: "news.test/fresh" in site.asked, "the news")
    assert len(site.hanging()) == HOSTS, "while no old page has come"

    site.released.set()
    wait_until(lambda: len(set(site.hanging())) == OLD, "the old pages")
    assert len(site.hanging()) == OLD, "each once"
