"""Reads the body of a response: decoded, and never more than the limit."""

import aiohttp

from ingest.urls import SHOWN_LENGTH, shown
from stream.errors import Reject, RetryLater

# What aiohttp decodes with the libraries that wirewatch depends on.
ENCODINGS = ("gzip", "deflate", "br", "zstd")

# IANA HTTP Content Coding Registry, as far as the web uses it. Other values (`utf-8`, `none`) are mistakes, and mean nothing.
CODINGS = frozenset({"br", "compress", "dcb", "dcz", "deflate", "gzip", "x-compress", "x-gzip", "zstd"})

# Each costs some microseconds, however small: ten million of one byte would cost 15 s of CPU.
MAX_PIECES = 100_000


async def read_body(answer: aiohttp.ClientResponse, url: str, max_bytes: int) -> bytes:
    """The decoded body of a 2xx response; b"" for any other, whose body is not needed.

    aiohttp decodes in steps of some 256 KiB and pauses while nobody reads, so a decompression bomb takes at most that plus
    `max_bytes`.
    """
    if not 200 <= answer.status < 300:
        return b""
    check_encoding(answer.headers.get("Content-Encoding", ""), url)
    if (answer.content_length or 0) > max_bytes:
        raise too_large(url, max_bytes)
    pieces: list[bytes] = []
    size = 0
    async for piece, _ in answer.content.iter_chunks():
        size += len(piece)
        if size > max_bytes:
            raise too_large(url, max_bytes)
        pieces.append(piece)
        if len(pieces) > MAX_PIECES:
            raise Reject("too-large", f"{shown(url)} comes in more than {MAX_PIECES} pieces")
    return b"".join(pieces)


def too_large(url: str, max_bytes: int) -> Reject:
    """The error for a body over the limit."""
    return Reject("too-large", f"{shown(url)} has more than {max_bytes} bytes")


def check_encoding(encoding: str, url: str) -> None:
    """Raise RetryLater for a Content-Encoding that was not requested and that aiohttp would not decode."""
    codings = {coding.strip().lower() for coding in encoding.split(",")}
    if codings & CODINGS and encoding.lower() not in ENCODINGS:
        raise RetryLater(
            "broken-response",
            f"{shown(url)} answered in an encoding that wirewatch did not ask for: {encoding[:SHOWN_LENGTH]!r}",
        )
