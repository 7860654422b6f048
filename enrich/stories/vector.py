"""The subject of an article as a short vector: its rarest words and pairs of words, weighted.

Title and lead say what happened; the body says it again, with the background of every other report. So only the beginning is
used: the summary, or the first words of the text. A word of the title counts for more.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from enrich.stories.concepts import ENGLISH, Concept, concepts
from enrich.stories.rarity import FEATURE_BITS, Features, Rarity, feature_of

SIZE = 23
"""Features of a vector. Fewer distinguish two stories about the same people less well; more take memory."""
BYTES = 3 * SIZE
LEAD = 60
"""How many words of the summary, or of the text, are used."""
TITLE = 2.0
"""How often a word of the title counts."""
PAIR = 0.4
"""The weight of two words in a row, against that of one word."""
FEWEST_SHARED = 0.4
"""The least length of the part of a vector that can be compared with another language."""

_FEATURE_AT = 24 - FEATURE_BITS
_WEIGHT_BITS = _FEATURE_AT - 1
_SHARED = np.uint32(1 << _WEIGHT_BITS)
_HEAVIEST = (1 << _WEIGHT_BITS) - 1
_STEPS = 64
"""Steps of a weight between 0 and 1; anything above `_HEAVIEST` steps counts as that."""

Vector = NDArray[np.uint32]
"""Features, heaviest first, and their weights: the hash in the upper bits; a bit that says whether other languages have it;
below it the coordinate of a unit vector in steps of 1/64. Unused places are 0."""


def vector_of(title: str, lead: str, rarity: Rarity, language: str = ENGLISH) -> Vector:
    """The vector of an article.

    Args:
        title: its headline.
        lead: its summary or the beginning of its text.
        rarity: the current rarity of words.
        language: the language of both, ISO 639-1.
    """
    heading, beginning = concepts(title, language), concepts(lead, language, LEAD)
    rare = {one.name: rarity.of(one.term, one.name) for one in (*heading, *beginning) if _is_word(one.term)}
    shared = {one.name for one in (*heading, *beginning) if one.shared}
    weights = _weights(rare, {one.name for one in heading}, {one.name for one in beginning}, 1.0)
    marked = {feature_of(name) for name in shared}
    one, two = _pairs(heading, rare), _pairs(beginning, rare)
    weights |= _weights({pair: rarity.of(pair) for pair in one | two}, one, two, PAIR)
    return _quantised(sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:SIZE], marked)


def _is_word(term: str) -> bool:
    """Whether a term means something by itself, unlike the single letters left of `U.S.` and `don't`."""
    return len(term) > 1 or not term.isascii() or term.isdecimal()


def _pairs(words: Sequence[Concept], rare: Mapping[str, float]) -> set[str]:
    """Each two consecutive words that both mean something."""
    names = [one.name for one in words]
    return {f"{one} {two}" for one, two in pairwise(names) if rare.get(one, 0.0) and rare.get(two, 0.0)}


def _weights(
    rare: Mapping[str, float], heading: set[str], beginning: set[str], factor: float
) -> dict[int, float]:
    """The weight of each feature: its rarity, adjusted for its place."""
    return {
        feature_of(term): factor * rarity * (TITLE * (term in heading) + (term in beginning)) ** 0.5
        for term, rarity in rare.items()
        if rarity
    }


def _quantised(weights: Sequence[tuple[int, float]], shared: set[int]) -> Vector:
    vector = np.zeros(SIZE, dtype=np.uint32)
    length = sum(weight * weight for _, weight in weights) ** 0.5
    for place, (feature, weight) in enumerate(weights):
        step = min(max(round(weight / length * _STEPS), 1), _HEAVIEST)
        vector[place] = feature << _FEATURE_AT | (feature in shared) << _WEIGHT_BITS | step
    return vector


def features_of(vectors: Vector) -> Features:
    """The hashes of a vector, or of a matrix of vectors."""
    return vectors >> np.uint32(_FEATURE_AT)


def weights_of(vectors: Vector) -> NDArray[np.float32]:
    """The weights of a vector, or of a matrix of vectors."""
    return (vectors & np.uint32(_HEAVIEST)).astype(np.float32) / np.float32(_STEPS)


def similarities(vector: Vector, others: Vector) -> NDArray[np.float32]:
    """The cosine of a vector with each row of a matrix."""
    ours = vector[vector > 0]
    equal = features_of(others)[:, :, None] == features_of(ours)
    shared = (equal * weights_of(ours)).sum(axis=2, dtype=np.float32)
    found: NDArray[np.float32] = (shared * weights_of(others)).sum(axis=1, dtype=np.float32)
    return found


def similarities_across(vector: Vector, others: Vector) -> NDArray[np.float32]:
    """The cosine of a vector with each row of a matrix, whose articles are in another language: of what both languages have."""
    ours, theirs = _only_shared(vector), _only_shared(others)
    return similarities(ours, theirs) / (_length(ours) * _length(theirs))


def _only_shared(vectors: Vector) -> Vector:
    """Vectors without the features of a single language."""
    return np.where(vectors & _SHARED, vectors, np.uint32(0))


def _length(vectors: Vector) -> NDArray[np.float32]:
    """How much of vectors can be compared; at least `FEWEST_SHARED`, since little is alike by chance."""
    lengths: NDArray[np.float32] = np.sqrt((weights_of(vectors) ** 2).sum(axis=-1))
    return np.maximum(lengths, np.float32(FEWEST_SHARED))


def of_one_language(vectors: Vector) -> Vector:
    """Vectors of which it is not known what other languages have, too: an older wirewatch wrote them."""
    return vectors & ~_SHARED


def narrow(vectors: Vector) -> NDArray[np.uint8]:
    """The stored form of vectors: three bytes per feature."""
    wide = vectors.astype("<u4").view(np.uint8).reshape(*vectors.shape, 4)
    return np.ascontiguousarray(wide[..., :3]).reshape(*vectors.shape[:-1], BYTES)


def widen(stored: NDArray[np.uint8]) -> Vector:
    """The vectors that `narrow` stored."""
    wide = np.zeros((*stored.shape[:-1], SIZE, 4), dtype=np.uint8)
    wide[..., :3] = stored.reshape(*stored.shape[:-1], SIZE, 3)
    found: Vector = wide.view("<u4")[..., 0].astype(np.uint32)
    return found
