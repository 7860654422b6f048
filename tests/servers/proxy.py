"""A proxy on loopback that stands between a client and a real server, and misbehaves on demand."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3


@dataclass(frozen=True)
class Request:
    """A client's request; names in `headers` are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Fault:
    """What the proxy does instead of passing a request on.

    Attributes:
        status: the status of its response, in Elasticsearch's form; 0 cuts the connection.
        passed_on: whether the server still gets the request.
        genuine: whether the response claims to be from Elasticsearch.
    """

    status: int
    passed_on: bool = False
    genuine: bool = True


Judge = Callable[[Request], Fault | None]
"""What to do with a request; None passes it on. Called from several threads."""


@contextmanager
def proxy(target: str, judge: Judge, certificate: str = "") -> Iterator[str]:
    """The URL of a proxy before the server at the URL `target`; with TLS if there is a certificate (PEM, with its key)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, target, judge))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    def __init__(self, target: str, judge: Judge, *connection: Any) -> None:
        self._target = target
        self._judge = judge
        super().__init__(*connection)

    def handle(self) -> None:
        try:
            super().handle()
        except (
            OSError,
            urllib3.exceptions.HTTPError,
        ):  # the client has left or rejects our certificate, or there is no server
            self.close_connection = True

    def answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        fault = self._judge(Request(self.command, self.path, headers, body))
        if fault is None:
            self._pass_on(body, headers)
        elif fault.passed_on:
            self._ask(body, headers)
        if fault and fault.status:
            error = json.dumps({"error": {"type": "made_up", "reason": f"made up {fault.status}"}}).encode()
            self._send(fault.status, error, "application/json", "Elasticsearch" if fault.genuine else None)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - as http.server calls them

    def _pass_on(self, body: bytes, headers: Mapping[str, str]) -> None:
        given = self._ask(body, headers)
        kind, product = given.headers.get("content-type", ""), given.headers.get("x-elastic-product")
        self._send(given.status, given.data, kind, product)

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        passed = {name: headers[name] for name in ("accept", "content-type") if name in headers}
        return urllib3.request(
            self.command, self._target + self.path, body=body, headers=passed, retries=False
        )

    def _send(self, status: int, body: bytes, content_type: str, product: str | None) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        if product:
            self.send_header("x-elastic-product", product)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server calls it
        """Log nothing."""
