from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.timetable import Timetable

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_head_start_is_out_at_once_and_the_rest_one_by_one() -> None:
    timetable = Timetable(START, head_start=3, every=2.0)

    assert [timetable.out(10, START + timedelta(seconds=s)) for s in (0, 1.9, 2, 4, 14, 99)] == [
        3,
        3,
        4,
        5,
        10,
        10,
    ]


def test_without_a_head_start_all_are_out() -> None:
    assert Timetable(START, None, 1.0).out(10, START) == 10


def test_nothing_is_out_before_its_time_with_a_head_start_of_none_at_all() -> None:
    assert Timetable(START, 0, 1.0).out(10, START) == 0


@given(st.integers(0, 50), st.floats(0.001, 1000), st.integers(0, 49))
def test_an_article_is_out_exactly_from_the_moment_it_appears(
    head_start: int, every: float, number: int
) -> None:
    timetable = Timetable(START, head_start, every)
    appears = timetable.appears(number)

    assert timetable.out(50, appears) > number
    if appears > START:
        assert timetable.out(50, appears - timedelta(microseconds=1)) <= number


@pytest.mark.parametrize(
    ("head_start", "every", "named"), [(-1, 1.0, "head_start"), (0, 0.0, "every"), (0, float("nan"), "every")]
)
def test_nonsense_is_refused_by_name(head_start: int, every: float, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Timetable(START, head_start, every)
