import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.embedded.documents import Row
from index.embedded.fulltext import FullText
from index.embedded.store import EmbeddedStore
from index.embedded.writer import Writer
from index.store import Document, Search
from query.parse import parse
from stream.errors import ConfigError, Reject, RetryLater
from stream.messages import Article, Enriched, article_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def enriched(name: str, text: str, seen: datetime = NOON) -> Enriched:
    article = Article(
        id=article_id(name), url=name, feed="", source="S", text=text, seen=seen, fetched=NOON, extracted=NOON
    )
    return Enriched(article=article, language="en", enriched=NOON)


def fill(folder: Path, count: int = 3) -> None:
    with EmbeddedStore.open(folder) as store:
        for number in range(count):
            store.add(enriched(f"a{number}", f"word n{number}"))
        store.flush()


def totals(folder: Path) -> tuple[int, int]:
    with EmbeddedStore.open(folder) as store:
        return store.count(), store.search(Search(query=parse("word"))).total


def test_what_a_crash_left_between_the_two_commits_is_indexed_at_the_next_open(tmp_path: Path) -> None:
    fill(tmp_path)
    writer = Writer(tmp_path, lambda: NOON)
    changed = [Document(enriched("a1", "changed"), NOON), Document(enriched("a9", "word again"), NOON)]
    writer._documents.put(changed)
    writer.close()
    assert totals(tmp_path) == (4, 3)
    with EmbeddedStore.open(tmp_path) as store:
        assert store.search(Search(query=parse("changed"))).total == 1


def test_what_is_stored_but_not_yet_found_is_still_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    with EmbeddedStore.open(tmp_path) as store, EmbeddedStore.open(tmp_path, readonly=True) as reader:
        before, seen, index = reader.last_arrival(), list[str](), FullText.index

        def index_late(self: FullText, rows: Iterable[Row]) -> None:
            seen.append(reader.last_arrival())
            index(self, rows)

        monkeypatch.setattr(FullText, "index", index_late)
        store.add(enriched("a0", "a new version"))
        store.add(enriched("new", "word"))
        store.flush()
        assert seen == [before], "a page that was made now would not have it"
        assert reader.last_arrival() == reader.arrivals(before)[-1].place


@pytest.mark.parametrize(
    "damage", ["missing", "no meta", "bad meta", "cut segment", "older rules", "left half built"]
)
def test_an_index_that_is_not_sound_is_built_again(tmp_path: Path, damage: str) -> None:
    fill(tmp_path)
    search = tmp_path / "search"
    match damage:
        case "missing":
            shutil.rmtree(search)
        case "no meta":
            (search / "meta.json").unlink()
        case "bad meta":
            (search / "meta.json").write_text("{")
        case "cut segment":
            next(search.glob("*.idx")).write_bytes(b"")
        case "older rules":
            (search / "wirewatch-version").write_text("schema 2, tokens 1-unicode15.1.0")
        case "left half built":
            search.rename(tmp_path / "search.new")
    assert totals(tmp_path) == (3, 3)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("search")) == ["search"]


def test_an_index_of_other_documents_is_built_again(tmp_path: Path) -> None:
    fill(tmp_path / "one", 3)
    fill(tmp_path / "two", 5)
    shutil.rmtree(tmp_path / "one" / "search")
    shutil.copytree(tmp_path / "two" / "search", tmp_path / "one" / "search")
    assert totals(tmp_path / "one") == (3, 3)


def test_a_reader_gets_advice_if_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no archive in .* yet: `wirewatch run`"):
        EmbeddedStore.open(tmp_path / "none", readonly=True)
    assert not (tmp_path / "none").exists()
    fill(tmp_path)
    shutil.rmtree(tmp_path / "search")
    with pytest.raises(ConfigError, match="must be rebuilt"):
        EmbeddedStore.open(tmp_path, readonly=True)


def test_a_reader_sees_the_index_that_was_put_in_place_of_its_own(tmp_path: Path) -> None:
    fill(tmp_path)
    with EmbeddedStore.open(tmp_path, readonly=True) as reader:
        shutil.rmtree(tmp_path / "search")
        assert reader.search(Search(query=parse("word"))).total == 3
        fill(tmp_path, 4)
        assert reader.search(Search(query=parse("word"))).total == 4


def test_only_one_writes(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path), pytest.raises(ConfigError, match="another wirewatch is writing in"):
        EmbeddedStore.open(tmp_path)
    EmbeddedStore.open(tmp_path).close()


def test_a_reader_does_not_write(tmp_path: Path) -> None:
    fill(tmp_path)
    with (
        EmbeddedStore.open(tmp_path, readonly=True) as reader,
        pytest.raises(ConfigError, match="reading only"),
    ):
        reader.add(enriched("b", "word"))


def test_an_index_that_fails_is_retried_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("No space left on device (os error 28)")

    with EmbeddedStore.open(tmp_path) as store:
        store.add(enriched("a", "word"))
        with monkeypatch.context() as patch:
            patch.setattr(FullText, "index", fail)
            with pytest.raises(RetryLater, match="No space left") as caught:
                store.flush()
        assert caught.value.kind == "disk-full"
        store.add(enriched("b", "word"))
        store.flush()
        assert store.search(Search(query=parse("word"))).total == 2


def test_what_can_never_be_stored_is_rejected(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        with pytest.raises(Reject, match="time zone"):
            store.add(enriched("a", "word", seen=NOON.replace(tzinfo=None)))
        with pytest.raises(Reject, match="Unicode"):
            store.add(enriched("b", "word \ud800"))
        store.add(enriched("c", "word"))
        store.flush()
        assert store.count() == 1


def test_of_two_versions_in_one_batch_the_last_stays_with_the_earliest_time(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path) as store:
        store.add(enriched("a", "first", NOON - timedelta(hours=1)))
        store.add(enriched("a", "second", NOON))
        store.flush()
        document = store.get(article_id("a"))
    assert document is not None
    assert document.enriched == enriched("a", "second", NOON - timedelta(hours=1))
