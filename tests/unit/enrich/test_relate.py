from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from enrich import relate as relating
from enrich.relate import Relater, Written
from enrich.stories.snapshot import SnapshotFile
from enrich.stories.state import Moved, Told
from stream.messages import Article, Enriched, Regrouping
from stream.stage import Forget, Topic

NOW = datetime(2026, 3, 14, tzinfo=UTC)
KEEP = timedelta(days=3)
TEXT = " ".join(f"w{number}" for number in range(60))
STORIES = Topic("stories", Told, compacted=True)
MOVES = Topic("story-moves", Moved, compacted=True)
Log = dict[str, Told | Moved]


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


def relater(log: Log, most: int = 100, snapshot: SnapshotFile | None = None) -> Relater:
    """A relater that has taken up what the log holds; a position is how many records were written to it."""

    def written(stories_at: Mapping[int, int], moves_at: Mapping[int, int]) -> Written:
        records = list(log.values())[stories_at.get(0, 0) :]
        return Written(
            [one for one in records if isinstance(one, Told)],
            [one for one in records if isinstance(one, Moved)],
            {0: len(log)},
            {0: len(log)},
            is_all=not stories_at or stories_at[0] > len(log),
        )

    made = Relater(KEEP, most, written, STORIES, MOVES, lambda: NOW, snapshot)
    made.reload()
    return made


def write(log: Log, results: Any) -> str:
    for one in results[1:]:
        topic = one.topic if isinstance(one, Forget) else STORIES if isinstance(one, Told) else MOVES
        if isinstance(one, Forget):
            del log[topic.name + one.key]
        else:
            log[topic.name + one.key] = one
    return results[0].story  # type: ignore[no-any-return]


async def test_a_story_continues_after_a_restart() -> None:
    log: Log = {}
    assert write(log, await relater(log)(article("a"))) == "a"
    assert write(log, await relater(log)(article("b"))) == "a"


async def test_a_crash_before_the_result_is_written_changes_nothing() -> None:
    log: Log = {}
    await relater(log)(article("lost"))
    assert write(log, await relater(log)(article("b"))) == "b"


async def test_replayed_articles_keep_their_story_and_are_remembered_once() -> None:
    log: Log = {}
    relate = relater(log)
    write(log, await relate(article("a")))
    write(log, await relate(article("b")))
    assert [one.story for one in await relate(article("b", "another text"))] == ["a"]


async def test_an_old_archive_is_compared_only_with_itself() -> None:
    log: Log = {}
    relate = relater(log, most=3)
    write(log, await relate(article("new")))
    for number in range(10):
        assert write(log, await relate(article(f"old{number}", ago=50 * KEEP))) == "old0"
    assert set(log) == {"storiesnew"}


async def test_the_records_in_the_log_are_bounded() -> None:
    log: Log = {}
    relate = relater(log, most=5)
    for number in range(20):
        write(log, await relate(article(str(number))))
    assert len(log) == 5


async def test_an_article_under_another_address_is_passed_on_once_even_after_a_restart() -> None:
    log: Log = {}
    write(log, await relater(log)(article("a", marks=("p1", "t1"))))
    assert await relater(log)(article("b", "another text", marks=("p1", "t2"))) == []
    assert await relater(log)(article("c", marks=("p3", "t1"))) == []
    assert list(log) == ["storiesa"]
    assert len(await relater(log)(article("a", marks=("p1", "t1")))) == 1, "a replay"


async def test_the_same_text_a_day_later_is_another_article() -> None:
    log: Log = {}
    write(log, await relater(log)(article("a", marks=("p1", "t1"), ago=timedelta(hours=25))))
    assert write(log, await relater(log)(article("b", marks=("p2", "t1")))) == "a"
    assert await relater(log)(article("c", marks=("p1",))) == []


async def test_hearsay_gives_way_under_its_address() -> None:
    log: Log = {}
    write(log, await relater(log)(article("a", marks=("p1",), hearsay=True)))
    (own,) = await relater(log)(article("b", "own", marks=("p1",)))
    assert (own.article.id, own.article.url, own.article.text) == ("a", "a", "own")
    assert await relater(log)(article("c", marks=("p1",), hearsay=True)) == []


async def test_the_memory_of_an_older_version_has_no_marks() -> None:
    log: Log = {"storiesa": Told(key="a", story="a", seen=NOW, signature=b"")}
    assert write(log, await relater(log)(article("b", marks=("p1", "t1")))) == "b"


async def test_marks_are_forgotten_with_their_article() -> None:
    log: Log = {}
    relate = relater(log, most=2)
    for key in "abc":
        write(log, await relate(article(key, key, marks=(f"p{key}",))))
    assert write(log, await relate(article("d", "d", marks=("pa",)))) == "d"


async def test_an_edit_of_an_article_from_before_an_upgrade_is_passed_on() -> None:
    log: Log = {}
    write(log, await relater(log)(article("b", marks=("p1",))))
    edited = article("a", "edited", marks=("p1",))
    edited = msgspec.structs.replace(edited, article=msgspec.structs.replace(edited.article, version=1))
    assert (await relater(log)(edited))[0].article.id == "a"


