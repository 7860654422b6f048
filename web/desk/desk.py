"""The marks of an installation, in a file of their own beside the archive: replays and upgrades leave them alone."""

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from query.marks import MOST_ARTICLES, Marks
from query.match import Words, occurs, value_matches
from query.tokens import terms
from query.tree import WordLeaf
from query.values import value_key
from results.desk import Mark, MarkKind
from stream.errors import ConfigError
from web.database import Database
from web.desk.rules import MOST_ON_ARTICLE, MOST_SEARCHES, WITHOUT_VALUE, fault, key_of, owner_of

NAME = "desk.sqlite"
ME = "me"
"""Whoever asks, in `assigned:me`."""
KEEPING: tuple[MarkKind, ...] = ("star", "tag", "note", "assigned")
"""The kinds of marks that keep an article from being deleted by age."""
_APPLICATION = 0x77776473  # "wwds"
_UPGRADES = (
    (
        """CREATE TABLE marks (
            kind TEXT NOT NULL,
            article TEXT NOT NULL,
            owner TEXT NOT NULL,
            key TEXT NOT NULL,
            person TEXT NOT NULL,
            value TEXT NOT NULL,
            name TEXT NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (kind, article, owner, key)
        ) WITHOUT ROWID""",
        "CREATE INDEX marks_of_article ON marks (article)",
        "CREATE INDEX marks_by_key ON marks (kind, owner, key)",
        "CREATE INDEX marks_by_time ON marks (kind, owner, time)",
    ),
)
_COLUMNS = "kind, article, person, value, name, time"
_AT_ONCE = 500


class OnArticle(msgspec.Struct, frozen=True):
    """The marks of an article, as one person sees them; the oldest first."""

    starred: bool = False
    read: bool = False
    assigned: Mark | None = None
    tags: tuple[Mark, ...] = ()
    notes: tuple[Mark, ...] = ()
    corrections: tuple[Mark, ...] = ()


class Desk:
    """The marks.

    Args:
        folder: the data folder.
        now: the clock.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._database = Database(folder / NAME, _APPLICATION, _UPGRADES)
        self._now = now

    def add(self, kind: MarkKind, person: str, article: str = "", value: str = "", name: str = "") -> Mark:
        """Set a mark; one that is there already is replaced. Raises ConfigError for what can't be one, or is too many."""
        if kind == "note" and not name:
            name = uuid.uuid4().hex
        mark = Mark(
            kind=kind,
            article=article,
            person=person,
            value=value.strip(),
            name=name.strip(),
            time=self._now(),
        )
        if reason := fault(mark):
            raise ConfigError(reason)
        with self._database.writing() as connection:
            _check_number(connection, mark)
            _put(connection, mark)
        return mark

    def remove(self, kind: MarkKind, person: str, article: str = "", value: str = "", name: str = "") -> bool:
        """Take a mark away; returns whether it was there."""
        mark = Mark(kind=kind, article=article, person=person, value=value, name=name, time=self._now())
        with self._database.writing() as connection:
            return bool(
                connection.execute(
                    "DELETE FROM marks WHERE kind = ? AND article = ? AND owner = ? AND key = ?", _place(mark)
                ).rowcount
            )

    def on(self, person: str, articles: Collection[str]) -> Mapping[str, OnArticle]:
        """The marks of articles, by their ids, as a person sees them; of those that have any."""
        found: dict[str, list[Mark]] = {}
        wanted = sorted(set(articles))
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            places = ", ".join("?" * len(some))
            for mark in self._select(
                f"WHERE article IN ({places}) AND owner IN ('', ?) ORDER BY time, key", (*some, person)
            ):
                found.setdefault(mark.article, []).append(mark)
        return {article: _seen(marks) for article, marks in found.items()}

    def listed(
        self, kinds: Sequence[MarkKind], person: str = "", article: str = "", limit: int = 100
    ) -> list[Mark]:
        """Marks of some kinds, the newest first.

        Args:
            kinds: which.
            person: of the kinds that are one's own, whose; '': everybody's.
            article: of this article alone; '': of all.
            limit: how many at most.
        """
        places = ", ".join("?" * len(kinds))
        where = [f"kind IN ({places})"]
        values: list[str | int] = [*kinds]
        if person:
            where.append("owner IN ('', ?)")
            values.append(person)
        if article:
            where.append("article = ?")
            values.append(article)
        return self._select(
            f"WHERE {' AND '.join(where)} ORDER BY time DESC, kind, article, key LIMIT ?", (*values, limit)
        )

    def assigned_to(self, person: str, limit: int = 100) -> list[Mark]:
        """What is assigned to a person, the newest first."""
        return self._select(
            "WHERE kind = 'assigned' AND value = ? ORDER BY time DESC, article LIMIT ?", (person, limit)
        )

    def kept(self) -> frozenset[str]:
        """The articles that somebody starred, tagged, annotated or assigned."""
        places = ", ".join("?" * len(KEEPING))
        query = f"SELECT DISTINCT article FROM marks WHERE kind IN ({places})"  # noqa: S608
        return frozenset(article for (article,) in self._rows(query, KEEPING))

    def tags(self, limit: int = 200) -> list[tuple[str, int]]:
        """The tags, and how many articles bear each, the most frequent first."""
        query = "SELECT min(value), count(*) FROM marks WHERE kind = 'tag' GROUP BY key ORDER BY 2 DESC, 1 LIMIT ?"
        return [(tag, int(number)) for tag, number in self._rows(query, (limit,))]

    def marks_of(self, person: str) -> Marks:
        """What the query language looks up, as a person sees it."""
        return lambda leaf: self._ids(leaf, person)

    def all(self) -> Iterator[Mark]:
        """Every mark, by article."""
        yield from self._select("ORDER BY article, kind, owner, key", ())

    def take_in(self, marks: Iterable[Mark]) -> tuple[int, int]:
        """Add marks from elsewhere; of two that are the same, the newer one stays.

        Returns how many were added or renewed, and how many were here already. Raises ConfigError for what can't be a mark;
        then none is taken in.
        """
        taken = known = 0
        with self._database.writing() as connection:
            for mark in marks:
                if reason := fault(mark):
                    raise ConfigError(reason)
                if _is_newer(connection, mark):
                    _put(connection, mark)
                    taken += 1
                else:
                    known += 1
        return taken, known

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def _select(self, rest: str, values: Sequence[str | int]) -> list[Mark]:
        return [_mark(row) for row in self._rows(f"SELECT {_COLUMNS} FROM marks {rest}", values)]  # noqa: S608

    def _ids(self, leaf: WordLeaf, person: str) -> Collection[str]:
        match leaf.field:
            case "starred":
                return self._own("star", person)
            case "read":
                return self._own("read", person)
            case "note":
                return self._bearing("note", "value", lambda note: occurs(leaf, Words(note)))
            case "assigned":
                return self._bearing(
                    "assigned", "value", lambda name: value_matches(leaf, _names(name, person))
                )
            case _:
                return self._bearing("tag", "key", lambda key: value_matches(leaf, frozenset([key])))

    def _own(self, kind: MarkKind, person: str) -> Collection[str]:
        """The newest, of what is read: nobody reads that much in a time that she would ask for."""
        query = "SELECT article FROM marks WHERE kind = ? AND owner = ? ORDER BY time DESC LIMIT ?"
        return [article for (article,) in self._rows(query, (kind, person, MOST_ARTICLES))]

    def _bearing(
        self, kind: MarkKind, column: Literal["key", "value"], is_meant: Callable[[str], bool]
    ) -> Collection[str]:
        """The articles with a mark whose key or value is meant."""
        judged: dict[str, bool] = {}
        found = set()
        for article, text in self._rows(f"SELECT article, {column} FROM marks WHERE kind = ?", (kind,)):  # noqa: S608
            if text not in judged:
                judged[text] = is_meant(text)
            if judged[text]:
                found.add(article)
        return found

    def _rows(self, query: str, values: Sequence[str | int]) -> list[tuple[Any, ...]]:
        if not self._database.exists():
            return []
        with self._database.reading() as connection:
            return connection.execute(query, values).fetchall()


