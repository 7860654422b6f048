"""A small SMTP server on loopback (RFC 5321) that accepts every mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """Where mail arrives."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    """As they were sent, with CRLF."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it quits."""
        writer.write(b"220 mail.example ESMTP\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append(await _mail(reader))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
        writer.close()


async def _mail(reader: asyncio.StreamReader) -> bytes:
    found = await reader.readuntil(b"\r\n.\r\n")
    return found[:-3].replace(b"\r\n..", b"\r\n.")


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mailbox while the block runs."""
    box = Mailbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box
