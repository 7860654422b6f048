"""The record of a version until the archive has it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.edits import pending
from ingest.edits.pending import Pending, PendingVersions
from stream.errors import ConfigError, RetryLater
from stream.messages import Article
from stream.stage import Forget, Topic

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
RECORD = Topic("versions", Pending, compacted=True)


def article(version: int, number: int = 1, **fields: Any) -> Article:
    first = Article(
        id=str(number) * 32, url=f"http://a.example/{number}", feed="f", source="A", title="Ferry", text=f"Text {version}",
        seen=NOW, fetched=NOW, extracted=NOW, version=version,
    )  # fmt: skip
    return msgspec.structs.replace(first, **fields)


class Run:
    """The versions, with an archive and their topic."""

    def __init__(self) -> None:
        self.now = NOW
        self.archive: dict[str, Article] = {}
        self.fault: Exception | None = None
        self.log: dict[str, Pending] = {}
        self.versions = self.start()

    def start(self) -> PendingVersions:
        self.versions = PendingVersions(
            self.find, self.remembered, RECORD, timedelta(days=7), lambda: self.now
        )
        self.versions.reload()
        return self.versions

    async def find(self, article_id: str) -> Article | None:
        if self.fault:
            raise self.fault
        return self.archive.get(article_id)

    def remembered(self) -> Iterable[Pending]:
        return list(self.log.values())

    def follow(self, found: Article) -> None:
        self.keep(self.versions.follow(found))

    async def tick(self) -> None:
        self.keep(await self.versions.tick())

    def keep(self, results: Iterable[Any]) -> None:
        for one in results:
            if isinstance(one, Pending):
                self.log[one.key] = one
            elif isinstance(one, Forget):
                self.log.pop(one.key, None)

    async def newest(self, number: int = 1) -> int | None:
        found = await self.versions.newest(str(number) * 32)
        return found.version if found else None


async def test_a_version_is_known_before_the_archive_has_it_even_after_a_restart() -> None:
    run = Run()
    run.archive["1" * 32] = article(0)
    run.follow(article(2))
    run.follow(article(1))  # late
    assert await run.newest() == 2
    run.start()
    assert await run.newest() == 2
    assert await run.newest(2) is None


async def test_versions_in_the_archive_are_forgotten() -> None:
    run = Run()
    run.follow(article(1))
    run.follow(article(1, number=2))
    await run.tick()
    assert len(run.log) == 2
    run.archive["1" * 32] = article(1)
    await run.tick()
    assert set(run.log) == {f"{'2' * 32}@1"}
    assert await run.newest() == 1


async def test_forgetting_one_version_keeps_the_others() -> None:
    run = Run()
    run.follow(article(1))
    run.archive["1" * 32] = article(1)
    other = PendingVersions(run.find, run.remembered, RECORD, timedelta(days=7), lambda: NOW)
    other.reload()
    run.follow(article(2))
    run.keep(await other.tick())  # another process, which knows only the first one
    assert set(run.log) == {f"{'1' * 32}@2"}


async def test_a_version_that_was_extracted_again_is_awaited_separately() -> None:
    run = Run()
    run.archive["1" * 32] = article(1)
    run.follow(article(1, text="Extracted better", extracted=NOW + timedelta(hours=1)))
    await run.tick()
    assert len(run.log) == 1
    found = await run.versions.newest("1" * 32)
    assert found
    assert found.text == "Extracted better"


@pytest.mark.parametrize(
    "fault", [RetryLater("no-archive", "it is away"), ConfigError("it asks for a password")]
)
async def test_while_the_archive_is_down_nothing_is_forgotten(fault: Exception) -> None:
    run = Run()
    run.follow(article(1))
    run.fault = fault
    await run.tick()
    assert len(run.log) == 1
    run.fault = None
    assert await run.newest() == 1


async def test_a_version_that_never_arrives_is_given_up_once_the_log_has_dropped_it() -> None:
    run = Run()
    run.follow(article(1))
    run.now += timedelta(days=8)
    await run.tick()
    assert not run.log
    assert await run.newest() is None


async def test_the_number_of_pending_versions_is_limited(monkeypatch: Any) -> None:
    monkeypatch.setattr(pending, "MOST", 2)
    run = Run()
    for number in (1, 2, 3):
        run.follow(article(1, number=number))
    assert {key[0] for key in run.log} == {"2", "3"}
    assert len(run.versions) == 2


async def test_a_reload_keeps_what_is_not_in_the_log_yet() -> None:
    run = Run()
    run.versions.follow(article(1))
    run.versions.reload()
    assert await run.newest() == 1
