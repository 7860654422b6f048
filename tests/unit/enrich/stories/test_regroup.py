import numpy as np
import pytest

from enrich.stories.regroup import Similarities, are_one, halves, score


def table(*rows: list[float]) -> Similarities:
    return np.array(rows, dtype=np.float32)


def two_events(bridge: float) -> Similarities:
    """Four reports on one event and four on another; the fourth may tell of both."""
    alike = np.zeros((8, 8), dtype=np.float32)
    alike[:4, :4] = alike[4:, 4:] = 0.3
    alike[3, 4:] = alike[4:, 3] = bridge
    np.fill_diagonal(alike, 1)
    return alike


def test_of_many_reports_more_must_be_alike() -> None:
    one = score(np.array([0.3], dtype=np.float32))
    assert one == pytest.approx(0.3)
    assert score(np.array([0.3, 0, 0, 0], dtype=np.float32)) < one


def test_stories_are_one_if_the_reports_of_each_fit_the_other() -> None:
    assert are_one(table([0.3, 0.2], [0.2, 0.3]), enough=0.2)
    assert not are_one(table([0.3, 0.0], [0.0, 0.0], [0.0, 0.0]), enough=0.2)
    assert not are_one(table([0.05, 0.05]), enough=0.2)


def test_a_story_of_two_events_that_one_report_chained_is_two() -> None:
    found = halves(two_events(bridge=0.25))
    assert found is not None
    assert found.tolist() == [False] * 4 + [True] * 4


def test_a_story_whose_reports_are_alike_throughout_is_one() -> None:
    alike = np.full((8, 8), 0.2, dtype=np.float32)
    assert halves(alike) is None


def test_a_single_report_is_no_half() -> None:
    alike = np.full((4, 4), 0.3, dtype=np.float32)
    alike[3, :3] = alike[:3, 3] = 0
    assert halves(alike) is None
