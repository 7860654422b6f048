from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from enrich.relate import Relater
from enrich.stories.state import Told
from stream.messages import Article, Enriched
from stream.stage import Forget, Topic

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)
TEXT = " ".join(f"w{number}" for number in range(60))
STORIES = Topic("stories", Told, compacted=True)


def article(
    key: str,
    text: str = TEXT,
    *,
    ago: timedelta = timedelta(0),
    marks: tuple[str, ...] = (),
    hearsay: bool = False,
) -> Enriched:
    seen = NOW - ago
    return Enriched(
        article=Article(
            id=key,
            url=key,
            feed="f",
            source="s",
            text=text,
            marks=marks,
            hearsay=hearsay,
            seen=seen,
            fetched=seen,
            extracted=seen,
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


async def test_a_story_continues_after_a_restart() -> None:
    log: dict[str, Told] = {}
    assert write(log, await relater(log)(article("a"))) == "a"
    assert write(log, await relater(log)(article("b"))) == "a"


async def test_a_crash_before_the_result_is_written_changes_nothing() -> None:
    log: dict[str, Told] = {}
    await relater(log)(article("lost"))
    assert write(log, await relater(log)(article("b"))) == "b"


async def test_replayed_articles_keep_their_story_and_are_remembered_once() -> None:
    log: dict[str, Told] = {}
    relate = relater(log)
    write(log, await relate(article("a")))
    write(log, await relate(article("b")))
    assert [one.story for one in await relate(article("b", "another text"))] == ["a"]


async def test_an_old_archive_is_compared_only_with_itself() -> None:
    log: dict[str, Told] = {}
    relate = relater(log, most=3)
    write(log, await relate(article("new")))
    for number in range(10):
        assert write(log, await relate(article(f"old{number}", ago=50 * KEEP))) == "old0"
    assert set(log) == {"new"}


async def test_the_records_in_the_log_are_bounded() -> None:
    log: dict[str, Told] = {}
    relate = relater(log, most=5)
    for number in range(20):
        write(log, await relate(article(str(number))))
    assert len(log) == 5


async def test_an_article_under_another_address_is_passed_on_once_even_after_a_restart() -> None:
    log: dict[str, Told] = {}
    write(log, await relater(log)(article("a", marks=("p1", "t1"))))
    assert await relater(log)(article("b", "another text", marks=("p1", "t2"))) == []
    assert await relater(log)(article("c", marks=("p3", "t1"))) == []
    assert list(log) == ["a"]
    assert len(await relater(log)(article("a", marks=("p1", "t1")))) == 1, "a replay"


async def test_the_same_text_a_day_later_is_another_article() -> None:
    log: dict[str, Told] = {}
    write(log, await relater(log)(article("a", marks=("p1", "t1"), ago=timedelta(hours=25))))
    assert write(log, await relater(log)(article("b", marks=("p2", "t1")))) == "a"
    assert await relater(log)(article("c", marks=("p1",))) == []


async def test_hearsay_gives_way_under_its_address() -> None:
    log: dict[str, Told] = {}
    write(log, await relater(log)(article("a", marks=("p1",), hearsay=True)))
    (own,) = await relater(log)(article("b", "own", marks=("p1",)))
    assert (own.article.id, own.article.url, own.article.text) == ("a", "a", "own")
    assert await relater(log)(article("c", marks=("p1",), hearsay=True)) == []


async def test_the_memory_of_an_older_version_has_no_marks() -> None:
    log = {"a": Told(key="a", story="a", seen=NOW, signature=b"")}
    assert write(log, await relater(log)(article("b", marks=("p1", "t1")))) == "b"


async def test_marks_are_forgotten_with_their_article() -> None:
    log: dict[str, Told] = {}
    relate = relater(log, most=2)
    for key in "abc":
        write(log, await relate(article(key, key, marks=(f"p{key}",))))
    assert write(log, await relate(article("d", "d", marks=("pa",)))) == "d"


async def test_an_edit_of_an_article_from_before_an_upgrade_is_passed_on() -> None:
    log: dict[str, Told] = {}
    write(log, await relater(log)(article("b", marks=("p1",))))
    edited = article("a", "edited", marks=("p1",))
    edited = msgspec.structs.replace(edited, article=msgspec.structs.replace(edited.article, version=1))
    assert (await relater(log)(edited))[0].article.id == "a"
