"""The state of a Kafka group member across rebalances."""

from datetime import UTC, datetime

from stream.log.base import Record
from stream.log.kafka.shelf import Holding, Shelf

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def records(first: int, count: int) -> list[Record]:
    return [Record("pages", 0, offset, "k", b"12345", 0, NOW) for offset in range(first, first + count)]


def shelf(*numbers: int) -> Shelf:
    made = Shelf()
    made.reassign(numbers, generation=1, member="me")
    for holding in made.held.values():
        holding.begin(0)
        holding.add(records(0, 3), 3)
    return made


def test_a_holding_hands_out_in_order_and_counts_bytes() -> None:
    holding = Holding(epoch=1)
    holding.begin(7)
    holding.add(records(7, 3), 10)
    assert holding.bytes == 15
    assert [record.offset for record in holding.take(2)] == [7, 8]
    assert (holding.handed, holding.fetched, holding.bytes) == (9, 10, 5)
    assert len(holding.take(5)) == 1
    assert holding.take(5) == []
    assert (holding.handed, holding.bytes) == (10, 0)


def test_what_stays_in_the_next_generation_is_kept_with_what_was_read_ahead() -> None:
    made = shelf(0, 1)
    before = dict(made.held)
    assert made.reassign([1, 2], generation=2, member="me") == {1}
    assert sorted(made.held) == [1, 2]
    assert made.held[1] is before[1]
    assert made.held[2].fetched is None


def test_a_generation_that_was_missed_breaks_the_ownership() -> None:
    """In between another may have had it."""
    made = shelf(0)
    epoch = made.held[0].epoch
    assert made.reassign([0], generation=3, member="me") == set()
    assert made.held[0].epoch != epoch
    assert not made.held[0].records


def test_so_does_a_new_name_in_the_group() -> None:
    assert shelf(0).reassign([0], generation=2, member="me again") == set()


def test_a_partition_without_a_position_starts_over() -> None:
    made = Shelf()
    made.reassign([0], generation=1, member="me")
    assert made.reassign([0], generation=2, member="me") == set()


def test_lost_and_regained_is_another_epoch() -> None:
    made = shelf(0)
    epoch = made.held[0].epoch
    made.reassign([], generation=2, member="me")
    made.reassign([0], generation=3, member="me")
    assert made.held[0].epoch > epoch


def test_a_member_considered_dead_loses_everything() -> None:
    made = shelf(0, 1)
    assert made.bytes() == 30
    made.lose_all()
    assert made.held == {}
    assert made.reassign([0, 1], generation=2, member="me") == set()
