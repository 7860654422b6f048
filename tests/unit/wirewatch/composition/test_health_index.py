"""What Kibana gets about sources and failures, and when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from waiting import until

from index.elasticsearch.settings import Elasticsearch
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from kibana.health import QUARANTINE, SOURCES
from stream.errors import RetryLater
from stream.log.memory import MemoryLog
from wirewatch.composition import health_index
from wirewatch.composition.health_index import (
    Failures,
    failure_documents,
    keep_sources,
    source_documents,
    write_failures,
    write_sources,
)
from wirewatch.config import Config, Paths
from wirewatch.topics import specs

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
CONFIG = Config(elasticsearch=Elasticsearch(hosts=("http://127.0.0.1:9",), timeout_seconds=1))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(specs(CONFIG))


def test_each_source_with_its_status() -> None:
    feeds = [Feed(url="http://u:pw@a.example/feed", title="A\x1b[2J"), Feed(url="http://b.example/feed")]
    failing = FeedState(
        url=feeds[0].url,
        last_polled=NOW,
        failures=30,
        last_read=NOW - timedelta(days=30),
        error_reason="answers 503",
    )
    one, other = source_documents(feeds, {feeds[0].url: failing}, NOW).values()
    assert set(one) == set(other) == set(SOURCES["properties"])
    assert (one["status"], one["url"], one["checked"]) == (
        "failing",
        "http://u:***@a.example/feed",
        "2026-03-14T12:00:00Z",
    )
    assert "\x1b" not in one["name"]
    assert (other["status"], other["name"], other["since"]) == ("unpolled", "http://b.example/feed", None)


def test_failures_with_the_last_line_of_their_example() -> None:
    failures = [
        Failures("quarantine", "extract", "no-article", 2, "line 1\nerror"),
        Failures("retries", "extract", "no-article", 1, ""),
    ]
    documents = list(failure_documents(failures, NOW).values())
    assert all(set(one) == set(QUARANTINE["properties"]) for one in documents)
    assert [(one["shelf"], one["messages"], one["example"]) for one in documents] == [
        ("quarantine", 2, "error"),
        ("retries", 1, ""),
    ]


def test_failures_that_cannot_be_written_are_an_error_of_the_command() -> None:
    with pytest.raises(RetryLater, match=r"127\.0\.0\.1:9"):
        write_failures(CONFIG, [])


def test_a_server_that_does_not_answer_is_logged_and_stops_nothing(paths: Paths, log: MemoryLog) -> None:
    with capture_logs() as lines:
        write_sources(CONFIG, paths, log)
    *_, line = lines  # the client may log something before it
    assert line["event"] == "the state of the sources could not be written for Kibana"
    assert "127.0.0.1:9" in line["reason"]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(health_index, "write_sources", lambda *arguments: found.append(arguments))
    return found


async def test_a_short_run_writes_at_its_end(writes: list[Any], paths: Paths, log: MemoryLog) -> None:
    async with keep_sources(CONFIG, paths, log, ["poll", "index"]):
        assert writes == []
    assert writes == [(CONFIG, paths, log)]


async def test_a_long_run_writes_again_and_again(
    monkeypatch: pytest.MonkeyPatch, writes: list[Any], paths: Paths, log: MemoryLog
) -> None:
    monkeypatch.setattr(health_index, "SECONDS", 0.001)
    async with keep_sources(CONFIG, paths, log, ["poll"]):
        await until(lambda: len(writes) >= 3)


@pytest.mark.parametrize(("config", "names"), [(CONFIG, ["index"]), (Config(), ["poll"])])
async def test_other_stages_write_nothing(
    writes: list[Any], paths: Paths, log: MemoryLog, config: Config, names: list[str]
) -> None:
    async with keep_sources(config, paths, log, names):
        pass
    assert writes == []
