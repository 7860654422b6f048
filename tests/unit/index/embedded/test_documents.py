import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from index.embedded.documents import Documents
from index.store import Document
from stream.errors import ConfigError, RetryLater
from stream.messages import Article, Enriched, Entity

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def document(number: int, text: str = "text") -> Document:
    article = Article(
        id=f"{number:032x}", url="", feed="", source="S", text=text, seen=NOON, fetched=NOON, extracted=NOON
    )
    return Document(Enriched(article=article, language="en", enriched=NOON), NOON + timedelta(microseconds=1))


def test_a_full_disk_asks_for_a_retry_and_stores_nothing_of_the_batch(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents.sqlite", writable=True)
    documents.put([document(1)])
    (pages,) = documents._connection.execute("PRAGMA page_count").fetchone()
    documents._connection.execute(f"PRAGMA max_page_count = {pages}")
    noise = "".join(chr(0x4E00 + (number * number * 7919) % 20_000) for number in range(50_000))
    with pytest.raises(RetryLater, match="full") as caught:
        documents.put([document(2), document(3, noise)])
    assert caught.value.kind == "disk-full"
    assert documents.count() == 1
    documents._connection.execute("PRAGMA max_page_count = 100000")
    documents.put([document(2), document(3, noise)])
    assert documents.count() == 3
    documents.close()


def test_another_writer_asks_for_a_retry(tmp_path: Path) -> None:
    path = tmp_path / "documents.sqlite"
    documents = Documents(path, writable=True, timeout=0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RetryLater, match="locked") as caught:
        documents.put([document(1)])
    assert caught.value.kind == "busy"
    other.close()
    documents.put([document(1)])
    assert documents.count() == 1
    documents.close()


def test_what_comes_after_a_sequence(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents.sqlite", writable=True)
    documents.put([document(number) for number in range(1200)])
    documents.put([document(7)])
    rows = list(documents.after(600))
    assert [row.sequence for row in rows] == [*range(601, 1202)]
    assert rows[-1].number == 8
    assert rows[-1].document == document(7)
    assert documents.last_sequence() == 1201
    assert len(documents.ids(range(1, 1201))) == 1200
    documents.close()


def test_a_file_that_is_not_a_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "documents.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigError, match=r"documents\.sqlite .*not a database"):
        Documents(path, writable=True)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "documents.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ConfigError, match="newer wirewatch: its version is 99"):
        Documents(path, writable=False)


def test_entities_of_an_older_archive_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "documents.sqlite"
    documents = Documents(path, writable=True)
    documents.put([with_entities(1, "Syria", "NATO"), with_entities(2, "Syria")])
    documents.close()
    older = sqlite3.connect(path)
    older.executescript("DROP TABLE entities; PRAGMA user_version = 1;")
    older.close()
    for _ in range(2):
        documents = Documents(path, writable=True)
        assert documents.facet("entity") == {"Syria": 2, "NATO": 1}
        documents.close()


def with_entities(number: int, *names: str) -> Document:
    plain = document(number)
    entities = tuple(Entity(name=name, type="place", spans=()) for name in names)
    return Document(msgspec.structs.replace(plain.enriched, entities=entities), plain.indexed)
