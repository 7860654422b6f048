"""Where a topic in Kafka is cut."""

from hypothesis import given
from hypothesis import strategies as st

from stream.log.kafka.records import time_of
from stream.log.kafka.trim import PartitionSizes, cut_points

offsets = st.dictionaries(st.integers(0, 3), st.integers(0, 50))
all_offsets = st.fixed_dictionaries({number: st.integers(0, 50) for number in range(4)})


def test_the_furthest_requested_cut_counts_but_never_past_the_slowest_group() -> None:
    starts, slowest = {0: 0, 1: 5, 2: 3}, {0: 10, 1: 6, 2: 9}
    assert cut_points(starts, slowest, {0: 4, 1: 9}, {0: 7, 2: 1}) == {0: 7, 1: 6}


@given(all_offsets, all_offsets, offsets, offsets)
def test_a_cut_lies_after_the_start_and_before_what_a_group_still_needs(
    starts: dict[int, int], slowest: dict[int, int], age: dict[int, int], size: dict[int, int]
) -> None:
    for number, offset in cut_points(starts, slowest, age, size).items():
        assert starts[number] < offset <= slowest[number]
        assert offset <= max(age.get(number, 0), size.get(number, 0))


def held(sizes: PartitionSizes, end: int) -> list[tuple[int, int, int]]:
    return [(each.offset, each.size, (each.appended - time_of(0)).seconds) for each in sizes.held(0, end)]


def test_sizes_are_kept_from_the_start_on() -> None:
    sizes = PartitionSizes()
    assert held(sizes, 10) == []
    for offset in range(5, 9):
        sizes.add(offset, offset * 1000, offset * 10)
    assert held(sizes, 7) == [(5, 50, 5), (6, 60, 6)]
    sizes.forget_before(7)
    sizes.forget_before(3)
    assert held(sizes, 100) == [(7, 70, 7), (8, 80, 8)]
    assert sizes.total() == 150


def test_gaps_and_falling_times_do_no_harm() -> None:
    sizes = PartitionSizes()
    sizes.add(0, 9000, 10)
    sizes.add(3, 4000, 20)
    assert held(sizes, 10) == [(0, 10, 9), (1, 0, 9), (2, 0, 9), (3, 20, 9)]


def test_all_that_was_known_may_be_gone() -> None:
    sizes = PartitionSizes()
    sizes.add(0, 0, 10)
    sizes.forget_before(7)
    sizes.add(7, 0, 20)
    assert held(sizes, 10) == [(7, 20, 0)]
