"""The page and the API of an installation, served by a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from servers.ports import free_port
from waiting import PATIENCE

from wirewatch.commands.page.serving import serve_page
from wirewatch.commands.settings import Settings


@contextmanager
def page_of(settings: Settings) -> Iterator[str]:
    """Serve the page while the block runs; yields its address."""
    loop, held = asyncio.new_event_loop(), AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = serve_page(settings, free_port())
    try:
        opened = asyncio.run_coroutine_threadsafe(held.enter_async_context(serving), loop)
        yield opened.result(PATIENCE)
    finally:
        asyncio.run_coroutine_threadsafe(held.aclose(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
