import numpy as np
import pytest

from query.monitor.compiled import Compiled, rarest_first
from query.monitor.fresh import EXACT, Filed, Met

RATES = np.array([0.0, 0.5, 0.4, 0.3, 0.2, 0.1], np.float32)
FILED = (
    Filed(there=(1, 5), absent=(), slot=0, residue=EXACT),
    Filed(there=(2,), absent=(3,), slot=1, residue=0),
    Filed(there=(4, 3, 2, 1), absent=(5,), slot=2, residue=1),
)
ALL = np.ones(3, np.bool_)


def met(compiled: Compiled, *keys: int) -> set[tuple[int, int]]:
    return set(zip(*compiled.met_by(np.array(keys, np.int32)), strict=True))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), set()),
        ((1,), set()),
        ((1, 5), {(0, EXACT)}),
        ((5, 1, 2), {(0, EXACT), (1, 0)}),
        ((2, 3), set()),
        ((2, 3, 4), set()),  # 1 is missing
        ((1, 2, 3, 4), {(2, 1)}),
        ((1, 2, 3, 4, 5), {(0, EXACT)}),
        ((1, 5, len(RATES)), {(0, EXACT)}),
        ((1, 5, 600), {(0, EXACT)}),  # a key that is newer than what was compiled
    ],
)
def test_which_conjunctions_are_met(keys: tuple[int, ...], expected: set[tuple[int, int]]) -> None:
    assert met(Compiled.empty().merged(FILED, ALL, RATES), *keys) == expected


def test_an_empty_bulk_meets_nothing() -> None:
    assert Compiled.empty().met_by(np.array([1, 2], np.int32)) == Met([], [])


def test_merging_adds_queries_and_leaves_out_removed_ones() -> None:
    compiled = Compiled.empty().merged(FILED, ALL, RATES)
    more = (Filed(there=(1,), absent=(), slot=3, residue=EXACT),)
    merged = compiled.merged(more, np.array([True, False, True, True]), RATES)
    assert len(merged) == 3
    assert met(merged, 1, 2, 5) == {(0, EXACT), (3, EXACT)}
    assert merged.used(7).tolist() == [True, True, True, True, True, True, False]


def test_conjunctions_are_filed_under_the_currently_rarest_key() -> None:
    compiled = Compiled.empty().merged(FILED, ALL, RATES)
    changed = compiled.merged((), ALL, 1 - RATES)
    for keys in ((1, 5), (2,), (1, 2, 3, 4), (5,)):
        assert met(changed, *keys) == met(compiled, *keys)


def test_one_article_does_not_affect_the_next() -> None:
    compiled = Compiled.empty().merged(FILED, ALL, RATES)
    assert met(compiled, 1, 2, 3, 4, 5) == {(0, EXACT)}
    assert met(compiled, 2) == {(1, 0)}, "3 was in the article before, and 2 NOT 3 is silent ever since"
    assert met(compiled, 1) == set(), "5 was in the article before"


def test_required_keys_are_tested_first_starting_with_the_rarest() -> None:
    rows = np.array([[1, 5, 3, -2, -4, 0], [2, -1, 0, 0, 0, 0]], np.int32)
    assert rarest_first(rows, RATES).tolist() == [[5, 3, 1, -2, -4, 0], [2, -1, 0, 0, 0, 0]]
    assert rarest_first(rows[:, [1, 2, 0]], 1 - RATES).tolist() == [[1, 3, 5], [2, -1, 0]]
