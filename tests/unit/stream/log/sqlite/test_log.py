"""What only the log in SQLite does; tests/contracts/test_log.py has the contract of every log."""

import random
import sqlite3
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from waiting import PATIENCE

from stream.errors import ConfigError, RetryLater
from stream.log.base import LogError, Outgoing, Progress, TopicSpec
from stream.log.retention import Held
from stream.log.sqlite import file as sqlite_file
from stream.log.sqlite import log as sqlite
from stream.log.sqlite.file import SqliteFile
from stream.log.sqlite.log import SqliteLog

SPECS = (TopicSpec("line", partitions=1), TopicSpec("feeds", compacted=True))
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


def noise(count: int, size: int = 10_000) -> list[Outgoing]:
    chance = random.Random(1)
    return [Outgoing("line", f"k{number}", chance.randbytes(size)) for number in range(count)]


def delete_all(file: SqliteFile, *tables: str) -> None:
    with file.writing() as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")


# Opening


def test_the_file_is_set_up_as_measured(path: Path) -> None:
    with SqliteLog(path, SPECS) as log, log._file.reading() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_size", "auto_vacuum", "journal_mode", "synchronous")
        ]
    assert settings == [16_384, 2, "wal", 1]


def test_a_newer_file_is_refused_by_name(path: Path) -> None:
    SqliteLog(path, SPECS).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ConfigError, match=r"log\.db.*newer.*99"):
        SqliteLog(path, SPECS)


def test_an_older_file_is_upgraded_and_keeps_what_it_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SqliteLog(path, SPECS) as log:
        log.produce(noise(3))
    upgrade = ("ALTER TABLE topics ADD COLUMN note TEXT",)
    monkeypatch.setattr(sqlite_file, "_UPGRADES", (*sqlite_file._UPGRADES, upgrade))
    for _ in range(2):
        with SqliteLog(path, SPECS) as log, log._file.reading() as connection:
            assert connection.execute("SELECT note FROM topics").fetchall() == [(None,), (None,)]
            assert connection.execute("PRAGMA user_version").fetchone() == (len(sqlite_file._UPGRADES),)
    with SqliteLog(path, SPECS) as log:
        assert log.progress("g", "line").lag == 3


def test_messages_of_a_file_without_traces_have_none(path: Path) -> None:
    """As version 2 made it: the tables of its partitions lack the column."""
    with SqliteLog(path, SPECS) as log:
        log.produce(noise(3))
    with sqlite3.connect(path) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'records%'")
        ]
        for name in names:
            connection.execute(f"ALTER TABLE {name} DROP COLUMN trace")
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line") as consumer:
        log.produce([Outgoing("line", "k", b"v", trace="00-ab-cd-01")])
        assert [one.trace for one in consumer.poll(10, 0)] == ["", "", "", "00-ab-cd-01"]


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(ConfigError, match=r"log\.db.*not a wirewatch log"):
        SqliteLog(path, SPECS)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("bookmarks",)]
    connection.close()


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("my shopping list, rather longer than the header of a database" * 100)
    with pytest.raises(ConfigError, match=r"log\.db"):
        SqliteLog(path, SPECS)
    assert path.read_text().startswith("my shopping list")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        SqliteLog(tmp_path / "nowhere" / "log.db", SPECS)


@pytest.mark.parametrize(
    "spec", [TopicSpec("line", partitions=2), TopicSpec("line", partitions=1, compacted=True)]
)
def test_a_topic_of_another_shape_is_refused(path: Path, spec: TopicSpec) -> None:
    SqliteLog(path, SPECS).close()
    with pytest.raises(ConfigError, match=r"log\.db.*'line'.*\(1, 0\)"):
        SqliteLog(path, [spec])


def test_a_topic_may_be_added_and_left_out(path: Path) -> None:
    with SqliteLog(path, SPECS) as log:
        log.produce(noise(2))
    with SqliteLog(path, [TopicSpec("new")]) as log:
        log.produce([Outgoing("new", "k", b"1")])
        assert log.progress("g", "new") == Progress(0, 1)
        with pytest.raises(LogError, match="unknown topic 'line'"):
            log.progress("g", "line")
    with SqliteLog(path, SPECS) as log:
        assert log.progress("g", "line") == Progress(0, 2)


