"""A small news site and a WebSub hub on loopback, in a thread of the test's process."""

import hashlib
import hmac
import http.server
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from waiting import PATIENCE


@dataclass
class Newsroom:
    """Answers GET from a table of pages by path (else 404), and keeps what is posted to /hub."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Media type and text."""
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    port: int = 0
    turn: int = 0
    """The port at which the callback is reached, as a load balancer has it; 0: the one in its address."""

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def confirm(self, form: dict[str, str]) -> None:
        """Ask the subscriber to confirm."""
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "c",
            "hub.lease_seconds": "3600",
        }
        address = f"{self._callback(form)}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=PATIENCE) as found:
            self.confirmed.append(found.read().decode())

    def push(self, body: bytes) -> int:
        """Send news to the latest subscriber."""
        form = self.forms[-1]
        signature = hmac.new(form["hub.secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"}
        request = urllib.request.Request(self._callback(form), body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)

    def _callback(self, form: dict[str, str]) -> str:
        parts = urllib.parse.urlsplit(form["hub.callback"])
        return parts._replace(netloc=f"{parts.hostname}:{self.turn or parts.port}").geturl()


@contextmanager
def newsroom() -> Iterator[Newsroom]:
    """A newsroom while the block runs."""
    room = Newsroom()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            room.asked.append(self.path)
            kind, text = room.pages.get(self.path, ("text/plain", ""))
            self._answer(200 if text else 404, kind, text.encode())

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            form = dict(urllib.parse.parse_qsl(self.rfile.read(size).decode()))
            room.forms.append(form)
            self._answer(202, "text/plain", b"")
            threading.Thread(target=room.confirm, args=(form,), daemon=True).start()

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    room.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield room
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
