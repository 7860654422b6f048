"""Pictures for the page: fetched with the client of pages, and made small in a worker process."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from ingest.http.client import Client
from stream.errors import ConfigError, Reject
from stream.workers import Workers
from web.images.services import Images, Size
from wirewatch.commands.settings import Settings
from wirewatch.composition.resources import open_client

WANTED = {"Accept": "image/webp,image/jpeg,image/png,image/gif;q=0.8"}
MOST_BYTES = 8_000_000
"""Of an original."""
_MEMORY_BYTES = 1_000_000_000
"""Of address space: some ten times what the largest picture needs that is decoded."""
_CPU_SECONDS, _SECONDS = 4.0, 15.0


@asynccontextmanager
async def images_of(settings: Settings) -> AsyncIterator[Images | None]:
    """What the page makes pictures with, while the block runs; None where it is to show none.

    Raises ConfigError where they are wanted and Pillow is missing.
    """
    config = settings.config
    if not config.web.images:
        yield None
        return
    if importlib.util.find_spec("PIL") is None:
        raise ConfigError("web.images: needs Pillow, which is not installed: pip install 'wirewatch[images]'")
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(open_client(config))
        maker = _Maker(client, stack)
        yield Images(maker.make, settings.paths.data / "images", config.web.images_bytes)


class _Maker:
    """Fetches pictures and makes small ones.

    Args:
        client: fetches the originals.
        stack: closes the worker process, which begins with the first picture.
    """

    def __init__(self, client: Client, stack: AsyncExitStack) -> None:
        self._client = client
        self._stack = stack
        self._turn = asyncio.Lock()
        self._workers: Workers | None = None

    async def make(self, url: str, size: Size) -> bytes:
        """See `web.images.services.Make`."""
        from web.images.shrink import shrink  # noqa: PLC0415 - it needs Pillow

        response = await self._client.get(url, headers=WANTED, max_bytes=MOST_BYTES)
        if response.status != 200:
            raise Reject(f"http-{response.status}", f"the outlet answered {response.status}")
        workers = await self._running()
        return await workers.run(_SECONDS, shrink, response.body, size)

    async def _running(self) -> Workers:
        async with self._turn:
            if self._workers is None:
                self._workers = await asyncio.to_thread(
                    Workers, 1, _MEMORY_BYTES, _CPU_SECONDS, ("web.images.shrink",)
                )
                self._stack.push_async_callback(asyncio.to_thread, self._workers.close)
            return self._workers
