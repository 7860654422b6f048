"""Damaged files: they are reported by name; what can be rebuilt is rebuilt; nothing starts over silently."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance.command import run

from index.embedded.store import EmbeddedStore
from stream.log.base import Outgoing
from stream.log.sqlite.log import SqliteLog
from stream.messages import Article, Enriched, article_id, encode
from wirewatch.config import Config
from wirewatch.topics import RELATED, specs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ARTICLES = 60
BY_PANIC = "PanicException"


def enriched(number: int) -> Enriched:
    url = f"https://a.example/{number}"
    text = f"Peace talks number{number} in Geneva. " * 30
    article = Article(
        id=article_id(url), url=url, feed="f", source="Courier", title=f"Talks {number}", text=text,
        seen=NOON, fetched=NOON, extracted=NOON,
    )  # fmt: skip
    return Enriched(article=article, language="en", enriched=NOON)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with articles in its log and its archive."""
    folder = tmp_path_factory.mktemp("sound")
    with (
        SqliteLog(folder / "log.sqlite", specs(Config())) as log,
        EmbeddedStore.open(folder / "index") as store,
    ):
        for number in range(ARTICLES):
            log.produce([Outgoing(RELATED.name, str(number), encode(enriched(number)))])
            store.add(enriched(number))
            if number % 20 == 0:
                store.flush()
        store.flush()
        with log.consumer("index", RELATED.name) as consumer:
            consumer.poll(ARTICLES, 0)
            consumer.commit({0: ARTICLES})
    return folder


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data"))


def wirewatch(data: Path, *arguments: str, code: int = 0) -> str:
    done = run(*arguments, "--data", data)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def parts(data: Path, code: int) -> dict[str, Any]:
    return {one["part"]: one for one in json.loads(wirewatch(data, "check", "--json", code=code))["parts"]}


def found(data: Path) -> int:
    return len(wirewatch(data, "search", "geneva", "--jsonl", "--limit", "1000").splitlines())


def flip(file: Path, at: float) -> None:
    """Invert some bytes, part of the way into a file."""
    content = bytearray(file.read_bytes())
    place = int(len(content) * at)
    for offset in range(place, min(place + 16, len(content))):
        content[offset] ^= 0xFF
    file.write_bytes(content)


def largest(data: Path, suffix: str) -> Path:
    return max((data / "index" / "search").glob(f"*{suffix}"), key=lambda file: file.stat().st_size)


def test_sound_data_is_reported_as_sound(data: Path) -> None:
    said = wirewatch(data, "check")
    assert f"{ARTICLES} messages in" in said
    assert f"{ARTICLES} articles can be read" in said
    assert f"{ARTICLES} articles indexed" in said
    assert "repair" not in said


def test_nothing_there_yet(tmp_path: Path) -> None:
    said = wirewatch(tmp_path / "none", "check")
    assert "there is no log yet" in said
    assert "there is no archive yet" in said


@pytest.mark.parametrize("suffix", [".term", ".idx", ".pos", ".fast", ".store", ".fieldnorm"])
@pytest.mark.parametrize("at", [0.1, 0.6])
def test_flipped_bytes_in_the_index_are_found_and_repaired(data: Path, suffix: str, at: float) -> None:
    flip(largest(data, suffix), at)
    index = parts(data, 1)["index"]
    assert suffix in index["problem"]
    assert index["repair"] == "rebuilds it from the articles"
    said = wirewatch(data, "check", "--repair")
    assert f"repaired: the search index was rebuilt: {ARTICLES} articles" in said
    assert found(data) == ARTICLES
    assert not any(one["problem"] for one in parts(data, 0).values())


def test_the_next_run_repairs_the_index(data: Path) -> None:
    for suffix in (".term", ".idx"):
        flip(largest(data, suffix), 0.3)
    wirewatch(data, "replay", "--from", "index", "--since", "1h")
    assert found(data) == ARTICLES
    assert parts(data, 0)["index"]["problem"] == ""


@pytest.mark.parametrize("name", ["meta.json", "*.term", "*.idx", "*.fast", "*.store"])
def test_a_search_in_a_damaged_index_says_so(data: Path, name: str) -> None:
    for file in (data / "index" / "search").glob(name):
        file.write_bytes(b"\xff" * file.stat().st_size)
    done = run("search", "geneva", "--data", data)
    assert done.returncode in (0, 2)  # 0: this search does not need the damaged part
    assert done.returncode == 0 or "wirewatch run" in done.stderr
    assert BY_PANIC not in done.stderr
    assert "Traceback" not in done.stderr


