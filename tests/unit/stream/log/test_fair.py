from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stream.log.base import Record
from stream.log.fair import Rota, gather

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class Source:
    """Partitions that hold the given numbers of records."""

    def __init__(self, sizes: list[int]) -> None:
        self.left = [list(range(size)) for size in sizes]

    def read(self, partition: int, limit: int) -> list[Record]:
        taken, self.left[partition] = self.left[partition][:limit], self.left[partition][limit:]
        return [Record("t", partition, offset, "", b"", 0, WHEN) for offset in taken]


@given(st.lists(st.integers(0, 20), max_size=6), st.integers(-1, 50))
def test_as_many_as_there_are_up_to_the_limit_in_order(sizes: list[int], limit: int) -> None:
    found = gather(range(len(sizes)), limit, Source(sizes).read)
    assert len(found) == max(0, min(limit, sum(sizes)))
    for partition in range(len(sizes)):
        offsets = [record.offset for record in found if record.partition == partition]
        assert offsets == list(range(len(offsets)))


def test_a_full_partition_leaves_room_for_the_others() -> None:
    found = gather([0, 1, 2], 9, Source([100, 2, 100]).read)
    assert [sum(record.partition == number for record in found) for number in range(3)] == [4, 2, 3]


def test_each_partition_has_its_turn_to_be_first() -> None:
    rota = Rota()
    assert [rota.order([4, 5, 6]) for _ in range(3)] == [[4, 5, 6], [5, 6, 4], [6, 4, 5]]
    assert rota.order([]) == []
