"""Alerts of everything that the demo world publishes, and a desk that gets them."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from acceptance.command import Wirewatch, World
from samples.documents import checked
from servers.ports import free_port

from demo.world import bundled

EVERYTHING = "the OR der OR la OR le OR el OR v OR في OR من"
ALERTS = """
[[alert]]
name = "Everything"
query = "{everything}"
channels = ["desk", "file"]

[[alert]]
name = "Syria"
query = "syria OR syrian"
channels = ["desk", "file"]

[channels.desk]
kind = "webhook"
url = "http://127.0.0.1:{port}/hook"
secret = "s3cret"
"""


class Receiver:
    """A desk that accepts alerts over HTTP while it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.got: list[dict[str, Any]] = []
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(checked(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                assert self.headers["X-Wirewatch-Signature"].startswith("t=")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def keys(self) -> list[str]:
        return [one["key"] for one in self.got]


def with_alerts(wirewatch: Wirewatch, desk: Receiver) -> Wirewatch:
    wirewatch.data.mkdir(exist_ok=True)
    (wirewatch.data / "alerts.toml").write_text(ALERTS.format(port=desk.port, everything=EVERYTHING))
    return wirewatch


def first_poll(reading: Callable[[World], Wirewatch]) -> tuple[Wirewatch, int]:
    """A wirewatch that has polled each feed once, so that later articles are news, and the world's port."""
    port = free_port()
    arguments = ["--port", str(port), "--head-start", "5", "--every", "10000"]
    process = subprocess.Popen([sys.executable, "-m", "demo", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    wirewatch = reading(World(port))
    wirewatch.run("run", "--once")
    process.terminate()
    process.communicate()
    return wirewatch, port


def sent(wirewatch: Wirewatch) -> list[dict[str, Any]]:
    """The messages in the file of alerts. A line that is being written in this moment is none yet."""
    file = wirewatch.data / "alerts.jsonl"
    whole = file.read_bytes().rpartition(b"\n")[0] if file.exists() else b""
    return [json.loads(line) for line in whole.splitlines()]


def fired(wirewatch: Wirewatch) -> int:
    file = wirewatch.data / "alerts.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def is_over(world: World) -> bool:
    return len(world.published()) == len(bundled().articles)
