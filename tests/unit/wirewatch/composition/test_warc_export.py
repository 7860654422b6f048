"""The pages that the log holds are written to a WARC file, from which they can be read again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.warc.captures import captures
from stream.errors import ConfigError
from stream.log.base import Log, Outgoing, Record
from stream.log.sqlite.consumer import SqliteConsumer
from stream.messages import Entry, Page, article_id, encode
from wirewatch.composition.warc_export import export
from wirewatch.config import Config
from wirewatch.pipeline import _retention
from wirewatch.topics import PAGES, WARC_EXPORTER

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def page(number: int, **fields: str) -> Page:
    url = f"https://news.example/{number}"
    entry = Entry(
        feed="https://news.example/rss", source="N", guid=url, url=url, seen=NOON, key="news.example"
    )
    return Page(
        entry=entry,
        url=url,
        content_type="text/html",
        charset="utf-8",
        body=f"<p>{number}</p>".encode(),
        fetched=NOON + timedelta(hours=number),
        etag='"v1"',
        key=article_id(url),
        **fields,
    )


def fill(log: Log, *pages: Page) -> None:
    log.produce([Outgoing(PAGES.name, one.key, encode(one)) for one in pages])


def written(
    log: Log, file: Path, since: datetime | None = None, wanted: frozenset[str] | None = None
) -> list[Page]:
    number = export(log, file, since, wanted, lambda *_: None, NOON)
    with file.open("rb") as opened:
        found = [
            one.page for one in captures(opened, file.name, 0, 10_000, NOON + timedelta(days=99)) if one.page
        ]
    assert len(found) == number
    return sorted(found, key=lambda one: one.fetched)


def test_each_page_once_again_and_again(tmp_path: Path, log: Log) -> None:
    pages = [page(number) for number in range(120)]
    fill(log, *pages)
    for name in ("a.warc.gz", "b.warc.gz"):
        found = written(log, tmp_path / name)
        assert [(one.url, one.body, one.fetched, one.etag, one.charset) for one in found] == [
            (one.url, one.body, one.fetched, one.etag, one.charset) for one in pages
        ]


def test_a_poll_without_messages_does_not_end_it_while_some_are_left(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = SqliteConsumer.poll

    def in_vain(self: SqliteConsumer, limit: int, timeout: float) -> list[Record]:
        monkeypatch.setattr(SqliteConsumer, "poll", poll)
        poll(self, 0, 0)
        return []

    fill(log, *(page(number) for number in range(10)))
    monkeypatch.setattr(SqliteConsumer, "poll", in_vain)
    assert len(written(log, tmp_path / "a")) == 10


def test_only_those_that_are_wanted(tmp_path: Path, log: Log) -> None:
    fill(
        log,
        *(page(number) for number in range(4)),
        page(9, instead_of="http-403: no"),
        page(8, withdrawn="http-410: gone"),
    )
    since = NOON + timedelta(hours=2)
    assert [one.url[-1] for one in written(log, tmp_path / "a", since)] == ["2", "3"]
    wanted = frozenset([page(1).key, page(3).key, "f" * 32])
    assert [one.url[-1] for one in written(log, tmp_path / "b", wanted=wanted)] == ["1", "3"]
    assert [one.url[-1] for one in written(log, tmp_path / "c", since, wanted)] == ["3"]


def test_an_empty_log_makes_a_file_without_pages(tmp_path: Path, log: Log) -> None:
    assert written(log, tmp_path / "a") == []


def test_an_export_keeps_nothing_from_being_deleted(tmp_path: Path, log: Log) -> None:
    fill(log, page(1))
    with log.consumer("extract", PAGES.name) as consumer:
        (record,) = consumer.poll(10, 0)
        consumer.commit({record.partition: record.offset + 1})
        consumer.commit(dict.fromkeys(consumer.assigned() - {record.partition}, 0))
    written(log, tmp_path / "a")
    beside = _retention(Config()).beside
    assert log.trim(PAGES.name, datetime(2100, 1, 1, tzinfo=UTC), 0, beside.keys()) == 1


def test_a_file_is_never_replaced(tmp_path: Path, log: Log) -> None:
    (tmp_path / "a").write_text("precious")
    with pytest.raises(ConfigError, match="exists already"):
        written(log, tmp_path / "a")
    assert (tmp_path / "a").read_text() == "precious"


def test_two_exports_at_a_time_do_not_share_the_pages_without_a_word(tmp_path: Path, log: Log) -> None:
    fill(log, *(page(number) for number in range(20)))
    with log.consumer(WARC_EXPORTER, PAGES.name) as other:
        other.poll(0, 0)
        with pytest.raises(ConfigError, match="another `wirewatch warc export`"):
            written(log, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / ".a.part").exists()
    assert len(written(log, tmp_path / "a")) == 20