@pytest.mark.parametrize("attempt", range(5))
def test_many_may_open_a_new_file_at_once(path: Path, attempt: int) -> None:
    opened: list[SqliteLog] = []
    threads = [threading.Thread(target=lambda: opened.append(SqliteLog(path, SPECS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(opened) == 8
    for log in opened:
        log.produce(noise(1))
    assert opened[0].progress("g", "line").lag == 8
    for log in opened:
        log.close()


def test_an_upgrade_that_another_process_never_finishes_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqliteLog(path, SPECS).close()
    monkeypatch.setattr(sqlite, "_OPEN_SECONDS", 0.05)
    with (
        FileLock(path.parent / "log.db.locks" / "schema.lock"),
        pytest.raises(RetryLater, match=r"busy.*log\.db"),
    ):
        SqliteLog(path, SPECS)


# The disk


def test_a_full_disk_is_reported_and_leaves_nothing_half_done(path: Path) -> None:
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line") as consumer:
        log.produce(noise(2))
        with log._file._lock:
            (pages,) = log._file._connection.execute("PRAGMA page_count").fetchone()
            log._file._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(RetryLater, match=r"disk-full.*log\.db.*full"):
            log.produce([Outgoing("feeds", "f", b"1"), *noise(50)])
        assert log.latest("feeds") == {}
        assert len(consumer.poll(100, 0)) == 2
        consumer.commit({0: 2})
        log._file._connection.execute("PRAGMA max_page_count = 1000000")
        log.produce([Outgoing("feeds", "f", b"1"), *noise(50)])
        assert log.latest("feeds") == {"f": b"1"}
        assert log.progress("g", "line") == Progress(2, 50)


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_WRITE]
)
def test_a_disk_that_fails_while_the_file_is_opened_again_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def connect(_: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    with SqliteLog(path, SPECS) as log:
        monkeypatch.setattr(sqlite_file, "_connect", connect)
        with pytest.raises(RetryLater, match=r"disk-error.*log\.db"):
            log.latest("feeds")


def test_a_file_that_others_keep_locked_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY_SECONDS", 0.05)
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line") as consumer:
        other = SqliteFile(path)
        with other.writing():
            with pytest.raises(RetryLater, match=r"busy.*log\.db"):
                log.produce(noise(1))
            assert consumer.poll(1, 0) == [], "reading waits for no writer"
            with pytest.raises(RetryLater, match="busy"):
                SqliteLog(path, SPECS)
        other.close()
        log.produce(noise(1))
        assert len(consumer.poll(1, 0)) == 1


def test_an_error_inside_a_transaction_undoes_it(path: Path) -> None:
    with SqliteLog(path, SPECS) as log:
        # Database errors other than a full disk and a lock are not translated.
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            delete_all(log._file, "topics", "nowhere")
        with log._file.reading() as connection:
            assert connection.execute("SELECT count(*) FROM topics").fetchone() == (2,)


def test_trimming_gives_the_space_back(path: Path) -> None:
    with SqliteLog(path, SPECS) as log:
        for _ in range(5):
            log.produce(noise(500))
    full = path.stat().st_size
    assert full > 25_000_000
    with SqliteLog(path, SPECS) as log:
        assert log.trim("line", LATER, 0) == 2500, "more than one step"
    assert path.stat().st_size < full / 10


def test_a_trim_leaves_no_snapshot_that_blocks_the_next_writer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []

    def cut_little(held: Iterable[Held], *bounds: Any) -> dict[int, int]:
        looked_at.append(held)  # as a thread paused in the middle of its return still holds it
        next(iter(held))
        return {}

    with SqliteLog(path, SPECS) as log, SqliteLog(path, SPECS) as other:
        log.produce(noise(10))
        monkeypatch.setattr(sqlite, "cuts", cut_little)
        log.trim("line", LATER, 0)
        assert looked_at
        other.produce(noise(1))
        log.produce(noise(1))


# Memory and membership


def test_a_poll_hands_out_a_bounded_number_of_bytes(path: Path) -> None:
    big = b"\x00" * 12_000_000
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line") as consumer:
        log.produce([Outgoing("line", "k", big) for _ in range(7)])
        assert [len(consumer.poll(100, 0)) for _ in range(4)] == [3, 3, 1, 0]


def test_a_member_whose_lock_was_removed_gets_an_error(path: Path) -> None:
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line") as consumer:
        consumer.poll(0, 0)
        for file in (path.parent / "log.db.locks").glob("*.alive"):
            file.unlink()
        with SqliteLog(path, SPECS) as other, other.consumer("g", "line") as heir:
            heir.poll(0, 0)
            assert heir.assigned() == {0}
            with pytest.raises(LogError, match="lock file is gone"):
                consumer.poll(1, 0)


def test_no_lock_files_are_left(path: Path) -> None:
    with SqliteLog(path, SPECS) as log, log.consumer("g", "line"):
        assert len(list((path.parent / "log.db.locks").glob("*.alive"))) == 1
    assert list((path.parent / "log.db.locks").glob("*.alive")) == []
