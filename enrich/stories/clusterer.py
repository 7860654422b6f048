"""Finds the story of each article online: in one pass, each article is placed as it comes.

Two levels: *copies* are articles with nearly the same text, such as one agency report in forty outlets; a *story* is one event
and the reports on it. An article joins the story whose reports it resembles most, if it resembles them enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import numpy as np

from enrich.stories.chains import Rows
from enrich.stories.concepts import ENGLISH
from enrich.stories.memory import Memory
from enrich.stories.rarity import Rarity, shipped
from enrich.stories.regroup import BRIDGE, SMALLEST, Similarities, are_one, halves, score
from enrich.stories.signature import LEAST_EQUAL, Signature, equal_places, fingerprints
from enrich.stories.state import Told
from enrich.stories.vector import Vector, features_of, narrow, similarities, similarities_across, vector_of
from stream.messages import Regrouping

ALIKE = 0.19
"""The minimum score for an article to join a story (bench/stories.py shows what a lower or higher one gives)."""
ACROSS = 0.45
"""The weight of a similarity across two languages, against one within a language (bench/stories_across.py)."""

_LOOKED_AT = 64
"""Reports of a story, the newest, that are looked at to split it."""
_AT_ONCE = 50_000
"""Articles that are loaded from the log at once."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Where an article belongs."""

    story: str
    """The id of the first article of its story."""
    copies: str
    """The id of the first article with nearly the same text."""
    told: Told | None
    """The record to keep of it; None if it is already kept."""
    gone: Sequence[str] = ()
    """The articles that are no longer remembered."""
    regrouped: tuple[Regrouping, ...] = ()
    """The stories that were merged or split, in this order."""
    moved: Mapping[str, str] = MappingProxyType({})
    """By earlier articles that went to another story: that story."""


class _Joined(NamedTuple):
    """The story that an article joins."""

    story: int
    found: int
    """How many of its reports were found to resemble the article."""
    same: tuple[int, ...]
    """Stories that turn out to be the same one."""


class _Change(NamedTuple):
    """Articles that went to another story."""

    message: Regrouping
    moved: tuple[str, ...]