def change(data: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(data / "index" / "documents.sqlite")) as connection, connection:
        connection.execute(statement, values)
    connection.close()


def flip_an_id_on_the_disk(data: Path) -> None:
    """Change an id in the table but not in its index, as a failing disk might."""
    file = data / "index" / "documents.sqlite"
    id_ = enriched(7).article.id.encode()
    content = file.read_bytes()
    assert content.count(id_) >= 2
    file.write_bytes(content.replace(id_, b"\xff\xfe" + id_[2:], 1))


@pytest.mark.parametrize(
    ("damage", "saved"),
    [
        (lambda data: change(data, "UPDATE documents SET body = x'00ff' WHERE number = 5"), ARTICLES - 1),
        (lambda data: change(data, "UPDATE documents SET id = 'elsewhere' WHERE number = 5"), ARTICLES),
        (
            lambda data: change(data, "UPDATE documents SET id = CAST(x'ff00fe' AS TEXT) WHERE number = 5"),
            ARTICLES,
        ),
        (flip_an_id_on_the_disk, ARTICLES),
    ],
    ids=["body", "id", "id that is no text", "id on the disk"],
)
def test_damaged_articles_are_named_and_the_others_saved(
    data: Path, damage: Callable[[Path], None], saved: int
) -> None:
    damage(data)
    for command in (("search", "geneva", "--jsonl", "--limit", "1000"), ("status",), ("show", "ff")):
        done = run(*command, "--data", data)
        assert "Traceback" not in done.stderr, done.stderr
    archive = parts(data, 1)["archive"]
    assert archive["problem"]
    assert "keeps the damaged" in archive["repair"]
    said = wirewatch(data, "check", "--repair")
    assert f"saved {saved} articles" in said
    assert found(data) == saved
    assert (data / "index" / "documents.sqlite.damaged-1").exists()
    wirewatch(data, "replay", "--from", "index")
    assert found(data) == ARTICLES, "the log still held them"


def test_readable_articles_are_recovered_from_a_database_with_holes(data: Path) -> None:
    file = data / "index" / "documents.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    flip(file, 0.5)
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\x00" * 4096
    file.write_bytes(content)
    assert parts(data, 1)["archive"]["problem"]
    wirewatch(data, "check", "--repair")
    assert 0 < found(data) <= ARTICLES
    wirewatch(data, "replay", "--from", "index")
    assert found(data) == ARTICLES


@pytest.mark.parametrize("what", ["documents", "folder"])
def test_a_lost_archive_does_not_silently_start_over(data: Path, what: str) -> None:
    if what == "folder":
        shutil.rmtree(data / "index")
    else:
        for file in (data / "index").glob("documents.sqlite*"):
            file.unlink()
    said = wirewatch(data, "run", "--once", "--feeds", str(one_feed(data)), code=2)
    assert "wirewatch check --repair" in said
    assert "backup" in said
    assert "missing" in parts(data, 1)["archive"]["problem"]
    said = wirewatch(data, "check", "--repair")
    assert f"{ARTICLES} articles still in the log will be indexed again" in said
    wirewatch(data, "replay", "--from", "index")
    assert found(data) == ARTICLES


def one_feed(data: Path) -> Path:
    file = data / "one.opml"
    file.write_text(
        '<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="http://127.0.0.1:9/"/></body></opml>'
    )
    return file


def test_a_damaged_log_is_named_with_advice(data: Path) -> None:
    with closing(sqlite3.connect(data / "log.sqlite")) as connection, connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray((data / "log.sqlite").read_bytes())
    for place in range(16_384, len(content), 16_384):
        content[place : place + 64] = b"\xff" * 64
    (data / "log.sqlite").write_bytes(content)
    log = parts(data, 1)["log"]
    assert "damaged" in log["problem"]
    assert log["repair"] == ""
    assert "backup" in log["advice"]
    assert "log.sqlite" in wirewatch(data, "status", code=2)


def test_an_impossible_offset_is_found(data: Path) -> None:
    with closing(sqlite3.connect(data / "log.sqlite")) as connection, connection:
        connection.execute("UPDATE claims SET committed = 9999 WHERE consumer_group = 'index'")
    connection.close()
    assert "group index is at offset 9999" in parts(data, 1)["log"]["problem"]
