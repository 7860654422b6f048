"""The remembered articles, as columns of numbers: about 200 bytes per article, including the indexes.

A row is an article, in the order of arrival. It has a number, which counts from the start of the process, and a place in the
arrays, which is lower by that of the oldest row there (`_base`). Rows before `_start` are forgotten, and removed later.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.language import UNKNOWN
from enrich.stories.chains import Chains, Rows
from enrich.stories.groups import Groups
from enrich.stories.postings import Postings
from enrich.stories.rarity import FEATURE_BITS, Features
from enrich.stories.signature import SIGNATURE, SKETCH, Signature, Sketch, packed
from enrich.stories.state import Told
from enrich.stories.vector import BYTES, Vector, features_of, narrow, of_one_language, weights_of, widen

MARKS = 6
"""The features by which an article is found: the heaviest of its vector."""
EXAMINED = 4096
"""How many articles with the same marks are examined: all that share a rare one, the newest that share a common one."""
NEWEST = 32
"""How many articles with the same hash in their sketch are examined: the newest."""
COMPARED = 256
"""How many articles' vectors are compared with a new one: those that share most with it."""

_SMALLEST = 1024
_MOST_LANGUAGES = 256
_ID = 16
_HEX = frozenset("0123456789abcdef")


class Memory:
    """Articles that a new one is compared with."""

    def __init__(self) -> None:
        self._base = self._start = self._end = self._unindexed = 0
        self._ids: NDArray[np.uint8] = np.zeros((0, _ID), dtype=np.uint8)
        self._other_ids: dict[int, str] = {}  # ids that are not 32 hex digits, by number
        self._seen: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self._times: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        self._languages: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self._codes: dict[str, int] = {"": 0}
        self._signatures: Signature = np.zeros((0, SIGNATURE), dtype=np.uint8)
        self._vectors: NDArray[np.uint8] = np.zeros((0, BYTES), dtype=np.uint8)
        self.stories = Groups(self.id_of_number)
        self.copies = Groups(self.id_of_number)
        self._by_id = Chains(1, 1 << 20)
        self._by_sketch = Chains(SKETCH, 1 << 21)
        self._by_mark = Postings(MARKS, 1 << FEATURE_BITS)

    def __len__(self) -> int:
        """How many articles are remembered."""
        return self._end - self._start

    def row_of(self, key: str, *, forgotten_too: bool = False) -> int | None:
        """The row of an article by its id; None if it is not remembered nor, if requested, still in the arrays."""
        rows, _ = self._by_id.find(np.array([_hash_of(key)], dtype=np.uint32), most=len(self._ids))
        first = 0 if forgotten_too else self._start
        return next((row for row in rows.tolist() if row >= first and self.id_of(row) == key), None)

    def id_of(self, row: int) -> str:
        """The id of an article."""
        return self._other_ids.get(row + self._base) or self._ids[row].tobytes().hex()

    def add(self, tolds: Sequence[Told]) -> None:
        """Remember articles that are newer than all others, oldest first."""
        row, number = self._end, len(tolds)
        if row + number > len(self._ids):
            self._make_room(max(_SMALLEST, (row + number) * 3 // 2))
        rows = slice(row, row + number)
        self._end += number
        self._ids[rows] = _matrix([self._id_bytes(row + at, one.key) for at, one in enumerate(tolds)], _ID)
        self._seen[rows] = [int(told.seen.timestamp()) for told in tolds]
        self._times[rows] = [seconds_of(told.time or told.seen) for told in tolds]
        self._signatures[rows] = _matrix([_signature(told) for told in tolds], SIGNATURE)
        self._languages[rows] = [self.code_of(told.language) for told in tolds]
        self._vectors[rows] = _matrix([_vector(told) for told in tolds], BYTES)
        self._index(row, tolds)
        for groups, names in (
            (self.stories, [told.story for told in tolds]),
            (self.copies, list(map(_copies, tolds))),
        ):
            self._put_groups(groups, row, names)

    def _id_bytes(self, row: int, key: str) -> bytes:
        if len(key) == 2 * _ID and _HEX.issuperset(key):
            return bytes.fromhex(key)
        self._other_ids[row + self._base] = key
        return b""

    def _index(self, row: int, tolds: Sequence[Told]) -> None:
        """Index articles. Records of an older wirewatch have no features to index, and are always compared."""
        rows = np.arange(row, row + len(tolds))
        self._by_id.add(row, np.array([_hash_of(told.key) for told in tolds], dtype=np.uint32))
        self._by_mark.add(features_of(self.vectors(rows))[:, :MARKS])
        sketches = _matrix([told.sketch for told in tolds], 4 * SKETCH)
        self._by_sketch.add(row, sketches.view("<u4").astype(np.uint32))
        old = [at for at, told in enumerate(tolds) if told.signature and not told.vector]
        self._unindexed = row + old[-1] + 1 if old else self._unindexed

    def _put_groups(self, groups: Groups, row: int, names: Sequence[str]) -> None:
        """Set the group of each new row, by the id of its first article."""
        for at in range(row, row + len(names)):  # each has a group before another one is put into it
            groups.put(at, at + self._base)
        for at, name in enumerate(names, row):
            self._put_into(groups, at, name)

    def _put_into(self, groups: Groups, row: int, name: str) -> None:
        number = row + self._base
        if name == self.id_of(row) and name not in groups.numbers:
            groups.put(row, number)
        else:
            groups.put(row, self._group_called(groups, name, number), name)

    def _group_called(self, groups: Groups, name: str, otherwise: int) -> int:
        known = groups.numbers.get(name)
        if known is not None:
            return known
        first = self.row_of(name, forgotten_too=True)
        return otherwise if first is None else groups.at(first)

    def found_for(self, vector: Vector, sketch: Sketch) -> tuple[Rows, Rows]:
        """The rows that may be copies of an article, and those that may be on the same event, both in order of arrival."""
        features = vector[vector > 0]
        rows, by = self._by_mark.find(features_of(features), EXAMINED)
        alike, which = np.unique(rows, return_inverse=True)
        shared = np.bincount(which, weights_of(features)[by], len(alike))
        alike = alike[np.sort(np.argsort(-shared, kind="stable")[:COMPARED])]
        alike = alike[alike >= self._start]
        rows, _ = self._by_sketch.find(sketch, NEWEST)
        copies = np.unique(np.concatenate([rows, alike, np.arange(self._start, self._unindexed)]))
        return copies[copies >= self._start], alike

    def signatures(self, rows: Rows) -> Signature:
        """The signature of each row; zeros if the text was too short."""
        return self._signatures[rows]

    def vectors(self, rows: Rows) -> Vector:
        """The vector of each row."""
        return widen(self._vectors[rows])

    def code_of(self, language: str) -> int:
        """The number of a language; 0 for one that is not known."""
        known = "" if language == UNKNOWN else language
        return self._codes.setdefault(known, len(self._codes) if len(self._codes) < _MOST_LANGUAGES else 0)

    def language(self, row: int) -> int:
        """The number of a row's language."""
        return int(self._languages[row])

    def foreign(self, rows: Rows, code: int) -> NDArray[np.bool_]:
        """Which of the rows are known to be in another language than the one with a number."""
        theirs = self._languages[rows]
        return (theirs != code) & (theirs > 0) if code else np.zeros(len(rows), dtype=np.bool_)

    def within(self, rows: Rows, when: datetime, reach: timedelta) -> Rows:
        """The rows whose place in time is within a distance of a time."""
        apart = np.abs(self._times[rows].astype(np.int64) - seconds_of(when))
        return rows[apart <= reach.total_seconds()]

    def forget(self, before: datetime, most: int) -> tuple[list[str], Features]:
        """Forget the oldest articles: those first seen before a time, and more until at most `most` are left.

        Returns their ids and the features of their vectors.
        """
        limit, start = before.timestamp(), self._start
        while self._start < self._end and (len(self) > most or self._seen[self._start] < limit):
            self._start += 1
        gone = np.arange(start, self._start)
        found = [self.id_of(row) for row in gone.tolist()], features_of(self.vectors(gone))
        if self._start > max(_SMALLEST, self._end // 16):
            self._clear_away()
        return found

    def _make_room(self, rows: int) -> None:
        for column in self._columns():
            column.resize((rows, *column.shape[1:]), refcheck=False)
        for part in self._parts():
            part.make_room(rows)

    def _clear_away(self) -> None:
        """Remove forgotten rows from the arrays."""
        number, kept = self._start, len(self)
        for groups in (self.stories, self.copies):
            groups.drop(number, kept, self._base)
        for column in self._columns():
            column[:kept] = column[number : number + kept]
            column[kept : self._end] = 0
        for chains in (self._by_id, self._by_sketch):
            chains.drop(number, kept)
        self._by_mark.drop(number)
        self._base += number
        self._start, self._end, self._unindexed = 0, kept, max(self._unindexed - number, 0)
        self._other_ids = {at: key for at, key in self._other_ids.items() if at >= self._base}

    def members(self, story: int) -> Rows:
        """The remembered rows of a story, oldest first."""
        return self.stories.rows(story, self._start, self._end)

    def begin_story(self, rows: Rows) -> str | None:
        """Make rows a story of their own, named by the first of them that names no other; returns its name.

        None if each of them names another story: then they stay.
        """
        for row in rows.tolist():
            if self.stories.is_free(row + self._base, self.id_of(row), self._start, self._end):
                self.stories.move(rows, row + self._base)
                return self.id_of(row)
        return None

    def state(self) -> dict[str, Any]:
        """All that is remembered, for `restore`."""
        self._clear_away()
        return {
            "base": self._base,
            "end": self._end,
            "unindexed": self._unindexed,
            "other_ids": self._other_ids,
            "languages": list(self._codes),
            "columns": [column[: self._end].tobytes() for column in self._columns()],
            "parts": [part.state(self._end) for part in self._parts()],
            "marks": self._by_mark.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Remember what a state holds; nothing is remembered yet."""
        self._base, self._end, self._unindexed = state["base"], state["end"], state["unindexed"]
        self._other_ids = dict(state["other_ids"])
        self._codes = {language: code for code, language in enumerate(state["languages"])}
        self._make_room(max(_SMALLEST, self._end * 9 // 8))
        for column, stored in zip(self._columns(), state["columns"], strict=True):
            rows = np.frombuffer(stored, dtype=column.dtype).reshape(-1, *column.shape[1:])
            column[: len(rows)] = rows
        for part, stored in zip(self._parts(), state["parts"], strict=True):
            part.restore(stored)
        self._by_mark.restore(state["marks"])

    def put_into(self, row: int, story: str) -> None:
        """Put a row into the story with a name."""
        self._put_into(self.stories, row, story)

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self._ids, self._signatures, self._vectors, self._seen, self._times, self._languages

    def _parts(self) -> tuple[Groups | Chains, ...]:
        return self.stories, self.copies, self._by_id, self._by_sketch

    def number(self, row: int) -> int:
        """The number of a row, which stays when older rows are removed."""
        return row + self._base

    def id_of_number(self, number: int) -> str:
        """The id of the article with a number."""
        return self.id_of(number - self._base)

    def seen_of_number(self, number: int) -> datetime:
        """When the article with a number was first seen, to the second."""
        return datetime.fromtimestamp(int(self._seen[number - self._base]), UTC)

    @property
    def living(self) -> tuple[int, int]:
        """The first remembered row, and the one after the last."""
        return self._start, self._end


def _matrix(rows: Sequence[bytes], width: int) -> NDArray[np.uint8]:
    """Bytes as rows of a matrix; zeros if there are none."""
    whole = b"".join(row or bytes(width) for row in rows)
    return np.frombuffer(whole, dtype=np.uint8).reshape(len(rows), width)


def _signature(told: Told) -> bytes:
    if len(told.signature) in (0, SIGNATURE):
        return told.signature
    return packed(told.signature).tobytes()


def _vector(told: Told) -> bytes:
    if told.language or not told.vector:
        return told.vector
    return narrow(of_one_language(widen(np.frombuffer(told.vector, dtype=np.uint8)))).tobytes()


def _copies(told: Told) -> str:
    """The article that an article copies; in records of an older wirewatch that was the story."""
    return told.copies or told.story


def seconds_of(when: datetime) -> int:
    """Seconds since 1970 that fit into 32 bits; strangers' dates may lie beyond."""
    return min(max(int(when.timestamp()), 0), 2**32 - 1)


def _hash_of(key: str) -> int:
    return zlib.crc32(key.encode()) or 1
