"""Checks the file of the embedded log, without changing it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from stream.finding import Finding
from stream.log.codec import Codec
from stream.words import plural

_ADVICE = (
    "restore it from a backup, or move log.sqlite and the files beside it away: the next run starts a new log and reads the"
    " feeds as if for the first time; articles that were not yet archived come back if the feeds still list them"
)


def examine(path: Path) -> Finding:
    """The state of the log in a file."""
    place = str(path)
    if not path.is_file():
        return Finding("log", place, facts="there is no log yet")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as connection:
            problems, facts = list(_problems(connection)), _facts(connection)
    except sqlite3.DatabaseError as error:
        return Finding("log", place, problem=f"the database is damaged: {error}", advice=_ADVICE)
    if problems:
        return Finding("log", place, facts, problem="; ".join(problems[:3]), advice=_ADVICE)
    return Finding("log", place, facts)


def _facts(connection: sqlite3.Connection) -> str:
    (topics,) = connection.execute("SELECT count(*) FROM topics").fetchone()
    messages = sum(end - start for _, _, start, end in _partitions(connection))
    return f"{plural(messages, 'message')} in {plural(topics, 'topic')}"


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA integrity_check(3)"):
        if said != "ok":
            yield f"the database is damaged: {said}"
            return
    yield from _offset_problems(connection)
    yield from _unreadable(connection)


def _partitions(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int, int]]:
    """Each topic and partition, with the first offset that is not trimmed, and the next offset."""
    for topic, number, start in connection.execute(
        "SELECT topic, partition, start FROM partitions"
    ).fetchall():
        (last,) = connection.execute(f'SELECT max("offset") FROM records_{topic}_{number}').fetchone()  # noqa: S608
        yield topic, number, start, start if last is None else last + 1


def _offset_problems(connection: sqlite3.Connection) -> Iterator[str]:
    names = dict(connection.execute("SELECT id, name FROM topics").fetchall())
    for topic, number, start, end in _partitions(connection):
        where = f"topic {names.get(topic, topic)}, partition {number}"
        query = f'SELECT count(*), coalesce(min("offset"), ?) FROM records_{topic}_{number}'  # noqa: S608
        count, first = connection.execute(query, (start,)).fetchone()
        if first < start or count != end - first:
            yield f"{where}: holds {plural(count, 'message')} at offsets {first} to {end - 1}"
        for group, committed in connection.execute(
            "SELECT consumer_group, committed FROM claims WHERE topic = ? AND partition = ?", (topic, number)
        ):
            if not 0 <= committed <= end:
                yield f"{where}: group {group} is at offset {committed}, but the last message is at {end - 1}"


def _unreadable(connection: sqlite3.Connection) -> Iterator[str]:
    """Unpack the newest message of each partition, and every value of the compacted topics."""
    codec = Codec()
    for topic, number, _, _ in _partitions(connection):
        query = f'SELECT packed, value FROM records_{topic}_{number} ORDER BY "offset" DESC LIMIT 1'  # noqa: S608
        yield from _not_unpacked(connection, query, codec, f"topic {topic}, partition {number}")
    yield from _not_unpacked(connection, "SELECT packed, value FROM latest", codec, "the latest values")


def _not_unpacked(connection: sqlite3.Connection, query: str, codec: Codec, where: str) -> Iterator[str]:
    for packed, value in connection.execute(query):
        try:
            codec.unpack(packed, value)
        except Exception as error:  # noqa: BLE001 - damaged bytes may raise anything
            yield f"{where}: a message can't be unpacked: {error}"
            return
