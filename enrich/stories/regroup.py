"""Decides whether two stories are one event, and whether one story is two.

An event that two outlets report in different words may begin as two stories, until a report comes that fits both. A report on
two events may chain them into one story, until it turns out that the other reports have nothing in common. Pure functions of
tables of similarities.
"""

import math

import numpy as np
from numpy.typing import NDArray

Similarities = NDArray[np.float32]
"""The similarity of each report (a row) to each other one (a column)."""

BEST = 0.6
"""The weight of a story's most similar report, against the mean of its most similar ones."""
BRIDGE = 1.4
"""How well a report must fit a second story to compare the two, as a multiple of the score for joining."""
MERGED = 0.5
"""How well the reports of two stories must fit the other story to merge them, as a multiple of the score for joining."""
SPLIT = 0.1
"""The mean similarity below which two halves of a story are two stories."""
SMALLEST = 2
"""The fewest reports of a half; a single one may just be short."""
_ROUNDS = 3


def score(alike: Similarities) -> float:
    """How well an article fits a story, from its similarities to the story's reports: the best, and the best few. In a story of
    many reports more have to be similar, so that one link does not chain two events together."""
    few = math.ceil(math.log2(len(alike) + 1))
    best = np.sort(alike)[-few:]
    return float(BEST * best[-1] + (1 - BEST) * best.mean())


def are_one(alike: Similarities, enough: float) -> bool:
    """Whether two stories are one event.

    Args:
        alike: the similarities of the reports of one story to those of the other.
        enough: the score for an article to join a story.
    """
    fits = (float(np.mean([score(row) for row in table])) for table in (alike, alike.T))
    return min(fits) >= MERGED * enough


def halves(alike: Similarities) -> NDArray[np.bool_] | None:
    """The reports of a story that belong to another event than its first one; None if it is one story.

    Args:
        alike: the similarities of its reports to each other, oldest first.
    """
    there = _two_sides(alike)
    if there[0]:
        there = ~there
    if min(there.sum(), (~there).sum()) < SMALLEST:
        return None
    return there if _without_bridge(alike[~there][:, there]).mean() < SPLIT else None


def _two_sides(alike: Similarities) -> NDArray[np.bool_]:
    """The reports on one of two sides, which grow from the two least similar reports."""
    apart = alike + np.eye(len(alike), dtype=np.float32) * 9
    one, other = np.unravel_index(int(apart.argmin()), alike.shape)
    side: NDArray[np.bool_] = alike[one] < alike[other]
    for _ in range(_ROUNDS):
        side = _fits(alike, ~side) < _fits(alike, side)
    return side


def _fits(alike: Similarities, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How well each report fits the given ones, not counting itself; 0 if there are no others."""
    fits = np.zeros(len(alike))
    for report in range(len(alike)):
        others = members.copy()
        others[report] = False
        fits[report] = score(alike[report, others]) if others.any() else 0.0
    return fits


def _without_bridge(across: Similarities) -> Similarities:
    """The similarities of two halves without the one report that has most in common with the other half."""
    rows, columns = across.sum(axis=1), across.sum(axis=0)
    if rows.max() >= columns.max():
        return np.delete(across, int(rows.argmax()), axis=0)
    return np.delete(across, int(columns.argmax()), axis=1)
