from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.stories import postings
from enrich.stories.postings import Postings

FEATURES = 64
LISTS = st.lists(st.lists(st.integers(1, FEATURES - 1), max_size=3, unique=True), max_size=60)


@pytest.fixture(autouse=True, scope="module")
def _few_are_recent() -> Iterator[None]:
    """So that a few rows are merged several times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "RECENT", 8)
        yield


def filled(rows: list[list[int]]) -> Postings:
    made = Postings(3, FEATURES)
    add(made, rows)
    return made


def add(made: Postings, rows: list[list[int]]) -> None:
    lines = np.zeros((len(rows), 3), dtype=np.uint32)
    for row, features in enumerate(rows):
        lines[row, : len(features)] = features
    for start in range(0, len(rows), 5):
        made.add(lines[start : start + 5])


def found(made: Postings, features: list[int], most: int = 10_000) -> list[tuple[int, int]]:
    rows, by = made.find(np.array(features, dtype=np.uint32), most)
    return sorted(zip(rows.tolist(), by.tolist(), strict=True))


def bearing(rows: list[list[int]], wanted: list[int]) -> list[tuple[int, int]]:
    return [
        (row, by) for row, features in enumerate(rows) for by, one in enumerate(wanted) if one in features
    ]


@given(LISTS, st.lists(st.integers(1, FEATURES - 1), min_size=1, max_size=4, unique=True))
def test_all_rows_with_a_feature_are_found_by_it(rows: list[list[int]], wanted: list[int]) -> None:
    assert found(filled(rows), wanted) == bearing(rows, wanted)


@given(LISTS, LISTS, st.integers(0, 60))
def test_the_others_are_found_after_the_oldest_were_dropped(
    rows: list[list[int]], later: list[list[int]], number: int
) -> None:
    number = min(number, len(rows))
    made = filled(rows)
    made.drop(number)
    add(made, later)
    wanted = list(range(1, FEATURES))
    assert found(made, wanted) == bearing(rows[number:] + later, wanted)


@given(LISTS, LISTS)
def test_a_state_is_continued(rows: list[list[int]], later: list[list[int]]) -> None:
    made = Postings(3, FEATURES)
    made.restore(filled(rows).state())
    add(made, later)
    wanted = list(range(1, FEATURES))
    assert found(made, wanted) == bearing(rows + later, wanted)


def test_a_rare_feature_gets_all_of_its_rows_and_a_common_one_the_newest() -> None:
    rows = [[1] if row % 20 else [2] for row in range(100)] + [
        [3]
    ] * 8  # those in chains are found in any case
    rare = [(row, 1) for row in range(0, 100, 20)]
    newest = [(row, 0) for row in range(100) if row % 20][-7:]
    assert found(filled(rows), [1, 2], most=12) == sorted(rare + newest)
