from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from stream.errors import ConfigError
from stream.log.base import Outgoing
from stream.log.memory import MemoryLog
from stream.meters import Meters
from wirewatch.composition.resources import Resources
from wirewatch.config import Config, Paths
from wirewatch.topics import RELATED, specs


async def test_opened_resources_are_kept_until_the_end(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)
    async with AsyncExitStack() as stack:
        resources = Resources(Config(), paths, MemoryLog(specs(Config())), Meters(), stack)
        store = resources.store()
        assert resources.store() is store, "a second one would find the archive locked by the first"
        assert await resources.means() is await resources.means()
        assert await resources.client() is await resources.client()
        assert resources.alerts() is resources.alerts()
    async with AsyncExitStack() as stack:
        assert Resources(Config(), paths, MemoryLog(specs(Config())), Meters(), stack).store() is not store, (
            "the first was closed"
        )


async def test_no_archive_is_silently_started_over_if_the_log_knows_of_one(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)
    log = MemoryLog(specs(Config()))
    log.produce([Outgoing(RELATED.name, "a", b"")])
    with log.consumer("index", RELATED.name) as consumer:
        consumer.poll(1, 0)
        consumer.commit({0: 1})
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigError, match=r"the archive is gone, .*wirewatch check --repair"):
            Resources(Config(), paths, log, Meters(), stack).store()
