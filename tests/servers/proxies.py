"""Proxies on loopback: HTTP (CONNECT, and forwarding), and SOCKS5 (RFC 1928, RFC 1929)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from servers.ports import free_port

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        port: where it listens.
        names: its DNS: names and their addresses.
        login: the user name and password that it requires, as `name:password`; '' for none.
        refusal: its answer instead of connecting: the end of an HTTP status line, or the code of a SOCKS reply.
        asked: the requests to it, in order: `CONNECT host:port`, `GET url`.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    login: str = ""
    refusal: str = ""
    port: int = 0
    asked: list[str] = field(default_factory=list)

    async def connect(self, host: str, port: int) -> Streams:
        return await asyncio.open_connection(self.names.get(host, host), port)


Serve = Callable[[Proxy, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def running(proxy: Proxy, serve: Serve) -> AsyncIterator[Proxy]:
    """A proxy that serves in one of the ways below, while the block runs."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await serve(proxy, reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        await asyncio.sleep(0)


async def http(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RFC 9110, section 9.3.6 (CONNECT), and RFC 9112, section 3.2.2 (the absolute form)."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    method, target, _ = head.split(" ", 2)
    proxy.asked.append(f"{method} {target}")
    wanted = f"proxy-authorization: basic {base64.b64encode(proxy.login.encode()).decode()}"
    if proxy.login and wanted.lower() not in head.lower():
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    elif proxy.refusal:
        writer.write(f"HTTP/1.1 {proxy.refusal}\r\nContent-Length: 0\r\n\r\n".encode())
    elif method == "CONNECT":
        host, _, port = target.rpartition(":")
        there = await proxy.connect(host.strip("[]"), int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await splice((reader, writer), there)
    else:
        parts = urlsplit(target)
        there = await proxy.connect(parts.hostname or "", parts.port or 80)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        lines = [line for line in head.split("\r\n") if not line.lower().startswith("proxy-")]
        there[1].write("\r\n".join(lines).replace(target, path, 1).encode("latin-1"))
        await splice((reader, writer), there)
    await writer.drain()
    writer.write_eof()


async def socks5(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The command CONNECT, with or without a password."""
    _, count = await reader.readexactly(2)
    offered = await reader.readexactly(count)
    method = 2 if proxy.login else 0
    if method not in offered:
        writer.write(b"\x05\xff")
        await writer.drain()
        return
    writer.write(bytes([5, method]))
    if proxy.login and not await _is_let_in(proxy, reader, writer):
        return
    host, port = await _target(reader)
    proxy.asked.append(f"CONNECT {host}:{port}")
    if proxy.refusal:
        writer.write(bytes([5, int(proxy.refusal), 0, 1, *bytes(6)]))
        await writer.drain()
        return
    there = await proxy.connect(host, port)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await splice((reader, writer), there)


async def _is_let_in(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    _, length = await reader.readexactly(2)
    user = (await reader.readexactly(length)).decode()
    [length] = await reader.readexactly(1)
    password = (await reader.readexactly(length)).decode()
    well = f"{user}:{password}" == proxy.login
    writer.write(bytes([1, 0 if well else 1]))
    await writer.drain()
    return well


async def _target(reader: asyncio.StreamReader) -> tuple[str, int]:
    _, _, _, kind = await reader.readexactly(4)
    if kind == 3:
        [length] = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode()
    else:
        host = str(ip_address(await reader.readexactly(4 if kind == 1 else 16)))
    return host, int.from_bytes(await reader.readexactly(2))


async def splice(one: Streams, other: Streams) -> None:
    """Forward data both ways until one side closes the connection."""
    try:
        ways = [
            asyncio.ensure_future(_pass_on(one[0], other[1])),
            asyncio.ensure_future(_pass_on(other[0], one[1])),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    finally:
        other[1].transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


def closed_port() -> int:
    """A port of 127.0.0.1 without a listener."""
    return free_port()
