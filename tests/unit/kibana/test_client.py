"""The HTTP client, against servers that are not Kibana, and against no server."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from servers.fake_kibana import serving

from kibana.client import Kibana
from kibana.settings import Kibana as Settings
from stream.errors import ConfigError


async def fault_at(url: str, seconds: float = 60.0) -> str:
    with pytest.raises(ConfigError) as caught:
        async with Kibana(Settings(url=url, timeout_seconds=seconds)) as kibana:
            await kibana.version()
    return str(caught.value)


async def fault_with(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], seconds: float = 60.0
) -> str:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    async with serving(app) as url:
        return await fault_at(url, seconds)


async def test_no_kibana_at_all() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        fault = await fault_at(f"http://127.0.0.1:{port}")
    assert f"Kibana at http://127.0.0.1:{port} can't be reached" in fault
    assert "kibana.url" in fault


async def test_something_else_answers() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>It works!</html>", content_type="text/html")

    assert "is not Kibana" in await fault_with(page)


async def test_a_redirect_is_not_followed() -> None:
    async def login(request: web.Request) -> web.Response:
        raise web.HTTPFound("/login?next=%2F")

    fault = await fault_with(login)
    assert "302" in fault
    assert "expected no redirect" in fault


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    assert "can't be reached: " in await fault_with(silent, seconds=0.2)


async def test_an_endless_answer_is_cut() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" " * 1_000_000)
        except ConnectionError:
            return response

    assert "is not Kibana" in await fault_with(endless)


def test_an_invalid_certificate_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    for path in (file, tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match=f"kibana.ca_file: {path}"):
            Kibana(Settings(url="https://kibana.example", ca_file=str(path)))
