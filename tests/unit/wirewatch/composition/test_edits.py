"""Pages that are read again are compared one at a time, even if the archive is behind."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.edits.pending import Pending, PendingVersions
from ingest.page.extract import extract
from stream.messages import Again, Article, Entry, Page, article_id
from stream.stage import Topic
from stream.versions import texts
from wirewatch.composition.edits import comparing
from wirewatch.config import Config

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
URL = "http://a.example/news/ferry"
OTHER = "http://a.example/go?to=ferry"
TEXT = (
    "The ferry will resume on {day}, said the harbour master on the quay this morning. "
    "Passengers had waited for three days in the sheds behind the customs house. "
    "The storm had torn two of the moorings from the northern pier, and divers looked at the third. "
)


class Direct:
    """Workers without processes; each task waits longer than the next, so that the order shows."""

    def __init__(self) -> None:
        self.pauses = iter((0.05, 0.0, 0.03, 0.0))

    async def run(self, _: float, task: Callable[..., Any], *arguments: Any) -> Any:
        await asyncio.sleep(next(self.pauses, 0.0))
        return task(*arguments)


def page(day: str, hours: int, url: str = URL, again: Again | None = None) -> Page:
    text = "".join(f"<p>{TEXT.format(day=day)}</p>" for _ in range(2))
    body = f"<html><head><title>Ferry</title><link rel=canonical href='{URL}'></head><body><article><h1>Ferry</h1>{text}"
    entry = Entry(
        feed="http://a.example/feed", source="A", guid=url, url=url, seen=NOW, key="a.example", again=again
    )
    return Page(
        entry=entry, url=url, content_type="text/html", charset="utf-8", body=body.encode(),
        fetched=NOW + timedelta(hours=hours), key=article_id(url),
    )  # fmt: skip


def again(day: str, hours: int, url: str = URL) -> Page:
    return page(day, hours, url, Again(why="feed"))


class Archive:
    """An archive with the first version that gets no other."""

    def __init__(self) -> None:
        self.first = extract(page("Monday", 0), NOW)

    async def find(self, article_id: str) -> Article | None:
        return self.first if article_id == self.first.id else None


@pytest.fixture
def compare() -> Callable[[Page], Any]:
    record = Topic("versions", Pending, compacted=True)
    versions = PendingVersions(Archive().find, tuple, record, timedelta(days=7), lambda: NOW)
    return comparing(Config(), Direct(), versions)  # type: ignore[arg-type]  # it has what is used of Workers


def newest(found: Sequence[Sequence[Any]]) -> Article:
    articles = [one for results in found for one in results if isinstance(one, Article)]
    return max(articles, key=lambda one: one.version)


async def test_no_version_is_lost_though_the_archive_has_only_the_first(
    compare: Callable[[Page], Any],
) -> None:
    found = [await compare(again("Tuesday", 1)), await compare(again("Friday", 2))]
    last = newest(found)
    assert last.version == 2
    assert [TEXT.format(day=day)[:60] for day in ("Friday", "Tuesday", "Monday")] == [
        text[:60] for text in texts(last)
    ]


@pytest.mark.parametrize("second", [URL, OTHER])
async def test_no_version_is_lost_though_two_readings_are_compared_at_once(
    compare: Callable[[Page], Any], second: str
) -> None:
    found = await asyncio.gather(compare(again("Tuesday", 1)), compare(again("Friday", 2, second)))
    days = [
        next(day for day in ("Monday", "Tuesday", "Friday") if day in text) for text in texts(newest(found))
    ]
    assert days[0] == "Friday"
    if second == URL:
        assert days == ["Friday", "Tuesday", "Monday"]


async def test_a_reading_that_is_repeated_after_a_crash_makes_the_same_version(
    compare: Callable[[Page], Any],
) -> None:
    first, second = [newest([await compare(again("Tuesday", 1))]) for _ in range(2)]
    assert (first.version, second.version) == (1, 1)
    assert list(texts(first)) == list(texts(second))
    assert msgspec.structs.replace(second, extracted=first.extracted) == first


async def test_a_page_that_is_gone_ends_the_newest_version(compare: Callable[[Page], Any]) -> None:
    await compare(again("Tuesday", 1))
    gone = msgspec.structs.replace(again("", 2), body=b"", withdrawn="http-410: it was removed")
    last = newest([await compare(gone)])
    assert (last.version, last.withdrawn) == (2, NOW + timedelta(hours=2))
    assert "Tuesday" in last.text
    assert await compare(gone) == []
