"""Stories: groups of articles with nearly the same text, such as one agency report in forty outlets.

Two texts are compared by their sets of three consecutive words (shingles; Broder 1997), through a signature of fixed size: of
each of 128 hash functions the lowest value over the shingles (MinHash), of which 8 bits are kept (b-bit MinHash; Li and König
2010). The share of equal places estimates the Jaccard similarity of the sets, with a standard deviation of at most 0.044. A new
signature is compared with all that are remembered: 50,000 of them are 6.4 MB, and one comparison of all takes a millisecond,
so no index of hash bands is needed, which would be larger and miss some.
"""

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from query.tokens import terms

WORDS = 3
"""Of a shingle."""
PLACES = 128
"""Bytes per signature."""
SIMILAR = 0.25
"""The minimum estimated similarity of two articles in one story. Half of a text, or a text with half its paragraphs reworded,
has about 0.35; two reports of one event in different words have under 0.05."""
FEWEST = 12
"""Minimum shingles of a text to compare; shorter texts are similar by chance ("Subscribe to read on ...")."""

_PRIME = np.uint64(2**31 - 1)
_RANDOM = np.random.default_rng(20160314)
_FACTORS = _RANDOM.integers(1, 2**31 - 1, PLACES, dtype=np.uint64)
_OFFSETS = _RANDOM.integers(0, 2**31 - 1, PLACES, dtype=np.uint64)
_SAME_TEXT = timedelta(days=1)
"""How long a site's same text is the same article."""
_CHUNK = 4096
"""Shingles hashed at once; bounds the memory for a long text."""

Signature = NDArray[np.uint8]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The remembered signature of an article. `key` is its id."""

    key: str
    story: str
    seen: datetime
    signature: bytes
    """Empty if the text is too short to compare."""
    url: str = ""
    marks: tuple[str, ...] = ()
    """See `Article.marks`."""
    hearsay: bool = False
    """See `Article.hearsay`."""


def signature_of(text: str) -> bytes:
    """The signature of a text; empty if it is too short. Takes linear time."""
    words = [zlib.crc32(term.encode()) for term in terms(text)]
    if len(words) < FEWEST + WORDS - 1:
        return b""
    lowest = np.full(PLACES, _PRIME, dtype=np.uint64)
    shingles = _shingles(np.array(words, dtype=np.uint64))
    for start in range(0, len(shingles), _CHUNK):
        some = shingles[start : start + _CHUNK, None]
        np.minimum(lowest, ((some * _FACTORS + _OFFSETS) % _PRIME).min(axis=0), out=lowest)
    return _scrambled(lowest).tobytes()


def _shingles(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each three words in a row, each once, below `_PRIME`."""
    size = len(words) - WORDS + 1
    mixed = np.zeros(size, dtype=np.uint64)
    for place in range(WORDS):
        mixed = (mixed * np.uint64(0x9E3779B1) + words[place : place + size]) % np.uint64(2**61 - 1)
    return np.unique(mixed % _PRIME)


def _scrambled(lowest: NDArray[np.uint64]) -> Signature:
    """8 bits of each minimum. The minima are small numbers, so the bits are taken from a hash of them."""
    return ((lowest * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56)).astype(np.uint8)


