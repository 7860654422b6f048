"""Chat services on loopback: every HTTP request of Apprise, to whatever host, is answered here and kept."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from aiohttp import web

_TAKEN = {"ok": True, "success": True, "status": "success", "room_id": "!room:home", "event_id": "$1"}
_LOGIN = {"access_token": "t", "user_id": "@wire:home", "home_server": "home"}


@dataclass
class Services:
    """The requests that arrived: the host and the body of each."""

    host: str = ""
    """Of this server; a URL may name it as it names a service's own."""
    got: list[tuple[str, bytes]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """Their media types."""
    refused: int = 0
    """How many messages are taken before one is refused, once; 0: all are taken."""

    def texts(self) -> list[str]:
        """All strings in the JSON, forms and texts that arrived, in order."""
        return [
            text
            for kind, (_, body) in zip(self.kinds, self.got, strict=True)
            for text in _strings(_decoded(kind, body))
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """Accept anything, in the service's own words."""
        host = request.headers.get("X-Asked-For", self.host)
        self.got.append((host, await request.read()))
        self.kinds.append(request.content_type)
        if len(self.got) - 1 == self.refused > 0:
            return web.Response(status=500)
        if host == "hooks.slack.com":
            return web.Response(text="ok")
        return web.json_response(_TAKEN | _LOGIN)


def _decoded(kind: str, body: bytes) -> Any:
    match kind:
        case "application/json":
            return json.loads(body or b"null")
        case "application/x-www-form-urlencoded":
            return parse_qs(body.decode())
        case _:
            return body.decode()


def _strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in _strings(one)]
        case list():
            return [text for one in value for text in _strings(one)]
        case _:
            return []


@asynccontextmanager
async def services(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """Services while the block runs. Only the socket's address is changed: Apprise itself makes the requests."""
    found = Services()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", found.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    found.host = f"127.0.0.1:{port}"
    send = requests.Session.send

    def to_loopback(
        session: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        asked = urlsplit(request.url or "")
        if asked.hostname != "127.0.0.1":
            request.headers["X-Asked-For"] = str(asked.hostname)
            request.url = asked._replace(scheme="http", netloc=found.host).geturl()
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", to_loopback)
    try:
        yield found
    finally:
        await runner.cleanup()