def _names(name: str, person: str) -> frozenset[str]:
    """What `assigned:` finds a person by."""
    key = value_key(terms(name))
    return frozenset([key, ME]) if name == person else frozenset([key])


def _seen(marks: Sequence[Mark]) -> OnArticle:
    def of(*kinds: MarkKind) -> tuple[Mark, ...]:
        return tuple(mark for mark in marks if mark.kind in kinds)

    return OnArticle(
        starred=bool(of("star")),
        read=bool(of("read")),
        assigned=next(iter(of("assigned")), None),
        tags=of("tag"),
        notes=of("note"),
        corrections=of("not-topic", "wrong-name"),
    )


def _check_number(connection: sqlite3.Connection, mark: Mark) -> None:
    """Whatever one person adds to an article of their own is bounded by itself: a star, and whether it is read."""
    if mark.kind == "search":
        where, place, what, most = (
            "kind = 'search' AND owner = ?",
            mark.person,
            "saved searches",
            MOST_SEARCHES,
        )
    else:
        where, place, what, most = (
            "article = ? AND owner = ''",
            mark.article,
            "marks on this article",
            MOST_ON_ARTICLE,
        )
    (number,) = connection.execute(f"SELECT count(*) FROM marks WHERE {where}", (place,)).fetchone()  # noqa: S608
    if number >= most and mark.kind not in WITHOUT_VALUE:
        raise ConfigError(f"there are {number:,} {what}, and no more can be added")


def _is_newer(connection: sqlite3.Connection, mark: Mark) -> bool:
    row = connection.execute(
        "SELECT time FROM marks WHERE kind = ? AND article = ? AND owner = ? AND key = ?", _place(mark)
    ).fetchone()
    return row is None or row[0] < _microseconds(mark.time)


def _put(connection: sqlite3.Connection, mark: Mark) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO marks (kind, article, owner, key, person, value, name, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*_place(mark), mark.person, mark.value, mark.name, _microseconds(mark.time)),
    )


def _place(mark: Mark) -> tuple[str, str, str, str]:
    return mark.kind, mark.article, owner_of(mark), key_of(mark)


def _mark(row: tuple[Any, ...]) -> Mark:
    kind, article, person, value, name, time = row
    seconds, rest = divmod(time, 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    return Mark(kind=kind, article=article, person=person, value=value, name=name, time=moment)


def _microseconds(time: datetime) -> int:
    return int(time.timestamp()) * 1_000_000 + time.microsecond
