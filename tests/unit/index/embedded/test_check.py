"""A damaged archive is reported, and loses nothing that can be read."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.embedded.check import examine, repair
from index.embedded.store import EmbeddedStore
from index.store import Search
from stream.errors import ConfigError
from stream.finding import Finding
from stream.messages import Article, Enriched, article_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ARTICLES = 12


def enriched(number: int) -> Enriched:
    url = f"https://a.example/{number}"
    article = Article(
        id=article_id(url), url=url, feed="f", source="Courier", title=f"Talks {number}", text=f"Peace talks {number}.",
        seen=NOON, fetched=NOON, extracted=NOON,
    )  # fmt: skip
    return Enriched(article=article, language="en", enriched=NOON)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with EmbeddedStore.open(tmp_path / "index") as store:
        for number in range(ARTICLES):
            store.add(enriched(number))
        store.flush()
    return tmp_path / "index"


def found(folder: Path) -> int:
    with EmbeddedStore.open(folder, readonly=True) as store:
        return store.search(Search(limit=100)).total


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "documents.sqlite")) as connection, connection:
        connection.execute(statement)


def problems(folder: Path) -> dict[str, Finding]:
    return {one.part: one for one in examine(folder) if one.problem}


def test_a_sound_archive_has_no_problem_and_is_left_alone(folder: Path) -> None:
    assert problems(folder) == {}
    assert [f"{ARTICLES} articles" in one.facts for one in examine(folder)] == [True, True]
    assert repair(folder) == []


def test_a_missing_archive_is_not_a_problem(tmp_path: Path) -> None:
    (archive,) = examine(tmp_path / "index")
    assert (archive.problem, archive.facts) == ("", "there is no archive yet")


def test_a_lost_archive_is_reported(folder: Path) -> None:
    for file in folder.glob("documents.sqlite*"):
        file.unlink()
    (archive,) = examine(folder)
    assert "missing" in archive.problem
    assert "backup" in archive.advice
    assert repair(folder)
    assert found(folder) == 0


def test_an_article_that_cannot_be_read_is_named_and_the_others_are_saved(folder: Path) -> None:
    change(folder, "UPDATE documents SET body = x'00ff' WHERE number = 5")
    assert "keeps the damaged" in problems(folder)["archive"].repair
    assert f"saved {ARTICLES - 1} articles" in " ".join(repair(folder))
    assert (folder / "documents.sqlite.damaged-1").exists()
    assert (found(folder), problems(folder)) == (ARTICLES - 1, {})


def test_an_article_under_anothers_id_gets_its_own_again(folder: Path) -> None:
    change(folder, "UPDATE documents SET id = 'elsewhere' WHERE number = 5")
    assert problems(folder)["archive"]
    repair(folder)
    assert (found(folder), problems(folder)) == (ARTICLES, {})


def test_a_file_that_is_not_a_database_is_left_to_a_person(folder: Path) -> None:
    (folder / "documents.sqlite").write_bytes(b"no database" * 1_000)
    assert "archive" in problems(folder)
    with pytest.raises(ConfigError, match="restore it from a backup"):
        repair(folder)
    assert (folder / "documents.sqlite").read_bytes().startswith(b"no database")


def test_a_damaged_index_is_rebuilt_from_the_articles(folder: Path) -> None:
    for file in (folder / "search").glob("*.term"):
        file.write_bytes(b"\xff" * file.stat().st_size)
    assert ".term" in problems(folder)["index"].problem
    assert f"{ARTICLES} articles" in " ".join(repair(folder))
    assert (found(folder), problems(folder)) == (ARTICLES, {})


def test_an_index_that_is_gone_is_rebuilt(folder: Path) -> None:
    for file in sorted((folder / "search").rglob("*"), reverse=True):
        file.unlink()
    assert "index" in problems(folder)
    repair(folder)
    assert (found(folder), problems(folder)) == (ARTICLES, {})