class Stories:
    """Recent articles: those seen within `keep` of the newest, and at most `most`.

    Args:
        keep: how much time may lie between one article of a story and the next, by their places in time.
        most: maximum number of articles; the oldest are dropped first.
        known: articles remembered from earlier runs.
        alike: the minimum score of an article and a story to go together.
        across: the weight of a similarity across two languages.
        state: what another one has remembered: see `state`.
    """

    def __init__(
        self,
        keep: timedelta,
        most: int,
        known: Iterable[Told] = (),
        alike: float = ALIKE,
        across: float = ACROSS,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._keep = keep
        self._alike = alike
        self._across = np.float32(across)
        self._most = most
        self._memory = Memory()
        self._rarity = Rarity(shipped())
        if state is not None:
            self._memory.restore(state["memory"])
            self._rarity.restore(state["rarity"])
        self.take_up(known)

    def take_up(self, known: Iterable[Told]) -> None:
        """Remember articles from the log, but those that already are."""
        ordered = sorted((one for one in known if one.key not in self), key=lambda one: one.seen)
        for start in range(0, len(ordered), _AT_ONCE):
            self._remember(ordered[start : start + _AT_ONCE])

    def __len__(self) -> int:
        """How many articles are remembered."""
        return len(self._memory)

    def __contains__(self, key: str) -> bool:
        """Whether an article is remembered, by its id."""
        return self._memory.row_of(key) is not None

    @property
    def oldest(self) -> int:
        """The number of the oldest article. Numbers rise in the order in which articles are remembered."""
        return self._memory.number(self._memory.living[0])

    def number_of(self, key: str) -> int | None:
        """The number of a remembered article; None if it is not remembered."""
        row = self._memory.row_of(key)
        return None if row is None else self._memory.number(row)

    def key_of(self, number: int) -> str:
        """The id of a remembered article."""
        return self._memory.id_of_number(number)

    def seen_of(self, number: int) -> datetime:
        """When a remembered article was first seen, to the second."""
        return self._memory.seen_of_number(number)

    def state(self) -> dict[str, Any]:
        """All that is remembered, as numbers, names and bytes."""
        return {"memory": self._memory.state(), "rarity": self._rarity.state()}

    def follow(self, moves: Mapping[str, str]) -> None:
        """Put articles that are remembered into other stories; by their ids, the stories' names."""
        rows = [(self._memory.row_of(key), story) for key, story in moves.items()]
        for row, story in sorted((row, story) for row, story in rows if row is not None):
            self._memory.put_into(row, story)

    def place(
        self,
        key: str,
        title: str,
        lead: str,
        text: str,
        seen: datetime,
        time: datetime | None = None,
        language: str = ENGLISH,
    ) -> Placed:
        """The story of an article. A known article keeps its story.

        Args:
            key: the article's id.
            title: its headline.
            lead: its summary, or the beginning of its text.
            text: its whole text.
            seen: when it was first seen; a late article is remembered as if it were the newest.
            time: its place in time, which reports on one event share; None: as `seen`. A feed's old entries are all seen at
                once.
            language: of the article, ISO 639-1, or `unknown`.
        """
        row = self._memory.row_of(key)
        if row is not None:
            return Placed(story=self._story_of(row), copies=self._copies_of(row), told=None)
        told, joined = self._judge(key, title, lead, text, seen, time or seen, language)
        gone, features = self._memory.forget(seen - self._keep, self._most - 1)
        self._rarity.forget(features)
        changes = [self._merge(story, joined.story) for story in joined.same] if joined else []
        self._remember([told])
        if joined and _is_looked_at(joined.found + 1):
            changes += self._split(joined.story)
        moved = {article: change.message.story for change in changes for article in change.moved}
        story = moved.pop(key, told.story)
        return Placed(
            story=story,
            copies=told.copies,
            told=msgspec.structs.replace(told, story=story),
            gone=gone,
            regrouped=tuple(change.message for change in changes),
            moved=moved,
        )

    def _judge(
        self, key: str, title: str, lead: str, text: str, seen: datetime, time: datetime, language: str
    ) -> tuple[Told, _Joined | None]:
        """The record of an article, and the story that it joins; None if it begins one, or copies a text."""
        signature, sketch = fingerprints(f"{title}\n{text}")
        vector = vector_of(title, lead, self._rarity, language)
        maybe_copies, maybe_told = self._memory.found_for(vector, sketch)
        maybe_told = self._memory.within(maybe_told, time, self._keep)
        copy = self._closest(signature, maybe_copies)
        joined = self._best_story(vector, language, maybe_told) if copy is None else None
        told = Told(
            key=key,
            story=self._name_of(joined, copy) or key,
            copies=key if copy is None else self._copies_of(copy),
            seen=seen,
            time=time,
            signature=signature.tobytes(),
            sketch=sketch.astype("<u4").tobytes(),
            vector=narrow(vector).tobytes(),
            language=language,
        )
        return told, joined

    def _name_of(self, joined: _Joined | None, copy: int | None) -> str | None:
        if joined:
            return self._memory.stories.name(joined.story)
        return None if copy is None else self._story_of(copy)

    def _closest(self, signature: Signature, rows: Rows) -> int | None:
        """The row of the most similar text, if it is similar enough; the earliest if several are equal."""
        if not len(signature) or not len(rows):
            return None
        equal = equal_places(signature, self._memory.signatures(rows))
        best = int(equal.argmax())
        return int(rows[best]) if equal[best] >= LEAST_EQUAL else None

    def _best_story(self, vector: Vector, language: str, rows: Rows) -> _Joined | None:
        """The story that an article joins; None if there is none."""
        if not len(rows):
            return None
        alike = self._similarities(vector, self._memory.code_of(language), rows)
        of_rows = self._memory.stories.of(rows)
        maybe = np.unique(of_rows[alike >= self._alike])  # no score is above the best similarity
        scores = {int(story): score(alike[of_rows == story]) for story in maybe}
        best = max(scores, key=lambda story: (scores[story], -story), default=None)
        if best is None or scores[best] < self._alike:
            return None
        others = (one for one in scores if one != best and scores[one] >= BRIDGE * self._alike)
        same = [one for one in others if self._are_one(rows[of_rows == best], rows[of_rows == one])]
        first, *merged = sorted((best, *same))
        return _Joined(first, int(np.isin(of_rows, (best, *same)).sum()), tuple(merged))

    def _are_one(self, rows: Rows, others: Rows) -> bool:
        return are_one(self._table(rows, others), self._alike)

    def _merge(self, story: int, into: int) -> _Change:
        stories, rows = self._memory.stories, self._memory.members(story)
        was = stories.name(story)
        stories.move(rows, into)
        return _Change(Regrouping(was=was, story=stories.name(into)), self._ids(rows))

    def _split(self, story: int) -> list[_Change]:
        """Make the part of a story that turns out to be another event a story of its own."""
        rows = self._memory.members(story)[-_LOOKED_AT:]
        apart = halves(self._table(rows, rows))
        if apart is None:
            return []
        was, leaving = self._memory.stories.name(story), rows[apart]
        name = self._memory.begin_story(leaving)
        if name is None:
            return []
        moved = self._ids(leaving)
        return [_Change(Regrouping(was=was, story=name, articles=moved), moved)]

    def _ids(self, rows: Rows) -> tuple[str, ...]:
        return tuple(map(self._memory.id_of, rows.tolist()))

    def _table(self, rows: Rows, others: Rows) -> Similarities:
        """How alike each of some rows is with each of others."""
        vectors = self._memory.vectors(rows)
        languages = map(self._memory.language, rows.tolist())
        return np.stack([self._similarities(*one, others) for one in zip(vectors, languages, strict=True)])

    def _similarities(self, vector: Vector, language: int, rows: Rows) -> Similarities:
        """How alike each of the rows is; of those in another language, by what both languages have."""
        others, foreign = self._memory.vectors(rows), self._memory.foreign(rows, language)
        alike = similarities(vector, others)
        if foreign.any():
            alike[foreign] = self._across * similarities_across(vector, others[foreign])
        return alike

    def _remember(self, tolds: Sequence[Told]) -> None:
        self._memory.add(tolds)
        _, end = self._memory.living
        self._rarity.learn(features_of(self._memory.vectors(np.arange(end - len(tolds), end))))

    def _story_of(self, row: int) -> str:
        return self._memory.stories.name(self._memory.stories.at(row))

    def _copies_of(self, row: int) -> str:
        return self._memory.copies.name(self._memory.copies.at(row))


def _is_looked_at(reports: int) -> bool:
    """Whether it is time to ask if a story is two: whenever it has doubled."""
    return reports >= 2 * SMALLEST and reports & (reports - 1) == 0
