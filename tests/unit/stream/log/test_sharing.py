from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stream.log.sharing import share

members = st.lists(st.integers(1, 20), unique=True, max_size=8)
owners = st.lists(st.one_of(st.none(), st.integers(1, 20)), max_size=12).map(
    lambda held: dict(enumerate(held))
)


def test_no_members() -> None:
    assert share({0: 7, 1: None}, []) == {0: None, 1: None}


def test_a_newcomer_gets_the_surplus_only() -> None:
    assert share({0: 1, 1: 1, 2: 1, 3: 2, 4: 2}, [1, 2, 3]) == {0: 1, 1: 1, 2: 3, 3: 2, 4: 2}


@given(owners, members)
def test_every_partition_has_a_living_owner_and_the_shares_are_even(
    owners: dict[int, int | None], members: list[int]
) -> None:
    shared = share(owners, members)
    assert shared.keys() == owners.keys()
    counts = Counter(shared.values())
    if members:
        assert set(counts) <= set(members)
        held = [counts[member] for member in members]
        assert max(held) - min(held) <= 1


@given(owners, members)
def test_the_order_of_the_members_does_not_matter_and_a_second_time_changes_nothing(
    owners: dict[int, int | None], members: list[int]
) -> None:
    shared = share(owners, members)
    assert share(owners, members[::-1]) == shared
    assert share(shared, members) == shared


@given(owners, members.filter(lambda members: len(members) > 1))
def test_when_a_member_leaves_the_others_keep_their_partitions(
    owners: dict[int, int | None], members: list[int]
) -> None:
    before = share(owners, members)
    after = share(before, members[1:])
    assert {number: owner for number, owner in before.items() if owner != members[0]}.items() <= after.items()
