"""Finds the story of each article online: in one pass, each article is placed as it comes.

Two levels: *copies* are articles with nearly the same text, such as one agency report in forty outlets; a *story* is one event
and the reports on it. An article joins the story whose reports it resembles most, if it resembles them enough.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from enrich.stories.chains import Rows
from enrich.stories.concepts import ENGLISH
from enrich.stories.memory import Memory
from enrich.stories.rarity import Rarity, shipped
from enrich.stories.signature import LEAST_EQUAL, Signature, equal_places, fingerprints
from enrich.stories.state import Told
from enrich.stories.vector import Vector, features_of, narrow, similarities, similarities_across, vector_of

ALIKE = 0.19
"""The minimum score for an article to join a story (bench/stories.py shows how flat the optimum is)."""
ACROSS = 0.45
"""The weight of a similarity across two languages, against one within a language (bench/stories_across.py)."""
BEST = 0.6
"""The weight of a story's most similar report, against the mean of its most similar ones."""

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


class Stories:
    """Recent articles: those seen within `keep` of the newest, and at most `most`.

    Args:
        keep: how much time may lie between one article of a story and the next, by their places in time.
        most: maximum number of articles; the oldest are dropped first.
        known: articles remembered from earlier runs.
        alike: the minimum score of an article and a story to go together.
        across: the weight of a similarity across two languages.
    """

    def __init__(
        self,
        keep: timedelta,
        most: int,
        known: Iterable[Told] = (),
        alike: float = ALIKE,
        across: float = ACROSS,
    ) -> None:
        self._keep = keep
        self._alike = alike
        self._across = np.float32(across)
        self._most = most
        self._memory = Memory()
        self._rarity = Rarity(shipped())
        ordered = sorted(known, key=lambda one: one.seen)
        for start in range(0, len(ordered), _AT_ONCE):
            self._remember(ordered[start : start + _AT_ONCE])

    def __len__(self) -> int:
        """How many articles are remembered."""
        return len(self._memory)

    def __contains__(self, key: str) -> bool:
        """Whether an article is remembered, by its id."""
        return self._memory.row_of(key) is not None

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
        told = self._judge(key, title, lead, text, seen, time or seen, language)
        gone, features = self._memory.forget(seen - self._keep, self._most - 1)
        self._rarity.forget(features)
        self._remember([told])
        return Placed(story=told.story, copies=told.copies, told=told, gone=gone)

    def _judge(
        self, key: str, title: str, lead: str, text: str, seen: datetime, time: datetime, language: str
    ) -> Told:
        signature, sketch = fingerprints(f"{title}\n{text}")
        vector = vector_of(title, lead, self._rarity, language)
        maybe_copies, maybe_told = self._memory.found_for(vector, sketch)
        maybe_told = self._memory.within(maybe_told, time, self._keep)
        copy = self._closest(signature, maybe_copies)
        story = self._story_of(copy) if copy is not None else self._best_story(vector, language, maybe_told)
        return Told(
            key=key,
            story=story or key,
            copies=key if copy is None else self._copies_of(copy),
            seen=seen,
            time=time,
            signature=signature.tobytes(),
            sketch=sketch.astype("<u4").tobytes(),
            vector=narrow(vector).tobytes(),
            language=language,
        )

    def _closest(self, signature: Signature, rows: Rows) -> int | None:
        """The row of the most similar text, if it is similar enough; the earliest if several are equal."""
        if not len(signature) or not len(rows):
            return None
        equal = equal_places(signature, self._memory.signatures(rows))
        best = int(equal.argmax())
        return int(rows[best]) if equal[best] >= LEAST_EQUAL else None

    def _best_story(self, vector: Vector, language: str, rows: Rows) -> str | None:
        """The story that an article joins; None if it begins one."""
        if not len(rows):
            return None
        alike = self._similarities(vector, language, rows)
        stories = self._memory.stories.of(rows)
        scores = {int(story): score(alike[stories == story]) for story in np.unique(stories)}
        best = max(scores, key=lambda story: (scores[story], -story))
        return self._memory.stories.name(best) if scores[best] >= self._alike else None

    def _similarities(self, vector: Vector, language: str, rows: Rows) -> NDArray[np.float32]:
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


def score(alike: NDArray[np.float32]) -> float:
    """How well an article fits a story, from its similarities to the story's reports: the best, and the best few. In a story of
    many reports more have to be similar, so that one link does not chain two events together."""
    few = math.ceil(math.log2(len(alike) + 1))
    best = np.sort(alike)[-few:]
    return float(BEST * best[-1] + (1 - BEST) * best.mean())
