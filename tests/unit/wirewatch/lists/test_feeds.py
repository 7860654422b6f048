import os
from pathlib import Path

import pytest

from ingest.sources.feed import Feed
from stream.errors import ConfigError
from stream.log.base import TopicSpec
from stream.log.memory import MemoryLog
from wirewatch.lists.feeds import FeedFile, FeedList, FeedTopic, save

ALBA, BERTA = Feed(url="http://a.example/", title="Alba"), Feed(url="http://b.example/", title="Berta")


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog([TopicSpec("feeds", compacted=True)])


@pytest.fixture(params=["file", "topic"])
def feeds(request: pytest.FixtureRequest, log: MemoryLog, tmp_path: Path) -> FeedList:
    file = tmp_path / "feeds.opml"
    return FeedFile(file) if request.param == "file" else FeedTopic(log, "feeds", file)


def test_what_is_saved_is_there_and_what_is_left_out_is_gone(feeds: FeedList) -> None:
    assert not feeds.exists()
    feeds.save([ALBA, BERTA])
    assert feeds.exists()
    assert feeds.load() == [ALBA, BERTA]
    feeds.save([BERTA])
    assert feeds.load() == [BERTA]


def test_the_last_feed_can_be_removed_and_another_added(feeds: FeedList) -> None:
    feeds.save([ALBA])
    feeds.refresh()
    feeds.save([])
    feeds.refresh()
    assert list(feeds()) == feeds.load() == []
    feeds.save([BERTA])
    assert feeds.load() == [BERTA]


def test_it_begins_with_the_bundled_list_and_stays(feeds: FeedList) -> None:
    feeds.ensure()
    assert len(feeds.load()) > 10
    feeds.save([ALBA])
    feeds.ensure()
    assert feeds.load() == [ALBA]


def test_a_refresh_sees_a_change_and_without_one_the_feeds_are_the_same_object(feeds: FeedList) -> None:
    feeds.save([ALBA])
    feeds.refresh()
    before = feeds()
    feeds.refresh()
    assert feeds() is before
    feeds.save([ALBA, BERTA])
    assert feeds() is before
    feeds.refresh()
    assert list(feeds()) == [ALBA, BERTA]


def test_a_file_that_was_broken_leaves_the_last_good_list(tmp_path: Path) -> None:
    feeds = FeedFile(tmp_path / "feeds.opml")
    feeds.save([ALBA])
    feeds.refresh()
    (tmp_path / "feeds.opml").write_text("<opml")
    os.utime(tmp_path / "feeds.opml", ns=(1, 1))
    feeds.refresh()
    assert list(feeds()) == [ALBA]
    with pytest.raises(ConfigError, match=r"feeds\.opml"):
        feeds.load()


def test_a_topic_begins_with_the_file_and_is_shared(log: MemoryLog, tmp_path: Path) -> None:
    save(tmp_path / "feeds.opml", [ALBA])
    here, there = (FeedTopic(log, "feeds", tmp_path / name) for name in ("feeds.opml", "none.opml"))
    here.ensure()
    there.ensure()
    assert there.load() == [ALBA]
    assert not (tmp_path / "none.opml").exists()
    there.save([ALBA, BERTA])
    here.refresh()
    assert list(here()) == [ALBA, BERTA]
