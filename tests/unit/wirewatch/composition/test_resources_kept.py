from contextlib import AsyncExitStack
from pathlib import Path

from stream.log.memory import MemoryLog
from wirewatch.composition.resources import Resources
from wirewatch.config import Config, Paths


async def test_what_was_opened_is_kept_until_the_end(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)
    async with AsyncExitStack() as stack:
        resources = Resources(Config(), paths, MemoryLog(()), stack)
        store = resources.store()
        assert resources.store() is store, "a second one would find the archive locked by the first"
        assert await resources.means() is await resources.means()
        assert await resources.client() is await resources.client()
        assert resources.alerts() is resources.alerts()
    async with AsyncExitStack() as stack:
        assert Resources(Config(), paths, MemoryLog(()), stack).store() is not store, "the first was closed"
