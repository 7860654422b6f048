from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from index.embedded.paging import Ranked, page

ranks = st.lists(st.integers(0, 3), max_size=40)


@given(ranks, st.integers(1, 7))
def test_pages_hold_each_hit_once_in_order_of_rank_and_id(ranks: list[int], limit: int) -> None:
    hits = [(rank, f"{(number * 7919) % 1009:04}") for number, rank in enumerate(sorted(ranks, reverse=True))]

    def top(count: int) -> Ranked:
        return hits[:count]

    def ids(found: Sequence[str]) -> Sequence[str]:
        return found

    pages = [page(top, ids, offset, limit) for offset in range(0, len(hits) + limit, limit)]
    assert [hit for hits_of_page in pages for hit in hits_of_page] == sorted(
        hits, key=lambda hit: (-hit[0], hit[1])
    )


def test_ids_are_requested_only_for_the_page_and_ties_at_its_ends() -> None:
    hits = [(rank, str(rank)) for rank in range(100, 0, -1)]
    asked: list[str] = []

    def ids(found: Sequence[str]) -> Sequence[str]:
        asked.extend(found)
        return found

    assert page(lambda count: hits[:count], ids, 50, 2) == [(50, "50"), (49, "49")]
    assert asked == ["50", "49", "48"]
