"""Finds articles that are known under another address, by their marks (`Article.marks`): sixteen bytes a mark.

Of a mark, a fingerprint of 64 bits is kept: among six million, a mark is mistaken for another once in 3e12.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from enrich.stories.chains import Chains, Rows
from enrich.stories.clusterer import Stories
from enrich.stories.state import Told

_SAME_TEXT = timedelta(days=1)
"""The longest time between two articles that share a mark of their text and still count as one."""
_BUCKETS = 1 << 20
_SMALLEST = 1024
_AT_ONCE = 50_000
"""Marks that are taken up at once."""

Prints = NDArray[np.uint64]


class Marked(NamedTuple):
    """An article with marks."""

    key: str
    hearsay: bool
    url: str
    """Of hearsay, which may give way; '' of any other."""


class Addresses:
    """The marks of the remembered articles, oldest first.

    Args:
        stories: the articles; a mark is forgotten with its article.
        state: what another one has remembered: see `state`.
    """

    def __init__(self, stories: Stories, state: Mapping[str, Any] | None = None) -> None:
        self._stories = stories
        self._size = 0
        self._prints: Prints = np.zeros(0, dtype=np.uint64)
        self._articles: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)
        """The number of each mark's article."""
        self._places = Chains(1, _BUCKETS)
        self._hearsay: dict[int, str] = {}
        """The addresses of hearsay, by the article's number."""
        if state is not None:
            self._hearsay = dict(state["hearsay"])
            self._append(
                np.frombuffer(state["prints"], np.uint64), np.frombuffer(state["articles"], np.uint32)
            )

    def state(self) -> dict[str, Any]:
        """All that is remembered, as numbers, names and bytes."""
        return {
            "prints": self._prints[: self._size].tobytes(),
            "articles": self._articles[: self._size].tobytes(),
            "hearsay": self._hearsay,
        }

    def same(self, key: str, marks: Sequence[str], seen: datetime) -> Marked | None:
        """The first of the remembered articles that share a mark with another one; None if there is none.

        Args:
            key: the other article's id.
            marks: its marks: those of a text count for a day, those of an address as long as they are remembered.
            seen: when it was first seen.
        """
        for mark in marks:
            number = self._bearer(fingerprint(mark))
            if number is None or self._stories.key_of(number) == key:
                continue
            if mark[0] == "p" or abs(seen - self._stories.seen_of(number)) <= _SAME_TEXT:
                url = self._hearsay.get(number)
                return Marked(self._stories.key_of(number), url is not None, url or "")
        return None

    def _bearer(self, wanted: int) -> int | None:
        """The number of the remembered article with a mark."""
        entries, _ = self._entries(np.array([wanted], dtype=np.uint64))
        return int(self._articles[entries[0]]) if len(entries) else None

    def _entries(self, wanted: Prints) -> tuple[Rows, NDArray[np.int64]]:
        """The entries of marks that are remembered, at most one each, and the places of these marks among the given ones."""
        entries, by = self._places.find(_hashes(wanted), most=max(self._size, 1))
        is_same = (self._prints[entries] == wanted[by]) & (self._articles[entries] >= self._stories.oldest)
        return entries[is_same], by[is_same]

    def remember(self, tolds: Iterable[Told]) -> None:
        """Keep the marks of articles that the stories remember; marks that another article had first stay with that one."""
        last = int(self._articles[self._size - 1]) if self._size else -1
        numbered = ((self._stories.number_of(told.key), told) for told in tolds if told.marks)
        fresh = {number: told for number, told in numbered if number is not None and number > last}
        self._hearsay.update({number: told.url for number, told in fresh.items() if told.hearsay})
        bearers = [(number, mark) for number in sorted(fresh) for mark in fresh[number].marks]
        for start in range(0, len(bearers), _AT_ONCE):
            self._keep(bearers[start : start + _AT_ONCE])
        self._clear_away()

    def _keep(self, bearers: Sequence[tuple[int, str]]) -> None:
        """Keep marks, each with the number of its article, in their order."""
        prints = np.array([fingerprint(mark) for _, mark in bearers], dtype=np.uint64)
        _, first = np.unique(prints, return_index=True)
        _, known = self._entries(prints)
        kept = np.setdiff1d(first, known)  # sorted
        numbers = np.array([number for number, _ in bearers], dtype=np.uint32)
        self._append(prints[kept], numbers[kept])

    def _append(self, prints: Prints, articles: NDArray[np.uint32]) -> None:
        end = self._size + len(prints)
        if end > len(self._prints):
            for column in (self._prints, self._articles):
                column.resize(max(_SMALLEST, end * 9 // 8), refcheck=False)
            self._places.make_room(len(self._prints))
        self._prints[self._size : end] = prints
        self._articles[self._size : end] = articles
        self._places.add(self._size, _hashes(prints))
        self._size = end

    def _clear_away(self) -> None:
        """Remove the marks of forgotten articles, once there are many."""
        oldest, size = self._stories.oldest, self._size
        gone = int(np.searchsorted(self._articles[:size], oldest))
        if gone <= max(_SMALLEST, size // 16):
            return
        kept = size - gone
        for column in (self._prints, self._articles):
            column[:kept] = column[gone:size]
        self._places.drop(gone, kept)
        self._size = kept
        self._hearsay = {number: url for number, url in self._hearsay.items() if number >= oldest}


def fingerprint(mark: str) -> int:
    """The number that stands for a mark."""
    return int.from_bytes(hashlib.blake2b(mark.encode(), digest_size=8).digest(), "little")


def _hashes(prints: Prints) -> NDArray[np.uint32]:
    """What the marks are looked up by; never 0."""
    return np.maximum((prints >> np.uint64(32)).astype(np.uint32), np.uint32(1))
