import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enrich.stories.chains import Chains

ROWS = st.lists(st.lists(st.integers(1, 40), max_size=3, unique=True), max_size=60)


def filled(rows: list[list[int]], buckets: int) -> Chains:
    chains = Chains(3, buckets)
    chains.make_room(len(rows))
    lines = np.zeros((len(rows), 3), dtype=np.uint32)
    for row, hashes in enumerate(rows):
        lines[row, : len(hashes)] = hashes
    for start in range(0, len(rows), 7):
        chains.add(start, lines[start : start + 7])
    return chains


@given(ROWS, st.integers(1, 40), st.integers(0, 60))
def test_rows_with_a_hash_are_found_and_dropped_ones_are_not(
    rows: list[list[int]], wanted: int, dropped: int
) -> None:
    dropped = min(dropped, len(rows))
    chains = filled(rows, 64)
    chains.drop(dropped, len(rows) - dropped)
    found, by = chains.find(np.array([wanted], dtype=np.uint32), most=100)
    bearing = [row - dropped for row, hashes in enumerate(rows) if wanted in hashes and row >= dropped]
    assert sorted(found.tolist()) == bearing
    assert set(by.tolist()) <= {0}


@given(ROWS, st.integers(1, 40))
def test_of_many_the_newest_are_found(rows: list[list[int]], wanted: int) -> None:
    found, _ = filled(rows, 64).find(np.array([wanted], dtype=np.uint32), most=2)
    bearing = [row for row, hashes in enumerate(rows) if wanted in hashes]
    assert sorted(found.tolist()) == bearing[-2:]


def test_a_row_is_found_once_per_shared_hash() -> None:
    chains = filled([[1, 2], [2, 3]], 64)
    found, by = chains.find(np.array([1, 2], dtype=np.uint32), most=9)
    assert sorted(zip(found.tolist(), by.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 1)]
