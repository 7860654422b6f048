from datetime import UTC, datetime, timedelta
from typing import Any

from enrich.duplicates import Told
from enrich.relate import Relater
from stream.messages import Article, Enriched
from stream.stage import Forget, Topic

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)
TEXT = " ".join(f"w{number}" for number in range(60))
STORIES = Topic("stories", Told, compacted=True)


def article(key: str, text: str = TEXT, *, ago: timedelta = timedelta(0)) -> Enriched:
    seen = NOW - ago
    return Enriched(
        article=Article(
            id=key, url=key, feed="f", source="s", text=text, seen=seen, fetched=seen, extracted=seen
        ),
        language="en",
        enriched=NOW,
    )


def relater(log: dict[str, Told], most: int = 100) -> Relater:
    made = Relater(KEEP, most, log.values, STORIES, lambda: NOW)
    made.reload()
    return made


def write(log: dict[str, Told], results: Any) -> str:
    for one in results[1:]:
        if isinstance(one, Forget):
            del log[one.key]
        else:
            log[one.key] = one
    return results[0].story  # type: ignore[no-any-return]


async def test_a_story_goes_on_over_a_restart() -> None:
    log: dict[str, Told] = {}
    assert write(log, await relater(log)(article("a"))) == "a"
    assert write(log, await relater(log)(article("b"))) == "a"


async def test_a_crash_before_the_result_is_written_changes_nothing() -> None:
    log: dict[str, Told] = {}
    await relater(log)(article("lost"))
    assert write(log, await relater(log)(article("b"))) == "b"


async def test_what_is_replayed_keeps_its_story_and_is_remembered_once() -> None:
    log: dict[str, Told] = {}
    relate = relater(log)
    write(log, await relate(article("a")))
    write(log, await relate(article("b")))
    assert [one.story for one in await relate(article("b", "another text"))] == ["a"]


async def test_an_old_archive_is_related_to_itself_and_disturbs_nothing() -> None:
    log: dict[str, Told] = {}
    relate = relater(log, most=3)
    write(log, await relate(article("new")))
    for number in range(10):
        assert write(log, await relate(article(f"old{number}", ago=50 * KEEP))) == "old0"
    assert set(log) == {"new"}


async def test_what_the_log_holds_is_bounded() -> None:
    log: dict[str, Told] = {}
    relate = relater(log, most=5)
    for number in range(20):
        write(log, await relate(article(str(number))))
    assert len(log) == 5
