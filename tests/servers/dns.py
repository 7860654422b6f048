"""A DNS server on loopback (RFC 1035, over UDP) whose answers change, and a getaddrinfo that asks it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from waiting import PATIENCE

A, AAAA = 1, 28
HEADER = struct.Struct("!6H")
ANSWERED = 0x8180
"""The flags of a response without an error, to a question that wanted recursion."""


class Zone(asyncio.DatagramProtocol):
    """The names that the server knows. Each has sets of addresses: a look-up gets the next set; the last set repeats.

    A look-up is a question for A followed by one for AAAA, which is what `getaddrinfo` of common C libraries sends.

    Attributes:
        asked: the names that were looked up, in order.
    """

    def __init__(self, names: dict[str, list[Sequence[str]]]) -> None:
        self.asked: list[str] = []
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        assert self._transport is not None
        name, kind, end = question(data)
        if kind == A:
            self.asked.append(name)
        records = [record for one in self._current(name) if (record := encoded(one, kind))]
        if kind == AAAA:
            self._move_on(name)
        head = HEADER.pack(int.from_bytes(data[:2]), ANSWERED, 1, len(records), 0, 0)
        self._transport.sendto(head + data[HEADER.size : end] + b"".join(records), addr)

    def _current(self, name: str) -> Sequence[str]:
        return self._names[name][0] if name in self._names else ()

    def _move_on(self, name: str) -> None:
        if len(self._names.get(name, ())) > 1:
            del self._names[name][0]


def question(message: bytes) -> tuple[str, int, int]:
    """The name and type in a query message, and where its question ends."""
    labels, at = [], HEADER.size
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels).lower(), int.from_bytes(message[at + 1 : at + 3]), at + 5


def encoded(text: str, kind: int) -> bytes:
    """A resource record of a type, with a TTL of 0; b"" if the address is of the other type."""
    address = ip_address(text)
    if isinstance(address, IPv4Address) != (kind == A):
        return b""
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(address.packed)) + address.packed


@asynccontextmanager
async def dns(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[Sequence[str]]]) -> AsyncIterator[Zone]:
    """A DNS server that every `socket.getaddrinfo` of the process asks while the block runs."""
    loop = asyncio.get_running_loop()
    transport, zone = await loop.create_datagram_endpoint(lambda: Zone(names), ("127.0.0.1", 0))
    server = transport.get_extra_info("sockname")
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **kinds: Any) -> list[tuple[Any, ...]]:
        try:
            ip_address(host)
        except ValueError:
            found = [*look_up(server, host, A), *look_up(server, host, AAAA)]
        else:
            return real(host, port, *args, **kinds)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [row(address, port) for address in found]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        try:
            yield zone
        finally:
            transport.close()


def look_up(server: tuple[str, int], host: str, kind: int) -> list[IPv4Address | IPv6Address]:
    """Ask the server for a host's addresses of one type. Call this from a thread."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in host.rstrip(".").split("."))
    query = HEADER.pack(1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE)
        asking.sendto(query, server)
        reply = asking.recv(512)
    size = 12 + (4 if kind == A else 16)
    records = reply[len(query) :]
    return [ip_address(records[at + 12 : at + size]) for at in range(0, len(records), size)]


def row(address: IPv4Address | IPv6Address, port: int) -> tuple[Any, ...]:
    """An address as `getaddrinfo` returns it."""
    if isinstance(address, IPv4Address):
        return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port)
    return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port, 0, 0)