LEADS = {
    "a": ("Ferry Lady Mirela sinks off Zamboanga", "The Lady Mirela capsized in a storm."),
    "b": ("Dozens missing as boats search off Basilan", "Coast guard boats search the sea off Zamboanga."),
    "c": ("Lady Mirela sinks off Zamboanga, dozens missing", "Coast guard boats search off Basilan."),
}


def report(key: str) -> Enriched:
    title, summary = LEADS[key]
    enriched = article(key, text=f"{key} {summary}")
    told = msgspec.structs.replace(enriched.article, title=title, summary=summary)
    return msgspec.structs.replace(enriched, article=told)


async def test_a_report_that_fits_two_stories_merges_them_and_they_stay_merged_over_a_restart() -> None:
    log: Log = {}
    relate = relater(log)
    assert write(log, await relate(report("a"))) == "a"
    assert write(log, await relate(report("b"))) == "b"
    results = await relate(report("c"))
    assert results[0].story == "a"
    assert results[0].regrouped == (Regrouping(was="b", story="a"),)
    assert results[1] == Moved(key="b", story="a"), "before the record of the article"
    write(log, results)
    assert [one.story for one in await relater(log)(report("b"))] == ["a"]


async def test_a_crash_after_the_moves_were_written_merges_no_second_time() -> None:
    log: Log = {}
    relate = relater(log)
    for key in "ab":
        write(log, await relate(report(key)))
    write(log, (await relate(report("c")))[:2])
    again = await relater(log)(report("c"))
    assert (again[0].story, again[0].regrouped) == ("a", ())


async def test_moves_are_forgotten_with_their_articles() -> None:
    log: Log = {}
    relate = relater(log, most=3)
    for key in "abc":
        write(log, await relate(report(key)))
    assert "story-movesb" in log
    for key in "xyz":
        write(log, await relate(article(key, text=f"{key} {TEXT}")))
    assert not [key for key in log if key.startswith("story-moves")]


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SnapshotFile:
    """A snapshot's file; one is written for each article that was read or placed."""
    monkeypatch.setattr(relating, "WORTH_SAVING", 1)
    return SnapshotFile(tmp_path / "stories.snapshot", "this log")


async def test_a_start_from_a_snapshot_and_what_came_since_is_like_one_from_the_log(
    snapshot: SnapshotFile,
) -> None:
    log: Log = {}
    for number in range(20):
        write(log, await relater(log)(article(f"t{number}", f"{number} {TEXT}", marks=(f"p{number}",))))
    write(log, await relater(log)(report("a")))
    write(log, await relater(log)(report("b")))
    relater(log, snapshot=snapshot)  # writes it
    write(log, await relater(log)(report("c")))  # merges b into a
    assert snapshot.load() is not None
    for taken_up in (relater(log), relater(log, snapshot=snapshot), relater(log, snapshot=snapshot)):
        assert [one.story for one in await taken_up(report("b"))] == ["a"]
        assert [one.story for one in await taken_up(report("c"))] == ["a"]
        assert await taken_up(article("another", "own words", marks=("p7",))) == []
        assert (await taken_up(article("copy", TEXT)))[0].copy_of == "t0"


async def test_a_snapshot_is_renewed_from_the_log_while_it_runs(snapshot: SnapshotFile) -> None:
    log: Log = {}
    relate = relater(log, snapshot=snapshot)
    assert snapshot.load() is None
    results = await relate(article("a"))
    await relate.tick()
    unwritten = snapshot.load()
    assert unwritten is not None
    assert unwritten.stories_at == {0: 0}, "what is not in the log is in no snapshot"
    write(log, results)
    write(log, await relate(article("b", "own words")))
    await relate.tick()
    renewed = snapshot.load()
    assert renewed is not None
    assert renewed.stories_at == {0: 2}


@pytest.mark.parametrize("damage", ["cut", "changed", "version", "origin", "log"])
async def test_a_snapshot_that_cannot_be_used_is_not(
    snapshot: SnapshotFile, tmp_path: Path, damage: str
) -> None:
    log: Log = {}
    for number in range(3):
        write(log, await relater(log)(article(f"t{number}")))
    relater(log, snapshot=snapshot)
    path = tmp_path / "stories.snapshot"
    content = path.read_bytes()
    if damage == "origin":
        snapshot = SnapshotFile(path, "another log")
    if damage == "log":
        log = {key: log[key] for key in list(log)[:1]}  # it was made anew, and is shorter
    changed = {
        "cut": content[:-9],
        "changed": content[:-9] + bytes(9),
        "version": content.replace(b"stories 1", b"stories 9"),
    }
    path.write_bytes(changed.get(damage, content))
    taken_up = relater(log, snapshot=snapshot)
    assert (await taken_up(article("copy")))[0].copy_of == "t0"
    assert (await taken_up(article("t2")))[0].regrouped == ()
