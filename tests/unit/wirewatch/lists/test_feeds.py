import multiprocessing
import os
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from ingest.sources.feed import Feed
from stream.errors import ConfigError, EditConflict
from stream.log.base import TopicSpec
from stream.log.memory import MemoryLog
from wirewatch.lists.feeds import FeedFile, FeedList, FeedTopic, change, put_into, version_of, without

ALBA, BERTA, CARLA = (
    Feed(url=f"http://{name[0].lower()}.example/", title=name) for name in ("Alba", "Berta", "Carla")
)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog([TopicSpec("feeds", compacted=True)])


@pytest.fixture(params=["file", "topic"])
def feeds(request: pytest.FixtureRequest, log: MemoryLog, tmp_path: Path) -> FeedList:
    file = tmp_path / "feeds.opml"
    return FeedFile(file) if request.param == "file" else FeedTopic(log, "feeds", file)


def test_what_is_saved_is_there_and_what_is_left_out_is_gone(feeds: FeedList) -> None:
    assert not feeds.exists()
    feeds.change(lambda _: [ALBA, BERTA])
    assert feeds.exists()
    assert feeds.load() == [ALBA, BERTA]
    feeds.change(lambda _: [BERTA])
    assert feeds.load() == [BERTA]


def test_the_last_feed_can_be_removed_and_another_added(feeds: FeedList) -> None:
    feeds.change(lambda _: [ALBA])
    feeds.refresh()
    feeds.change(lambda _: [])
    feeds.refresh()
    assert list(feeds()) == feeds.load() == []
    feeds.change(lambda _: [BERTA])
    assert feeds.load() == [BERTA]


def test_it_begins_with_the_bundled_list_and_stays(feeds: FeedList) -> None:
    feeds.ensure()
    assert len(feeds.load()) > 10
    feeds.change(lambda _: [ALBA])
    feeds.ensure()
    assert feeds.load() == [ALBA]


def test_a_refresh_sees_a_change_and_without_one_the_feeds_are_the_same_object(feeds: FeedList) -> None:
    feeds.change(lambda _: [ALBA])
    feeds.refresh()
    before = feeds()
    feeds.refresh()
    assert feeds() is before
    feeds.change(lambda _: [ALBA, BERTA])
    assert feeds() is before
    feeds.refresh()
    assert list(feeds()) == [ALBA, BERTA]


def test_a_broken_file_leaves_the_last_good_list(tmp_path: Path) -> None:
    feeds = FeedFile(tmp_path / "feeds.opml")
    feeds.change(lambda _: [ALBA])
    feeds.refresh()
    (tmp_path / "feeds.opml").write_text("<opml")
    os.utime(tmp_path / "feeds.opml", ns=(1, 1))
    feeds.refresh()
    assert list(feeds()) == [ALBA]
    with pytest.raises(ConfigError, match=r"feeds\.opml"):
        feeds.load()


def test_a_topic_begins_with_the_file_and_is_shared(log: MemoryLog, tmp_path: Path) -> None:
    change(tmp_path / "feeds.opml", lambda _: [ALBA])
    here, there = (FeedTopic(log, "feeds", tmp_path / name) for name in ("feeds.opml", "none.opml"))
    here.ensure()
    there.ensure()
    assert there.load() == [ALBA]
    assert not (tmp_path / "none.opml").exists()
    there.change(lambda _: [ALBA, BERTA])
    here.refresh()
    assert list(here()) == [ALBA, BERTA]


def test_two_who_change_the_list_at_once_lose_nothing(
    feeds: FeedList, log: MemoryLog, tmp_path: Path
) -> None:
    feeds.change(lambda _: [ALBA])
    other = (
        FeedFile(tmp_path / "feeds.opml")
        if isinstance(feeds, FeedFile)
        else FeedTopic(log, "feeds", tmp_path)
    )
    calls = []

    def add_berta(known: list[Feed]) -> list[Feed]:
        calls.append(known)
        if len(calls) == 1 and not isinstance(feeds, FeedFile):  # a file is locked
            other.change(lambda others: [*others, CARLA])
        return [*known, BERTA]

    feeds.change(add_berta)
    assert BERTA in feeds.load()
    assert (CARLA in feeds.load()) == (not isinstance(feeds, FeedFile))


def _add_feeds(path: Path, worker: int, times: int) -> None:
    for number in range(times):
        new = Feed(url=f"https://w{worker}.example/{number}", title=f"{worker} {number}")
        change(path, lambda known, one=new: [*known, one])


def test_feeds_that_many_processes_add_at_once_are_all_there(tmp_path: Path) -> None:
    path, context = tmp_path / "feeds.opml", multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_feeds, args=(path, worker, 8)) for worker in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(FeedFile(path).load()) == 32


ROWS = """<opml version="2.0"><body><outline text="A" xmlUrl="http://a.example/"/>
<outline text="Scraped" type="HTML+XPath" xmlUrl="https://s.example/news" item="//article"/></body></opml>"""


def test_a_row_that_cannot_be_polled_stops_no_other_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(ROWS)
    feeds = FeedFile(path)
    with capture_logs() as logs:
        feeds.refresh()
    assert [one.url for one in feeds()] == ["http://a.example/"]
    assert [(one["line"], one["title"]) for one in logs if one["log_level"] == "warning"] == [(2, "Scraped")]
    feeds.change(lambda known: [*known, BERTA])
    assert [one.title for one in feeds.load()] == ["A", "Berta"]
    assert [one.title for one in feeds.refused()] == ["Scraped"]
    assert 'item="//article"' in path.read_text()


def test_a_paused_feed_stays_in_the_list_and_is_not_polled(feeds: FeedList) -> None:
    paused = msgspec.structs.replace(BERTA, paused=True)
    feeds.change(lambda _: [ALBA, paused])
    feeds.refresh()
    assert list(feeds()) == [ALBA]
    assert feeds.load() == [ALBA, paused]


def test_a_row_that_changed_meanwhile_is_not_overwritten(feeds: FeedList) -> None:
    feeds.change(lambda _: [ALBA, BERTA])
    version = version_of(BERTA)
    theirs, mine = (msgspec.structs.replace(BERTA, title=title) for title in ("Theirs", "Mine"))
    feeds.change(lambda known: put_into(known, theirs, version))
    for change_it in (
        lambda known: put_into(known, mine, version),
        lambda known: without(known, BERTA.url, version),
    ):
        with pytest.raises(EditConflict, match="changed in the meantime"):
            feeds.change(change_it)
    assert feeds.load() == [ALBA, theirs]
    feeds.change(lambda known: without(known, BERTA.url, version_of(theirs)))
    with pytest.raises(EditConflict, match="removed"):
        feeds.change(lambda known: put_into(known, mine, version))
