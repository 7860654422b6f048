"""Measures how alike two texts are word for word, from two small fingerprints of each.

Texts are compared by their sets of three consecutive words (shingles; Broder 1997). The signature keeps, of each of `PLACES`
hash functions, 4 bits of the lowest value over the shingles (b-bit MinHash; Li and König 2010). The share of equal places
estimates the Jaccard similarity of the sets, with a standard deviation of at most 0.055. The sketch keeps the lowest few of the
shingles' own hashes (bottom-k; Cohen and Kaplan 2007): two texts that share a quarter nearly always have one in common, so an
index of them finds the texts to compare.
"""

import math
import zlib

import numpy as np
from numpy.typing import NDArray

from query.tokens import terms

WORDS = 3
"""Words of a shingle."""
PLACES = 80
"""Hash functions of a signature; two to a byte."""
SIGNATURE = PLACES // 2
"""Bytes of a signature."""
SKETCH = 6
"""Hashes of a sketch."""
SIMILAR = 0.25
"""The minimum estimated similarity of two copies. Half of a text, or a text with half its paragraphs reworded, has about 0.35;
two reports of one event in different words have under 0.05."""
FEWEST = 12
"""Minimum shingles of a text to compare; shorter texts are similar by chance ("Subscribe to read on ...")."""
LEAST_EQUAL = math.ceil((SIMILAR * 15 / 16 + 1 / 16) * PLACES)
"""Places that must be equal for two texts to be similar; 1 in 16 is equal by chance."""

_OLD_PLACES = 128
_PRIME = np.uint64(2**31 - 1)
_RANDOM = np.random.default_rng(20160314)
_FACTORS = _RANDOM.integers(1, 2**31 - 1, _OLD_PLACES, dtype=np.uint64)[:PLACES]
_OFFSETS = _RANDOM.integers(0, 2**31 - 1, _OLD_PLACES, dtype=np.uint64)[:PLACES]
_CHUNK = 4096
"""Shingles hashed at once; bounds the memory for a long text."""
_EQUAL = np.array([((byte & 15) == 0) + (byte >> 4 == 0) for byte in range(256)], dtype=np.uint8)
"""By the difference (XOR) of two bytes of a signature: how many of their two places are equal."""

Signature = NDArray[np.uint8]
Sketch = NDArray[np.uint32]


def fingerprints(text: str) -> tuple[Signature, Sketch]:
    """The signature and the sketch of a text; both empty if it is too short to compare. Takes linear time."""
    words = [zlib.crc32(term.encode()) for term in terms(text)]
    if len(words) < FEWEST + WORDS - 1:
        return np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint32)
    shingles = _shingles(np.array(words, dtype=np.uint64))
    lowest = np.full(PLACES, _PRIME, dtype=np.uint64)
    for start in range(0, len(shingles), _CHUNK):
        np.minimum(lowest, _lowest(shingles[start : start + _CHUNK, None]), out=lowest)
    return _packed(_scrambled(lowest)), _sketch(shingles)


def packed(old: bytes) -> Signature:
    """A signature in the earlier format of 128 bytes, converted: its places come from the same hash functions."""
    return _packed(np.frombuffer(old, dtype=np.uint8)[:PLACES])


def equal_places(signature: Signature, others: Signature) -> NDArray[np.int64]:
    """The number of places in which each row of a matrix of signatures equals the given one."""
    found: NDArray[np.int64] = _EQUAL[others ^ signature].sum(axis=1, dtype=np.int64)
    return found


def _shingles(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of each three words in a row, each once, in order, below `_PRIME`."""
    size = len(words) - WORDS + 1
    mixed = np.zeros(size, dtype=np.uint64)
    for place in range(WORDS):
        mixed = (mixed * np.uint64(0x9E3779B1) + words[place : place + size]) % np.uint64(2**61 - 1)
    return np.unique(mixed % _PRIME)


def _lowest(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The lowest value of each hash function. The remainder by 2^31 - 1 is taken by adding the upper bits to the lower ones."""
    mixed = shingles * _FACTORS
    mixed += _OFFSETS
    upper = mixed >> np.uint64(31)
    mixed &= _PRIME
    mixed += upper
    upper = mixed >> np.uint64(31)
    mixed &= _PRIME
    mixed += upper
    mixed[mixed == _PRIME] = 0
    lowest: NDArray[np.uint64] = mixed.min(axis=0)
    return lowest


def _scrambled(lowest: NDArray[np.uint64]) -> Signature:
    """8 bits of each minimum. The minima are small numbers, so the bits are taken from a hash of them."""
    return ((lowest * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56)).astype(np.uint8)


def _packed(places: Signature) -> Signature:
    """The lower 4 bits of each place, two to a byte."""
    lower = places & np.uint8(15)
    return lower[0::2] | lower[1::2] << np.uint8(4)


def _sketch(shingles: NDArray[np.uint64]) -> Sketch:
    """The lowest hashes; hashed once more, for the hashes of the shingles are the input of the signature."""
    mixed = (shingles * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    lowest = np.partition(mixed, SKETCH)[:SKETCH] if len(mixed) > SKETCH else mixed
    return np.sort(lowest).astype(np.uint32)