class Stories:
    """Recent stories: the articles seen within `keep` of the newest, and at most `most`.

    Args:
        keep: how far back a story reaches.
        most: maximum number of articles; the oldest are dropped first.
        known: articles remembered from earlier runs.
    """

    def __init__(self, keep: timedelta, most: int, known: Iterable[Told] = ()) -> None:
        self._keep = keep
        self._most = most
        self._told: dict[str, Told] = {}
        self._marked: dict[str, str] = {}
        self._rows: list[str] = []
        self._signatures = np.zeros((PLACES, 0), dtype=np.uint8)  # a column each: so all are compared fastest
        for told in sorted(known, key=lambda one: one.seen):
            self._remember(told)

    def __len__(self) -> int:
        """How many articles are remembered."""
        return len(self._told)

    def __contains__(self, key: str) -> bool:
        """Whether an article is remembered, by its id."""
        return key in self._told

    def same(self, key: str, marks: Sequence[str], seen: datetime) -> Told | None:
        """The article that was told first of those that share a mark with another one; None if there is none.

        Args:
            key: the other article's id.
            marks: what tells it: those of a text for a day, those of an address as long as they are remembered.
            seen: when it was first seen.
        """
        for mark in marks:
            told = self._told.get(self._marked.get(mark, ""))
            if told and told.key != key and (mark[0] == "p" or abs(seen - told.seen) <= _SAME_TEXT):
                return told
        return None

    def relate(
        self,
        key: str,
        text: str,
        seen: datetime,
        *,
        url: str = "",
        marks: tuple[str, ...] = (),
        hearsay: bool = False,
    ) -> tuple[Told, Sequence[str]]:
        """The story of an article, and the keys dropped to make room for it. A known article keeps its story.

        Args:
            key: the article's id.
            text: title and text.
            seen: when it was first seen; a late article is remembered as if it were the newest.
            url: its URL.
            marks: what tells that another address is of the same article.
            hearsay: it was found through another site's feed.
        """
        known = self._told.get(key)
        if known:
            return known, ()
        signature = signature_of(text)
        told = Told(
            key=key,
            story=self._closest(signature) or key,
            seen=seen,
            signature=signature,
            url=url,
            marks=marks,
            hearsay=hearsay,
        )
        gone = tuple(self._outdated(seen))
        for old in gone:
            self._forget(self._told.pop(old))
        self._remember(told)
        return told, gone

    def _closest(self, signature: bytes) -> str | None:
        """The story of the most similar article, if it is similar enough; the earliest if several are equal."""
        if not signature:
            return None
        equal = self._equal_places(np.frombuffer(signature, dtype=np.uint8))
        alike = np.flatnonzero(equal >= _least_equal())
        told = (
            self._told.get(self._rows[row])
            for row in alike[np.argsort(-equal[alike].astype(int), kind="stable")]
        )
        return next((one.story for one in told if one), None)

    def _equal_places(self, signature: Signature) -> Signature:
        """The number of places in which each remembered signature equals the given one."""
        equal = np.zeros(len(self._rows), dtype=np.uint8)
        for place, value in zip(self._signatures, signature, strict=True):
            equal += place[: len(equal)] == value
        return equal

    def _outdated(self, newest: datetime) -> Iterator[str]:
        """The articles to drop to make room for one more; they are stored in order of arrival."""
        spare = len(self._told) + 1 - self._most
        for key, told in self._told.items():
            if spare <= 0 and told.seen >= newest - self._keep:
                return
            spare -= 1
            yield key

    def _forget(self, told: Told) -> None:
        for mark in told.marks:
            if self._marked.get(mark) == told.key:
                del self._marked[mark]

    def _remember(self, told: Told) -> None:
        self._told[told.key] = told
        for mark in told.marks:
            self._marked.setdefault(mark, told.key)
        if not told.signature:
            return
        if len(self._rows) == self._signatures.shape[1]:
            self._make_room()
        self._signatures[:, len(self._rows)] = np.frombuffer(told.signature, dtype=np.uint8)
        self._rows.append(told.key)

    def _make_room(self) -> None:
        """Remove dropped rows, and double the capacity for the others."""
        living = [row for row, key in enumerate(self._rows) if key in self._told]
        room = np.zeros((PLACES, max(1024, 2 * len(living))), dtype=np.uint8)
        room[:, : len(living)] = self._signatures[:, living]
        self._rows = [self._rows[row] for row in living]
        self._signatures = room


def _least_equal() -> int:
    """The places that must be equal for two texts to be similar; 1 in 256 is so by chance."""
    return math.ceil((SIMILAR * 255 / 256 + 1 / 256) * PLACES)
