from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stream.window import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_offset_is_committed_only_when_all_before_it_are_done() -> None:
    window = Window()
    for offset in (5, 6, 7):
        window.take(0, offset, NOON)
    window.done(0, 6)
    assert window.committable() == {}
    window.done(0, 5)
    assert window.committable() == {0: 7}
    assert window.committable() == {}, "nothing moved since"
    window.done(0, 7)
    assert window.committable() == {0: 8}
    assert len(window) == 0


def test_it_is_settled_when_all_is_done_and_committed() -> None:
    window = Window()
    assert window.is_settled()
    window.take(0, 5, NOON)
    assert not window.is_settled()
    window.done(0, 5)
    assert not window.is_settled(), "its commit is still due"
    assert window.committable() == {0: 6}
    assert window.is_settled()


def test_a_lost_partition_is_dropped_and_starts_over() -> None:
    window = Window()
    window.take(0, 3, NOON)
    window.take(1, 9, NOON)
    window.keep({1: 1})
    window.done(0, 3)
    assert window.committable() == {}
    assert len(window) == 1
    window.take(0, 3, NOON)
    window.done(0, 3)
    assert window.committable() == {0: 4}


def test_a_partition_that_comes_back_further_behind_is_committed_from_there() -> None:
    window = Window()
    window.take(0, 8, NOON)
    window.done(0, 8)
    assert window.committable() == {0: 9}
    window.keep({})
    window.take(0, 3, NOON)
    window.done(0, 3)
    assert window.committable() == {0: 4}


def test_a_partition_that_was_away_unseen_is_committed_from_where_it_is_read_again() -> None:
    window = Window()
    window.keep({0: 1, 1: 1})
    for partition in (0, 1):
        window.take(partition, 8, NOON)
        window.done(partition, 8)
    assert window.committable() == {0: 9, 1: 9}  # but the commit of 0 was skipped
    window.keep({0: 2, 1: 1})
    window.take(0, 8, NOON)
    assert window.committable() == {}
    window.done(0, 8)
    assert window.committable() == {0: 9}


@given(st.permutations(range(12)), st.integers(0, 12))
def test_whatever_the_order_nothing_open_is_committed(order: list[int], done: int) -> None:
    window = Window()
    for offset in range(12):
        window.take(0, offset, NOON)
    committed = 0
    for offset in order[:done]:
        window.done(0, offset)
        committed = window.committable().get(0, committed)
        finished = set(order[: order.index(offset) + 1])
        assert set(range(committed)) <= finished
    assert len(window) == 12 - done
    assert (committed == 12) == (done == 12)


def test_the_oldest_message_is_the_first_unfinished_one_of_any_partition() -> None:
    window = Window()
    assert window.oldest() is None
    for partition, offset, minutes in ((0, 1, 3), (0, 2, 4), (1, 1, 2), (1, 2, 6)):
        window.take(partition, offset, NOON + timedelta(minutes=minutes))
    assert window.oldest() == NOON + timedelta(minutes=2)
    window.done(1, 1)
    assert window.oldest() == NOON + timedelta(minutes=3)
    for partition, offset in ((0, 1), (0, 2), (1, 2)):
        window.done(partition, offset)
    assert window.oldest() == NOON + timedelta(minutes=6), "the last one that was taken"
