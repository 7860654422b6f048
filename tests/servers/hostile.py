"""A server on loopback that answers as no server should: byte by byte under the test's control."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import brotli
import zstandard

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Hostile:
    """A running server. `requests` holds the head of each request, in order."""

    port: int
    requests: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def serve(answers: dict[str, bytes | Behaviour], host: str = "127.0.0.1") -> AsyncIterator[Hostile]:
    """Answer each path with the given raw bytes, or as the given function does; then hang up."""
    requests: list[str] = []
    tasks: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            requests.append(head)
            await respond(answers[head.split(" ")[1]], writer)
        writer.close()

    server = await asyncio.start_server(handle, host, 0)
    try:
        yield Hostile(server.sockets[0].getsockname()[1], requests)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)  # the aborted transports close in the next round of the loop


async def respond(answer: bytes | Behaviour, writer: asyncio.StreamWriter) -> None:
    if isinstance(answer, bytes):
        writer.write(answer)
        await writer.drain()
    else:
        await answer(writer)


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A proper response. Header names have underscores for hyphens."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(status=f"{status} Moved", Location=location)


def repeat(first: bytes, again: bytes, pause: float = 0.0) -> Behaviour:
    """Send `first`, and then `again` without end."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


def in_chunks(payload: bytes, size: int) -> bytes:
    """A body in the chunked transfer coding (RFC 9112, section 7.1)."""
    parts = (payload[at : at + size] for at in range(0, len(payload), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def gzip_bomb(megabytes: int) -> bytes:
    """One gzip member of zeros: about 1 KB per megabyte."""
    return b"".join(_deflate(zlib.compressobj(9, wbits=31), megabytes))


def deflate_bomb(megabytes: int) -> bytes:
    return b"".join(_deflate(zlib.compressobj(9), megabytes))


def many_members_bomb(megabytes: int) -> bytes:
    """A gzip member for each megabyte of zeros."""
    return gzip.compress(bytes(MEGABYTE)) * megabytes


def brotli_bomb(megabytes: int) -> bytes:
    """Zeros in brotli: a few bytes per megabyte."""
    compressor = brotli.Compressor(quality=5, lgwin=24)
    parts = [compressor.process(bytes(MEGABYTE)) for _ in range(megabytes)]
    return b"".join([*parts, compressor.finish()])


def zstd_bomb(megabytes: int) -> bytes:
    """Zeros in Zstandard, in a frame that wants a window of 128 MB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    parts = [compressor.compress(bytes(MEGABYTE)) for _ in range(megabytes)]
    return b"".join([*parts, compressor.flush()])


def _deflate(compressor: "zlib._Compress", megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield compressor.compress(bytes(MEGABYTE))
    yield compressor.flush()
