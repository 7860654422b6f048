"""How rare a word is in the news: from a table that ships with wirewatch, and from the articles of the last days.

The table (bench/make/build_word_rarity.py) serves until some hundred articles have come; it holds the share of headlines and
summaries that use a word. A name that is not in it is rare until the stream uses it often.
"""

import math
import zlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEATURE_BITS = 18
"""Bits of the hash that stands for a word, or for two in a row."""
RAREST = 8.0
"""The greatest rarity: one article in 3,000. Anything rarer is as likely a typo as a name."""
COMMONEST = 2.0
"""Words less rare than this (in more than one article in seven) are ignored."""

_ASSUMED = 6_500
"""How many articles the table counts for, beside those of the stream."""

Features = NDArray[np.uint32]


def feature_of(term: str) -> int:
    """The hash that stands for a word, or for two joined by a space; never 0."""
    return zlib.crc32(term.encode()) >> (32 - FEATURE_BITS) or 1


@lru_cache(1)
def shipped() -> Mapping[str, float]:
    """The share of articles that use each common word."""
    lines = files("enrich").joinpath("data/word_rarity.csv").read_text(encoding="utf-8").splitlines()
    rows = (line.split(",") for line in lines if not line.startswith("#"))
    return {word: int(count) / 1_000_000 for word, count in rows}


class Rarity:
    """The rarity of words, updated from the remembered articles.

    Args:
        table: the share of articles that use a word, by word.
    """

    def __init__(self, table: Mapping[str, float]) -> None:
        self._table = table
        self._used: NDArray[np.int32] = np.zeros(1 << FEATURE_BITS, dtype=np.int32)
        self._articles = 0

    def of(self, term: str, name: str = "") -> float:
        """Minus the logarithm of the share of articles that use a word; 0 if it is too common to matter.

        Args:
            term: as the table has it.
            name: its name in the articles' vectors; '' if that is the term.
        """
        lately = (int(self._used[feature_of(name or term)]) + 0.5) / (self._articles + _ASSUMED)
        rarity = min(-math.log(max(lately, self._table.get(term, 0.0))), RAREST)
        return rarity if rarity > COMMONEST else 0.0

    def learn(self, features: Features) -> None:
        """Count the features of articles, a row each; 0 is no feature."""
        self._count(features, 1)

    def forget(self, features: Features) -> None:
        """Subtract the features of articles that are no longer remembered."""
        self._count(features, -1)

    def state(self) -> dict[str, Any]:
        """What was counted, for `restore`."""
        return {"articles": self._articles, "used": self._used.tobytes()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Count on from a state."""
        self._articles = state["articles"]
        self._used = np.frombuffer(state["used"], dtype=np.int32).copy()

    def _count(self, features: Features, step: int) -> None:
        self._articles += step * len(features)
        np.add.at(self._used, features[features > 0], step)
