"""Old entries wait in a topic of their own: who puts them there, who reads them, and how many continue at a time."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ingest.polling.feed_state import FeedState
from stream.log.base import Outgoing
from stream.log.memory import MemoryLog
from stream.log.settings import Log
from stream.messages import Entry, decode, encode
from wirewatch.composition.poller import publishing
from wirewatch.composition.stages import BACKFILL_AHEAD, backfill_room
from wirewatch.config import Config, Paths
from wirewatch.pipeline import ALL, open_pipeline
from wirewatch.topics import BACKFILL, ENTRIES, feed_states, specs

NEWS = Entry(
    feed="http://a.example/feed",
    source="A",
    guid="1",
    url="http://a.example/1",
    seen=datetime(2026, 3, 14, tzinfo=UTC),
    key="a.example",
)
OLD = msgspec.structs.replace(NEWS, guid="2", url="http://a.example/2", backfill=True)


def held(log: MemoryLog, topic: str) -> list[Entry]:
    with log.consumer("look", topic) as consumer:
        return [decode(record.value, Entry) for record in consumer.poll(10_000, 0.0)]


async def ours() -> None:
    """It is."""


async def test_old_entries_are_published_separately_from_news_and_with_their_feeds_state() -> None:
    with MemoryLog(specs(Config())) as log:
        await publishing(log, ours)([NEWS, OLD], [FeedState(url=NEWS.feed)])
        assert held(log, ENTRIES.name) == [NEWS]
        assert held(log, BACKFILL.name) == [OLD]
        assert feed_states(log) == {NEWS.feed: FeedState(url=NEWS.feed)}


@pytest.mark.parametrize(
    ("backlog", "waiting", "room"),
    [(2_000, 0, BACKFILL_AHEAD), (2_000, 390, 10), (2_000, 450, -50), (100, 20, 30), (1, 0, 1)],
)
def test_old_entries_leave_room_for_news(backlog: int, waiting: int, room: int) -> None:
    config = Config(log=Log(backlog=backlog))
    with MemoryLog(specs(config)) as log:
        log.produce([Outgoing(ENTRIES.name, NEWS.key, encode(NEWS))] * waiting)
        assert backfill_room(config, log)() == room


@pytest.mark.parametrize(
    ("started", "running", "others"),
    [
        (["fetch"], ["backfill", "fetch"], ["extract"]),
        (["enrich"], ["enrich", "reread"], ["fetch", "relate"]),
        (["poll", "deliver"], ["deliver"], ["backfill", "fetch"]),
        (["relate"], ["relate"], ["index", "alert"]),
    ],
)
async def test_running_fetch_also_runs_backfill_and_reads_only_the_lags_that_matter_to_it(
    started: list[str], running: list[str], others: list[str], tmp_path: Path
) -> None:
    paths = Paths(tmp_path, tmp_path / "feeds.opml", None)
    paths.feeds.write_text(
        "<opml version='2.0'><body><outline type='rss' xmlUrl='http://a.example/'/></body></opml>"
    )
    config = msgspec.structs.replace(
        Config(), entities=msgspec.structs.replace(Config().entities, model="gazetteer")
    )
    async with open_pipeline(config, paths, asyncio.Event(), started) as supervisor:
        assert [stage.name for stage in supervisor.stages] == running
        assert sorted(supervisor.backlog.lags) == sorted(running + others)


def test_backfill_is_not_a_command() -> None:
    assert "backfill" not in ALL
