"""Checks the embedded archive and its full-text index, and repairs what it can.

The documents are the source of truth: the index is rebuilt from them. If the documents are damaged, all readable ones are kept.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import zstandard

from index.embedded.damage import Damaged, broken_files
from index.embedded.documents import Documents, Row, row_of
from index.embedded.fulltext import FullText, build, open_current
from index.embedded.writer import DOCUMENTS, is_locked, only_writer
from index.store import Document, Search
from stream.errors import ConfigError
from stream.finding import Finding
from stream.messages import article_id
from stream.words import plural

_NAMED = 5
_SAMPLE = 100
_BATCH = 500
_SELECT = "SELECT number, sequence, seen, indexed, body, id FROM documents WHERE number = ?"
_UNREADABLE = (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError)


def examine(folder: Path) -> list[Finding]:
    """The state of the archive in a folder: its documents, then its full-text index. Changes nothing."""
    path = folder / DOCUMENTS
    if not path.is_file():
        return [_missing(folder)]
    documents = _examine_documents(path)
    return [documents, _examine_index(folder, path)]


def _missing(folder: Path) -> Finding:
    place = str(folder / DOCUMENTS)
    if not (folder / "search").exists():
        return Finding("archive", place, facts="there is no archive yet")
    return Finding(
        "archive",
        place,
        problem="the file is missing, but its search index is there",
        repair="starts an empty archive; articles that are still in the log are indexed again at the next run",
        advice="first look for a backup: if you restore the file, the index is brought up to date",
    )


def _examine_documents(path: Path) -> Finding:
    place = str(path)
    try:
        with closing(_open(path)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
            good, bad = _sort(connection)
    except sqlite3.DatabaseError as error:
        return _broken_file(place, str(error))
    facts = f"{plural(good, 'article')} can be read"
    if faults:
        return _broken_file(place, faults[0], facts)
    if bad:
        some = ", ".join(bad[:_NAMED]) + (", ..." if len(bad) > _NAMED else "")
        return Finding(
            "archive",
            place,
            facts,
            problem=f"{len(bad)} {'article' if len(bad) == 1 else 'articles'} can't be read or have a wrong id: {some}",
            repair="fixes ids that follow from the article, leaves out unreadable articles, and keeps the damaged file",
            advice="wirewatch replay --from index restores those that are still in the log",
        )
    return Finding("archive", place, facts)


def _broken_file(place: str, error: str, facts: str = "") -> Finding:
    return Finding(
        "archive",
        place,
        facts,
        problem=f"the database is damaged: {error}",
        repair="copies every article that can be read into a new file, and keeps the damaged one beside it",
        advice="wirewatch replay --from index restores the others if they are still in the log",
    )


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _sort(connection: sqlite3.Connection) -> tuple[int, list[str]]:
    """How many articles are intact, and the ids (or numbers) of those that are not."""
    good, bad = 0, []
    for number, row, found in _rows(connection):
        if row is not None and found == _id_of(row.document):
            good += 1
        else:
            bad.append(found or f"number {number}")
    return good, bad


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[int, Row | None, str]]:
    """Each article's number, the article if it can be read, and the id that it is stored under."""
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM documents").fetchone()
    for number in range(1, last + 1):
        found = ""
        try:
            values = connection.execute(_SELECT, (number,)).fetchone()
            if values is None:
                continue
            found = values[5]
            yield number, row_of(values[:5]), found
        except _UNREADABLE:
            yield number, None, found


def _id_of(document: Document) -> str:
    return document.enriched.article.id


def _examine_index(folder: Path, path: Path) -> Finding:
    place = str(folder / "search")
    try:
        return Finding("index", place, facts=_sound_facts(folder, path))
    except (ConfigError, sqlite3.DatabaseError) as error:
        return Finding(
            "index",
            place,
            problem=str(error),
            repair="rebuilds it from the articles",
            advice="wirewatch run does the same when it starts",
        )


def _sound_facts(folder: Path, path: Path) -> str:
    """Describes an intact index; raises Damaged, with the problem, for any other."""
    if not (folder / "search").is_dir():
        raise Damaged("it is missing")
    if broken := broken_files(folder / "search"):
        raise Damaged(f"{len(broken)} of its files are damaged: {', '.join(broken[:_NAMED])}")
    fulltext = open_current(folder / "search")
    if fulltext is None:
        raise Damaged("it can't be opened, or was made by an older wirewatch")
    with closing(Documents(path, writable=False)) as documents:
        indexed, stored = fulltext.count(), documents.count()
        if indexed != stored and not is_locked(folder):  # otherwise a flush may be between the two
            raise Damaged(f"it has {plural(indexed, 'article')}, the archive {stored:,}")
        _find_samples(fulltext, documents)
    return f"{plural(indexed, 'article')} indexed"


def _find_samples(fulltext: FullText, documents: Documents) -> None:
    newest = Search(sort="newest", limit=_SAMPLE)

    def ids(numbers: object) -> list[str]:
        known = documents.ids(list(numbers))  # type: ignore[call-overload]
        return [known.get(number, "") for number in numbers]  # type: ignore[attr-defined]

    found = fulltext.find(newest, ids, documents.by_number)
    numbers = [number for _, number in found.hits]
    if missing := set(numbers) - documents.by_number(numbers).keys():
        raise Damaged(f"it has {len(missing)} of the newest {len(numbers)} articles that the archive lacks")


def repair(folder: Path) -> list[str]:
    """Repair what `examine` finds; returns what was done. Raises ConfigError if another process is writing there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_writer(folder):
        done = list(_repair_documents(folder))
        with closing(Documents(folder / DOCUMENTS, writable=True)) as documents:
            if done or _examine_index(folder, folder / DOCUMENTS).problem:
                build(folder / "search", documents.after(0))
                done.append(f"the search index was rebuilt: {plural(documents.count(), 'article')}")
    return done


def _repair_documents(folder: Path) -> Iterator[str]:
    path = folder / DOCUMENTS
    if not path.is_file():
        yield "an empty archive was started"
        return
    if not _examine_documents(path).problem:
        return
    fresh = path.with_name(f"{DOCUMENTS}.new")
    for leftover in _files(fresh):
        leftover.unlink(missing_ok=True)
    saved, lost = _salvage(path, fresh)
    kept = _free_name(path)
    for old, new in zip(_files(path), _files(kept), strict=True):
        if old.exists():
            old.rename(new)
    fresh.rename(path)
    yield f"saved {plural(saved, 'article')}, {lost:,} could not be read; the damaged file is kept as {kept.name}"


def _files(path: Path) -> list[Path]:
    return [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]


def _free_name(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return kept


def _salvage(path: Path, fresh: Path) -> tuple[int, int]:
    """Copy what can be read; returns how many articles were, and how many could not be."""
    saved = lost = 0
    batch: list[Document] = []
    with closing(_open(path)) as old, closing(Documents(fresh, writable=True)) as new:
        try:
            for _, row, _ in _rows(old):
                if row is None or not _is_itself(row.document):
                    lost += 1
                    continue
                batch.append(row.document)
                saved += 1
                if len(batch) == _BATCH:
                    new.put(batch)
                    batch = []
            new.put(batch)
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"{path} can't be read at all ({error}): restore it from a backup, or move it away and run check --repair"
                " again, which starts over with what the log still holds"
            ) from error
    _flush_to_disk(fresh)
    return saved, lost


def _is_itself(document: Document) -> bool:
    """Whether an article has a valid id."""
    found = _id_of(document)
    return len(found) == len(article_id("")) and all(each in "0123456789abcdef" for each in found)


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
