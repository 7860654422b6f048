"""Interim answers (1xx, RFC 9110, section 15.2): a server may send any number of them before the real one, which costs CPU."""

from typing import Any

import aiohttp
from aiohttp.connector import Connection

MAX_INTERIM = 16


class Answer(aiohttp.ClientResponse):
    """An answer that gives up after sixteen interim ones. aiohttp itself reads them without end, in `start`."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read up to the end of the headers; raises ServerDisconnectedError for too many interim answers."""
        protocol: Any = connection.protocol
        read, heads = protocol.read, 0

        async def counted() -> Any:
            nonlocal heads
            heads += 1
            if heads > MAX_INTERIM:
                raise aiohttp.ServerDisconnectedError(f"more than {MAX_INTERIM} interim answers (1xx)")
            return await read()

        protocol.read = counted
        try:
            return await super().start(connection)
        finally:
            vars(protocol).pop("read", None)
